use std::fmt;

use crate::async_iter::tried::{Tried, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator};

/// The entries of an asynchronous storage iterator with a part or a view of each value, made by
/// [`map_value`](AsyncStorageIterator::map_value).
///
/// Yields the child's keys in the child's order. The map goes from reference to reference: it can choose a field, a
/// subslice or a variant.
///
/// # Complexity
///
/// The map runs in `value`, not in the step: as often as the value is looked at. Allocates nothing.
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
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MapValueIterator};
///
/// # futures_executor::block_on(async {
/// // Values that carry a checksum in front.
/// let entries = FromSync::new(SliceIterator::new(&[("a", [7, 7, 1, 2])]));
/// let mut payloads = MapValueIterator::new(entries, |value: &[u8; 4]| &value[2..]);
/// payloads.next().await?;
/// assert_eq!(payloads.value(), [1, 2]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MapValueIterator<I, F> {
    sync: crate::MapValueIterator<Tried<I>, F>,
}

impl<I, F> MapValueIterator<I, F> {
    /// The entries of `child` with `map` applied to each value.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MapValueIterator};
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "abc")]));
    /// let mut entries = MapValueIterator::new(entries, |value: &&'static str| &value[1..]);
    /// assert_eq!(entries.try_next(), Some(Ok(true)));
    /// assert_eq!(entries.value(), "bc");
    /// ```
    #[inline]
    pub fn new<U: ?Sized>(child: I, map: F) -> Self
    where
        I: AsyncStorageIterator,
        F: Fn(&I::Value) -> &U,
    {
        MapValueIterator { sync: crate::MapValueIterator::new(Tried::new(child), map) }
    }
}

impl<I, U, F> AsyncStorageIterator for MapValueIterator<I, F>
where
    I: AsyncStorageIterator,
    U: ?Sized,
    F: Fn(&I::Value) -> &U + Send,
{
    type Key = I::Key;
    type Value = U;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, U, F> AsyncSeekableIterator for MapValueIterator<I, F>
where
    I: AsyncSeekableIterator,
    U: ?Sized,
    F: Fn(&I::Value) -> &U + Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

debug_by_sync!(MapValueIterator<I, F>, I: fmt::Debug);
