use std::fmt;

use crate::async_iter::tried::{Tried, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator};

/// The entries of an asynchronous storage iterator for which a predicate holds, made by
/// [`filter`](AsyncStorageIterator::filter).
///
/// Yields them in the child's order; ties are as the child has them. Put a filter above a merge, not into its children:
/// an entry that is left out below a merge no longer hides older ones.
///
/// # Complexity
///
/// One call of the predicate and one step of the child for each entry that the child has, *O(skipped + 1)* a step.
/// Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open, and the entries that were passed over are not looked at again.
///
/// # Panics
///
/// When the predicate does. The next call shows it the same entry again.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FilterIterator, FromSync};
///
/// # futures_executor::block_on(async {
/// let entries = FromSync::new(SliceIterator::new(&[("a", 3), ("b", 0), ("c", 5)]));
/// let mut positive = FilterIterator::new(entries, |_: &&str, value: &i32| *value > 0);
/// let mut keys = vec![];
/// while positive.next().await? {
///     keys.push(*positive.key());
/// }
/// assert_eq!(keys, ["a", "c"]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FilterIterator<I, P> {
    sync: crate::FilterIterator<Tried<I>, P>,
}

impl<I, P> FilterIterator<I, P> {
    /// The entries of `child` for which `predicate` holds.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FilterIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a'), (2, 'b')]));
    /// assert_eq!(FilterIterator::new(entries, |key: &i32, _: &char| *key > 1).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, predicate: P) -> Self {
        FilterIterator { sync: crate::FilterIterator::new(Tried::new(child), predicate) }
    }
}

impl<I, P> AsyncStorageIterator for FilterIterator<I, P>
where
    I: AsyncStorageIterator,
    P: FnMut(&I::Key, &I::Value) -> bool + Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, P> AsyncSeekableIterator for FilterIterator<I, P>
where
    I: AsyncSeekableIterator,
    P: FnMut(&I::Key, &I::Value) -> bool + Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

debug_by_sync!(FilterIterator<I, P>, I: fmt::Debug);
