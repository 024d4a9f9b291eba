use std::borrow::Borrow;
use std::fmt;

use super::UserKey;
use crate::async_iter::tried::{Tried, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{RangeTombstones, SeekableIterator, StorageIterator, Versioned};

/// The versions that no range tombstone deletes, of those that have to be waited for, made by [`mask`](AsyncStorageIterator::mask).
///
/// Yields them in the child's order, as [the synchronous one](crate::MaskIterator) does. It belongs between the merge of all
/// layers and [`at`](AsyncStorageIterator::at) or [`collect_garbage`](AsyncStorageIterator::collect_garbage), with the tombstones of
/// all these layers.
///
/// # Complexity
///
/// *O(masked + 1)* steps of the child a step, and for each of them two comparisons of user keys while they stay within
/// one fragment, at most four if they come to the next one, and *O(log fragments)* otherwise. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open, as it does when the future is dropped, and versions that were passed over are not read
/// again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MaskIterator};
/// use storage_iter::{RangeTombstone, RangeTombstones, SliceIterator};
///
/// # futures_executor::block_on(async {
/// let versions = [("a", 1, 'a'), ("b", 7, 'B'), ("b", 2, 'b'), ("c", 3, 'c')];
/// let versions = versions.map(|(user_key, sequence, value)| ((user_key, Reverse(sequence)), value));
/// let deleted: RangeTombstones<&str> = [RangeTombstone { start: "b", end: "d", sequence: 5 }].into_iter().collect();
/// let masked = MaskIterator::new(FromSync::new(SliceIterator::new(&versions)), &deleted, 9);
/// assert_eq!(masked.at(9).collect::<Vec<_>>().await?, [("a", 'a'), ("b", 'B')]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MaskIterator<I, T> {
    sync: crate::MaskIterator<Tried<I>, T>,
}

impl<I, T> MaskIterator<I, T> {
    /// The versions of `child` that none of `tombstones` deletes, as far as `snapshot` sees them.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MaskIterator};
    /// # use storage_iter::{RangeTombstone, RangeTombstones, SliceIterator};
    /// # futures_executor::block_on(async {
    /// let deleted: RangeTombstones<u64> = [RangeTombstone { start: 1, end: 4, sequence: 5 }].into_iter().collect();
    /// let versions = [((3, Reverse(2)), 'a'), ((4, Reverse(2)), 'b')];
    /// let versions = FromSync::new(SliceIterator::new(&versions));
    /// assert_eq!(MaskIterator::new(versions, &deleted, u64::MAX).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, tombstones: T, snapshot: u64) -> Self
    where
        I: AsyncStorageIterator<Key: Versioned>,
        T: Borrow<RangeTombstones<UserKey<I>>>,
    {
        MaskIterator { sync: crate::MaskIterator::new(Tried::new(child), tombstones, snapshot) }
    }
}

impl<I, T> AsyncStorageIterator for MaskIterator<I, T>
where
    I: AsyncStorageIterator<Key: Versioned>,
    T: Borrow<RangeTombstones<UserKey<I>>> + Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, T> AsyncSeekableIterator for MaskIterator<I, T>
where
    I: AsyncSeekableIterator<Key: Versioned>,
    T: Borrow<RangeTombstones<UserKey<I>>> + Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

debug_by_sync!(MaskIterator<I, T>, I: fmt::Debug);
