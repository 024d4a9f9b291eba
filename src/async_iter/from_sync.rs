use super::tried::stand_on;
use super::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator};

/// A storage iterator of the synchronous kind as an asynchronous one that never waits.
///
/// Yields what the iterator yields. It is how a mem-table takes part in a merge with files that are read
/// asynchronously. Only lift what does not block: a source that reads a file would hold up the whole executor.
///
/// # Complexity
///
/// Free. Allocates nothing. As nothing is waited for, a long scan does not give other tasks a turn: see
/// [`yield_every`](AsyncStorageIterator::yield_every).
///
/// # Errors
///
/// The iterator's. The step stays open.
///
/// ```
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
/// use storage_iter::SliceIterator;
///
/// # futures_executor::block_on(async {
/// let mut entries = FromSync::new(SliceIterator::new(&[("a", ""), ("b", "1")])).skip_tombstones();
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!(entries.key(), &"b");
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FromSync<I> {
    iterator: I,
}

impl<I> FromSync<I> {
    /// Lifts `iterator`.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// assert_eq!(FromSync::new(OnceIterator::new(1, 'a')).try_next(), Some(Ok(true)));
    /// ```
    #[inline]
    pub fn new(iterator: I) -> Self {
        FromSync { iterator }
    }

    /// The iterator.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// # use storage_iter::async_iter::FromSync;
    /// assert_eq!(FromSync::new(OnceIterator::new(1, 'a')).into_inner().count(), Ok(1));
    /// ```
    #[inline]
    pub fn into_inner(self) -> I {
        self.iterator
    }
}

impl<I: StorageIterator + Send> AsyncStorageIterator for FromSync<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    async fn next(&mut self) -> Result<bool, I::Error> {
        self.iterator.next()
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, I::Error>> {
        Some(self.iterator.next())
    }

    stand_on!(iterator);
}

impl<I: SeekableIterator<Key: Sync> + Send> AsyncSeekableIterator for FromSync<I> {
    #[inline]
    fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, I::Error>> {
        Some(self.iterator.seek(key))
    }

    #[inline]
    fn try_seek_to_first(&mut self) -> Option<Result<bool, I::Error>> {
        Some(self.iterator.seek_to_first())
    }
}
