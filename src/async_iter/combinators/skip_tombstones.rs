use crate::async_iter::tried::{Tried, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator, Tombstone};

/// The entries of an asynchronous storage iterator that are not deletions, made by
/// [`skip_tombstones`](AsyncStorageIterator::skip_tombstones).
///
/// Yields them in the child's order. It belongs above the merge of *all* layers, and bounds belong below it, as
/// [the synchronous one](crate::SkipTombstonesIterator) explains.
///
/// # Complexity
///
/// *O(skipped + 1)* steps of the child a step. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open; tombstones that were passed over are not read again.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, SkipTombstonesIterator};
///
/// # futures_executor::block_on(async {
/// let newer = FromSync::new(SliceIterator::new(&[("a", ""), ("b", "2")]));
/// let older = FromSync::new(SliceIterator::new(&[("a", "1"), ("c", "3")]));
/// let live: Vec<_> = SkipTombstonesIterator::new(newer.two_merge(older)).collect().await?;
/// assert_eq!(live, [("b", "2"), ("c", "3")]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct SkipTombstonesIterator<I> {
    sync: crate::SkipTombstonesIterator<Tried<I>>,
}

impl<I> SkipTombstonesIterator<I> {
    /// The entries of `child` that are not deletions.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, SkipTombstonesIterator};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, Some('a')), (2, None)]));
    /// assert_eq!(SkipTombstonesIterator::new(entries).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        SkipTombstonesIterator { sync: crate::SkipTombstonesIterator::new(Tried::new(child)) }
    }
}

impl<I> AsyncStorageIterator for SkipTombstonesIterator<I>
where
    I: AsyncStorageIterator<Value: Tombstone>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I> AsyncSeekableIterator for SkipTombstonesIterator<I>
where
    I: AsyncSeekableIterator<Value: Tombstone>,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}
