use std::fmt;

use crate::async_iter::tried::{Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{OrderError, SeekableIterator, StorageIterator};

/// An asynchronous storage iterator whose keys are checked to ascend strictly, made by
/// [`check_order`](AsyncStorageIterator::check_order).
///
/// Yields what the child yields, up to the first key that is equal to or less than the one before it. Put it around
/// sources that you do not trust, below the merge: a merge does not look for broken promises.
///
/// # Complexity
///
/// One comparison and one copy of the key a step, into a buffer that is reused ([`ToOwned::clone_into`]) and grows with
/// the longest key.
///
/// # Errors
///
/// [`OrderError::NotAscending`] with both keys, again at every further step, since a source that is out of order has no
/// right continuation; [`OrderError::Child`] for the child's own errors, which leave the step open.
///
/// ```
/// use storage_iter::async_iter::{AsyncStorageIterator, CheckOrderIterator, FromSync};
/// use storage_iter::{OrderError, SliceIterator};
///
/// # futures_executor::block_on(async {
/// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (3, "b"), (2, "c")]));
/// let mut entries = CheckOrderIterator::new(entries);
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!(entries.next().await, Err(OrderError::NotAscending { previous: 3, key: 2 }));
/// assert_eq!(entries.next().await, Err(OrderError::NotAscending { previous: 3, key: 2 }));
/// # });
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct CheckOrderIterator<I: AsyncStorageIterator<Key: ToOwned>> {
    sync: crate::CheckOrderIterator<Tried<I>>,
}

impl<I: AsyncStorageIterator<Key: ToOwned>> CheckOrderIterator<I> {
    /// `child`, checked.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, CheckOrderIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a'), (1, 'b')]));
    /// assert!(CheckOrderIterator::new(entries).count().await.is_err());
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        CheckOrderIterator { sync: crate::CheckOrderIterator::new(Tried::new(child)) }
    }
}

impl<I> AsyncStorageIterator for CheckOrderIterator<I>
where
    I: AsyncStorageIterator<Key: ToOwned<Owned: Send>>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = OrderError<I::Error, <I::Key as ToOwned>::Owned>;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut(), error => OrderError::Child(error));
    stand_on!(sync);
}

impl<I> AsyncSeekableIterator for CheckOrderIterator<I>
where
    I: AsyncSeekableIterator<Key: ToOwned<Owned: Send>>,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

clone_by_sync!(CheckOrderIterator<I>, I: AsyncStorageIterator<Key: ToOwned<Owned: Clone>> + Clone);
debug_by_sync!(CheckOrderIterator<I>, I: AsyncStorageIterator<Key: ToOwned> + fmt::Debug);
