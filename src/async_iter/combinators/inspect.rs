use std::fmt;

use crate::async_iter::tried::{Tried, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator};

/// The entries of an asynchronous storage iterator, each shown to a closure on its way, made by
/// [`inspect`](AsyncStorageIterator::inspect).
///
/// Yields what the child yields. The closure runs in the step, once for each entry.
///
/// # Complexity
///
/// One call of the closure a step. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open; the closure is not called for a step that failed or was dropped.
///
/// # Panics
///
/// When the closure does. The next call shows it the same entry again.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, InspectIterator};
///
/// # futures_executor::block_on(async {
/// let mut largest = 0;
/// let entries = FromSync::new(SliceIterator::new(&[("a", 3), ("b", 9), ("c", 5)]));
/// InspectIterator::new(entries, |_: &&str, size: &i32| largest = largest.max(*size)).count().await?;
/// assert_eq!(largest, 9);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct InspectIterator<I, F> {
    sync: crate::InspectIterator<Tried<I>, F>,
}

impl<I, F> InspectIterator<I, F> {
    /// The entries of `child`, each shown to `inspect`.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, InspectIterator};
    /// # futures_executor::block_on(async {
    /// let mut seen = vec![];
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a')]));
    /// InspectIterator::new(entries, |key: &i32, _: &char| seen.push(*key)).count().await?;
    /// assert_eq!(seen, [1]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    pub fn new(child: I, inspect: F) -> Self {
        InspectIterator { sync: crate::InspectIterator::new(Tried::new(child), inspect) }
    }
}

impl<I, F> AsyncStorageIterator for InspectIterator<I, F>
where
    I: AsyncStorageIterator,
    F: FnMut(&I::Key, &I::Value) + Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, F> AsyncSeekableIterator for InspectIterator<I, F>
where
    I: AsyncSeekableIterator,
    F: FnMut(&I::Key, &I::Value) + Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

debug_by_sync!(InspectIterator<I, F>, I: fmt::Debug);
