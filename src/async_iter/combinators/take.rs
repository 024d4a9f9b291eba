use crate::StorageIterator;
use crate::async_iter::AsyncStorageIterator;
use crate::async_iter::tried::{Tried, next_by_steps, stand_on};

/// The first entries of an asynchronous storage iterator, up to a number, made by [`take`](AsyncStorageIterator::take).
///
/// Yields them in the child's order. A limit counts what a reader sees, so put it above the merge and its filters.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Once the number is reached the child is not asked again. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open, and a step that failed or was dropped does not count.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TakeIterator};
///
/// # futures_executor::block_on(async {
/// let mut page = TakeIterator::new(FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b")])), 1);
/// assert_eq!(page.next().await, Ok(true));
/// assert_eq!(page.next().await, Ok(false));
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TakeIterator<I> {
    sync: crate::TakeIterator<Tried<I>>,
}

impl<I> TakeIterator<I> {
    /// The first `count` entries of `child`.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TakeIterator};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a')]));
    /// assert_eq!(TakeIterator::new(entries, 5).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, count: usize) -> Self {
        TakeIterator { sync: crate::TakeIterator::new(Tried::new(child), count) }
    }
}

impl<I: AsyncStorageIterator> AsyncStorageIterator for TakeIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}
