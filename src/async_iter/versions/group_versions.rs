use std::fmt;

use crate::async_iter::tried::{
    Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on, step_or_next, try_seek_by,
};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator, Versioned};

/// All versions, which have to be waited for, in groups of one user key each, of which the rest can be passed over; made by
/// [`group_versions`](AsyncStorageIterator::group_versions).
///
/// Yields what the child yields, the newest version of each user key first; but [`next_user_key`](Self::next_user_key)
/// and [`seek_next_user_key`](Self::seek_next_user_key) move to the newest version of the user key behind that of the
/// entry where the iterator stands.
///
/// # Complexity
///
/// `next` is free. `next_user_key` makes one step of the child and one comparison for each version that it passes over,
/// `seek_next_user_key` makes one seek. The user key is copied into a buffer that is used again.
///
/// # Errors
///
/// The child's. The step stays open, as it does when the future is dropped: `next` completes it, that of `next_user_key` as well.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, GroupVersionsIterator};
///
/// # futures_executor::block_on(async {
/// let versions = [("a", 5), ("a", 3), ("a", 1), ("b", 4), ("b", 2)];
/// let versions = versions.map(|(key, sequence)| ((key, Reverse(sequence)), ()));
/// let mut versions = GroupVersionsIterator::new(FromSync::new(SliceIterator::new(&versions)));
/// assert_eq!((versions.next().await, versions.key()), (Ok(true), &("a", Reverse(5))));
/// assert_eq!((versions.next_user_key().await, versions.key()), (Ok(true), &("b", Reverse(4))));
/// assert_eq!(versions.next_user_key().await, Ok(false));
/// # });
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct GroupVersionsIterator<I: AsyncStorageIterator<Key: Versioned>> {
    sync: crate::GroupVersionsIterator<Tried<I>>,
}

impl<I: AsyncStorageIterator<Key: Versioned>> GroupVersionsIterator<I> {
    /// The versions of `child`.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, GroupVersionsIterator};
    /// # futures_executor::block_on(async {
    /// let versions = [((1, Reverse(2)), 'b'), ((1, Reverse(1)), 'a')];
    /// let versions = FromSync::new(SliceIterator::new(&versions));
    /// assert_eq!(GroupVersionsIterator::new(versions).count().await, Ok(2));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        GroupVersionsIterator { sync: crate::GroupVersionsIterator::new(Tried::new(child)) }
    }
}

impl<I> GroupVersionsIterator<I>
where
    I: AsyncStorageIterator<Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>>,
{
    /// Moves to the newest version of the next user key, step by step. The same as `next` when the iterator does not
    /// stand on an entry.
    ///
    /// # Errors
    ///
    /// The child's. The step stays open, as it does when the future is dropped: `next` completes it.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [((1, Reverse(2)), 'b'), ((1, Reverse(1)), 'a'), ((2, Reverse(1)), 'c')];
    /// let mut versions = FromSync::new(SliceIterator::new(&versions)).group_versions();
    /// assert_eq!((versions.next_user_key().await, versions.value()), (Ok(true), &'b'));
    /// assert_eq!((versions.next_user_key().await, versions.value()), (Ok(true), &'c'));
    /// # });
    /// ```
    pub async fn next_user_key(&mut self) -> Result<bool, I::Error> {
        self.sync.take_user_key();
        self.next().await
    }
}

impl<I> GroupVersionsIterator<I>
where
    I: AsyncSeekableIterator<Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>>,
{
    /// The same as [`next_user_key`](Self::next_user_key), by a seek: better where a user key has many versions.
    ///
    /// # Errors
    ///
    /// The child's. The step stays open, as it does when the future is dropped: `next` completes it.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [((1, Reverse(2)), 'b'), ((1, Reverse(1)), 'a'), ((2, Reverse(1)), 'c')];
    /// let mut versions = FromSync::new(SliceIterator::new(&versions)).group_versions();
    /// assert_eq!((versions.seek_next_user_key().await, versions.value()), (Ok(true), &'b'));
    /// assert_eq!((versions.seek_next_user_key().await, versions.value()), (Ok(true), &'c'));
    /// # });
    /// ```
    pub async fn seek_next_user_key(&mut self) -> Result<bool, I::Error> {
        step_or_next!(self, self.sync.seek_next_user_key())
    }
}

impl<I> AsyncStorageIterator for GroupVersionsIterator<I>
where
    I: AsyncStorageIterator<Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I> AsyncSeekableIterator for GroupVersionsIterator<I>
where
    I: AsyncSeekableIterator<Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>>,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

clone_by_sync!(
    GroupVersionsIterator<I>,
    I: AsyncStorageIterator<Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>> + Clone
);
debug_by_sync!(GroupVersionsIterator<I>, I: AsyncStorageIterator<Key: Versioned> + fmt::Debug);
