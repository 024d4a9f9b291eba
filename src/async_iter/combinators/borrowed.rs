use std::borrow::Borrow;
use std::fmt;

use crate::async_iter::tried::{Tried, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{Key, SeekableIterator, StorageIterator};

/// The entries of an asynchronous storage iterator lent as the types that they borrow as, made by
/// [`borrowed`](AsyncStorageIterator::borrowed).
///
/// Yields the child's entries in the child's order. It lets a source of `Vec<u8>`, `Bytes` or `&[u8]` be merged with one of
/// `[u8]`, such as a mem-table.
///
/// # Complexity
///
/// Free. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
///
/// # futures_executor::block_on(async {
/// let newer = [("b".to_string(), 2)];
/// let newer = FromSync::new(SliceIterator::new(&newer)).borrowed::<str, u8>();
/// let older = FromSync::new(SliceIterator::new(&[("a", 1), ("b", 1)])).borrowed();
/// let merged: Vec<(String, u8)> = newer.two_merge(older).collect().await?;
/// assert_eq!(merged, [("a".to_string(), 1), ("b".to_string(), 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BorrowedIterator<I, K: ?Sized, V: ?Sized> {
    sync: crate::BorrowedIterator<Tried<I>, K, V>,
}

impl<I, K: ?Sized, V: ?Sized> BorrowedIterator<I, K, V> {
    /// The entries of `child`, lent as `K` and `V`.
    ///
    /// ```
    /// # use storage_iter::PairsIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, BorrowedIterator, FromSync};
    /// let pairs = FromSync::new(PairsIterator::new([(String::from("a"), 1)]));
    /// let mut entries = BorrowedIterator::<_, str, u8>::new(pairs);
    /// assert_eq!(entries.try_next(), Some(Ok(true)));
    /// assert_eq!(entries.key(), "a");
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        BorrowedIterator { sync: crate::BorrowedIterator::new(Tried::new(child)) }
    }
}

impl<I, K, V> AsyncStorageIterator for BorrowedIterator<I, K, V>
where
    I: AsyncStorageIterator<Key: Borrow<K>, Value: Borrow<V>>,
    K: ?Sized + Key,
    V: ?Sized,
{
    type Key = K;
    type Value = V;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

/// As in [the synchronous one](crate::BorrowedIterator), the target is copied into a key of the child's type.
impl<I, K, V> AsyncSeekableIterator for BorrowedIterator<I, K, V>
where
    I: AsyncSeekableIterator<Key: Borrow<K> + Sized, Value: Borrow<V>>,
    K: ?Sized + Key + ToOwned<Owned = I::Key> + Sync,
    V: ?Sized,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

impl<I: Clone, K: ?Sized, V: ?Sized> Clone for BorrowedIterator<I, K, V> {
    fn clone(&self) -> Self {
        BorrowedIterator { sync: self.sync.clone() }
    }
}

impl<I: fmt::Debug, K: ?Sized, V: ?Sized> fmt::Debug for BorrowedIterator<I, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BorrowedIterator").field("sync", &self.sync).finish()
    }
}
