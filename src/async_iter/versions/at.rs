use std::fmt;

use super::UserKey;
use crate::async_iter::tried::{Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator, Versioned};

/// What a snapshot sees of many versions that have to be waited for, made by [`at`](AsyncStorageIterator::at): for each user key
/// the newest version that is not newer than the snapshot.
///
/// Yields user keys in their order, each once, with the value of that version, as
/// [the synchronous one](crate::AtIterator) does. Tombstones are versions like others;
/// [`skip_tombstones`](AsyncStorageIterator::skip_tombstones), above this, leaves them out.
///
/// # Complexity
///
/// One step of the child and one comparison of user keys for each version, shown or passed over; versions that are too
/// new are not compared. Each user key that is shown is copied once into a buffer that is used again and grows with the
/// longest key. A seek is one of the child's, to the very version.
///
/// # Errors
///
/// The child's. The step stays open, as it does when the future is dropped, and versions that were passed over are not read
/// again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, AtIterator, FromSync};
///
/// # futures_executor::block_on(async {
/// let versions = [("a", 5, "a5"), ("a", 2, "a2"), ("b", 4, ""), ("b", 1, "b1")];
/// let versions = versions.map(|(user_key, sequence, value)| ((user_key, Reverse(sequence)), value));
/// let at = |snapshot| AtIterator::new(FromSync::new(SliceIterator::new(&versions)), snapshot);
/// assert_eq!(at(4).collect::<Vec<_>>().await?, [("a", "a2"), ("b", "")]);
/// assert_eq!(at(1).skip_tombstones().collect::<Vec<_>>().await?, [("b", "b1")]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct AtIterator<I: AsyncStorageIterator<Key: Versioned, Value: ToOwned>> {
    sync: crate::AtIterator<Tried<I>>,
}

impl<I: AsyncStorageIterator<Key: Versioned, Value: ToOwned>> AtIterator<I> {
    /// What `snapshot` sees of the versions of `child`: those with this number and with less.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, AtIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [((1, Reverse(5)), 'b'), ((1, Reverse(2)), 'a')];
    /// let versions = FromSync::new(SliceIterator::new(&versions));
    /// assert_eq!(AtIterator::new(versions, u64::MAX).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, snapshot: u64) -> Self {
        AtIterator { sync: crate::AtIterator::new(Tried::new(child), snapshot) }
    }
}

impl<I> AsyncStorageIterator for AtIterator<I>
where
    I: AsyncStorageIterator<Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>, Value: ToOwned<Owned: Send>>,
{
    type Key = UserKey<I>;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.visible.iterator_mut());
    stand_on!(sync);
}

impl<I> AsyncSeekableIterator for AtIterator<I>
where
    I: AsyncSeekableIterator<
            Key: Versioned<Owned: Send, UserKey: Sync + ToOwned<Owned: Send>>,
            Value: ToOwned<Owned: Send>,
        >,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

clone_by_sync!(
    AtIterator<I>,
    I: AsyncStorageIterator<
        Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>,
        Value: ToOwned<Owned: Clone>,
    > + Clone
);
debug_by_sync!(AtIterator<I>, I: AsyncStorageIterator<Key: Versioned, Value: ToOwned> + fmt::Debug);
