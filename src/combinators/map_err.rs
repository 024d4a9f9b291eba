use std::fmt;

use super::child::{Child, cursor_by_passing, stand_on_child};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// The entries of a storage iterator with its errors turned into others, made by [`map_err`](StorageIterator::map_err).
///
/// Yields what the child yields. Use it to give all children of a merge one error type, or to add what only the caller
/// knows: a file's name, a level's number.
///
/// # Complexity
///
/// One call of the map for each error. Allocates nothing.
///
/// # Errors
///
/// The child's, mapped. The step stays open.
///
/// # Panics
///
/// When the map does; that error is lost, the step is still open.
///
/// ```
/// use storage_iter::{MapErrIterator, ResultPairsIterator, StorageIterator};
///
/// let pairs = ResultPairsIterator::new([Err::<(u64, u64), _>("bad checksum")]);
/// let mut entries = MapErrIterator::new(pairs, |error| format!("level 3: {error}"));
/// assert_eq!(entries.next(), Err("level 3: bad checksum".to_string()));
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MapErrIterator<I, F> {
    child: Child<I>,
    map: F,
}

impl<I, F> MapErrIterator<I, F> {
    /// The entries of `child`, with `map` applied to each error.
    ///
    /// ```
    /// # use storage_iter::{FuseError, MapErrIterator, ResultPairsIterator, StorageIterator};
    /// let pairs = ResultPairsIterator::new([Err::<(u8, u8), _>(1)]);
    /// let mut entries = MapErrIterator::new(pairs, |error: FuseError<i32>| error.into_first().unwrap() + 1);
    /// assert_eq!(entries.next(), Err(2));
    /// ```
    #[inline]
    pub fn new<E>(child: I, map: F) -> Self
    where
        I: StorageIterator,
        F: FnMut(I::Error) -> E,
    {
        MapErrIterator { child: Child::new(child), map }
    }
}

impl<I, E, F> MapErrIterator<I, F>
where
    I: StorageIterator,
    F: FnMut(I::Error) -> E,
{
    #[inline]
    fn pass(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, E> {
        self.child.pass(step).map_err(&mut self.map)
    }
}

impl<I, E, F> StorageIterator for MapErrIterator<I, F>
where
    I: StorageIterator,
    F: FnMut(I::Error) -> E,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = E;

    cursor_by_passing!(next);

    #[inline]
    fn for_each_while<G>(self, f: G) -> Result<bool, Self::Error>
    where
        G: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.child.into_iterator().for_each_while(f).map_err(self.map)
    }

    stand_on_child!(key, value, shared_prefix_len);
}

impl<I, E, F> SeekableIterator for MapErrIterator<I, F>
where
    I: SeekableIterator,
    F: FnMut(I::Error) -> E,
{
    cursor_by_passing!(seek);
}

impl<I, E, F> BidirectionalIterator for MapErrIterator<I, F>
where
    I: BidirectionalIterator,
    F: FnMut(I::Error) -> E,
{
    cursor_by_passing!(prev);
}

impl<I: fmt::Debug, F> fmt::Debug for MapErrIterator<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapErrIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
