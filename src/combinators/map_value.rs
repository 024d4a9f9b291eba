use std::fmt;

use super::child::{Child, cursor_by_passing, stand_on_child};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// The entries of a storage iterator with a part or a view of each value, made by
/// [`map_value`](StorageIterator::map_value).
///
/// Yields the child's keys in the child's order. The map goes from reference to reference, so it can choose a field, a
/// subslice or a variant, but not compute a new value: there is no place to keep one that costs nothing when unused.
///
/// # Complexity
///
/// The map runs in `value`, not in `next`: as often as the value is looked at; in `for_each` and `count` once an entry. Allocates
/// nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// # Panics
///
/// `value` panics when the map does.
///
/// ```
/// use storage_iter::{MapValueIterator, SliceIterator, StorageIterator};
///
/// // Values that carry a checksum in front.
/// let entries = SliceIterator::new(&[("a", [7, 7, 1, 2])]);
/// let mut payloads = MapValueIterator::new(entries, |value: &[u8; 4]| &value[2..]);
/// payloads.next()?;
/// assert_eq!(payloads.value(), [1, 2]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MapValueIterator<I, F> {
    pub(crate) child: Child<I>,
    map: F,
}

impl<I, F> MapValueIterator<I, F> {
    /// The entries of `child` with `map` applied to each value.
    ///
    /// ```
    /// # use storage_iter::{MapValueIterator, SliceIterator, StorageIterator};
    /// let mut entries = MapValueIterator::new(SliceIterator::new(&[(1, "abc")]), |value: &&'static str| &value[1..]);
    /// entries.next()?;
    /// assert_eq!(entries.value(), "bc");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn new<U: ?Sized>(child: I, map: F) -> Self
    where
        I: StorageIterator,
        F: Fn(&I::Value) -> &U,
    {
        MapValueIterator { child: Child::new(child), map }
    }
}

impl<I, U, F> MapValueIterator<I, F>
where
    I: StorageIterator,
    U: ?Sized,
    F: Fn(&I::Value) -> &U,
{
    #[inline]
    fn pass(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        self.child.pass(step)
    }
}

impl<I, U, F> StorageIterator for MapValueIterator<I, F>
where
    I: StorageIterator,
    U: ?Sized,
    F: Fn(&I::Value) -> &U,
{
    type Key = I::Key;
    type Value = U;
    type Error = I::Error;

    cursor_by_passing!(next);

    #[inline]
    fn value(&self) -> &U {
        (self.map)(self.child.value())
    }

    #[inline]
    fn for_each_while<G>(self, mut f: G) -> Result<bool, Self::Error>
    where
        G: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        let MapValueIterator { child, map } = self;
        child.into_iterator().for_each_while(|key, value| f(key, map(value)))
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        self.child.shared_prefix_len()
    }

    stand_on_child!(key);
}

impl<I, U, F> SeekableIterator for MapValueIterator<I, F>
where
    I: SeekableIterator,
    U: ?Sized,
    F: Fn(&I::Value) -> &U,
{
    cursor_by_passing!(seek);
}

impl<I, U, F> BidirectionalIterator for MapValueIterator<I, F>
where
    I: BidirectionalIterator,
    U: ?Sized,
    F: Fn(&I::Value) -> &U,
{
    cursor_by_passing!(prev);
}

impl<I: fmt::Debug, F> fmt::Debug for MapValueIterator<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapValueIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
