use crate::async_iter::tried::{Stop, Tried, next_by_steps, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::combinators::{Child, stand_on_child};
use crate::{FuseError, SeekableIterator, StorageIterator};

/// An asynchronous storage iterator whose first error is final, made by [`fuse`](AsyncStorageIterator::fuse).
///
/// Yields what the child yields, until the child fails. From then on every step answers `Err`, and the child is not
/// asked again. A future that is dropped is no error: the step goes on.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Allocates nothing.
///
/// # Errors
///
/// The child's first error as [`FuseError::First`], then [`FuseError::Again`] for ever.
///
/// ```
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, FuseIterator};
/// use storage_iter::{FuseError, SliceIterator};
///
/// # futures_executor::block_on(async {
/// let unsorted = FromSync::new(SliceIterator::new(&[(1, "a"), (1, "b")])).check_order();
/// let mut entries = FuseIterator::new(unsorted);
/// assert_eq!(entries.next().await, Ok(true));
/// assert!(matches!(entries.next().await, Err(FuseError::First(_))));
/// assert_eq!(entries.next().await, Err(FuseError::Again));
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FuseIterator<I> {
    child: Child<Tried<I>>,
    failed: bool,
}

impl<I> FuseIterator<I> {
    /// `child`, until its first error.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, FuseIterator};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a')]));
    /// assert_eq!(FuseIterator::new(entries).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        FuseIterator { child: Child::new(Tried::new(child)), failed: false }
    }
}

impl<I: AsyncStorageIterator> FuseIterator<I> {
    #[inline]
    fn walk(
        &mut self,
        step: impl FnOnce(&mut Tried<I>) -> Result<bool, Stop<I::Error>>,
    ) -> Result<bool, Stop<FuseError<I::Error>>> {
        if self.failed {
            return Err(Stop::Failed(FuseError::Again));
        }
        self.child.pass(step).map_err(|stop| stop.map(|error| self.fail(error)))
    }

    fn fail(&mut self, error: I::Error) -> FuseError<I::Error> {
        self.failed = true;
        FuseError::First(error)
    }
}

impl<I: AsyncStorageIterator> AsyncStorageIterator for FuseIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = FuseError<I::Error>;

    next_by_steps!(
        self,
        self.walk(StorageIterator::next),
        self.child.iterator_mut(),
        error => self.fail(error)
    );
    stand_on_child!(key, value, shared_prefix_len);
}

impl<I: AsyncSeekableIterator> AsyncSeekableIterator for FuseIterator<I> {
    try_seek_by!(self, key => self.walk(|child| child.seek(key)), self.walk(SeekableIterator::seek_to_first));
}
