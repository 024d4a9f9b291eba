use crate::async_iter::tried::{Tried, stand_on, try_seek_by};
use crate::async_iter::wait::{IN_FLIGHT, next_of_many};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, StorageIterator};

/// Many asynchronous storage iterators of one type merged into one order, the newest first.
///
/// Yields every key that any child has, once, in ascending order. On equal keys the child with the smallest index wins,
/// whatever the values are, and the others' entries are skipped. For children of two different types, a mem-table and files
/// for example, see [`TwoMergeIterator`](crate::async_iter::TwoMergeIterator).
///
/// # Complexity
///
/// The comparisons of [the synchronous one](crate::MergeIterator), with which it shares the algorithm. Allocates in `new`,
/// about 24 bytes a child beside the child, and for one buffer as long as the longest key; and once a child where the first
/// step has to wait.
///
/// The first step begins the steps of all children before it waits for any: up to
/// [`max_in_flight`](Self::max_in_flight) at once, so opening many sources takes as long as opening the slowest, and so does a seek. Later steps
/// wait for one child after the other; sources that [read ahead](crate::async_iter::BlockIterator) make that rare.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open, as it does when the future is dropped: `next` goes
/// on with the children that have not moved, and does not touch those that have.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeIterator};
///
/// # futures_executor::block_on(async {
/// let newest = [("a", 3), ("d", 3)];
/// let older = [("a", 2), ("b", 2)];
/// let oldest = [("b", 1), ("c", 1)];
/// let layers = [&newest, &older, &oldest].map(|layer| FromSync::new(SliceIterator::new(layer)));
/// let mut merged = MergeIterator::new(layers);
/// let mut shown = vec![];
/// while merged.next().await? {
///     shown.push((*merged.key(), *merged.value(), merged.source_index().unwrap()));
/// }
/// assert_eq!(shown, [("a", 3, 0), ("b", 2, 1), ("c", 1, 2), ("d", 3, 0)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MergeIterator<I> {
    sync: crate::MergeIterator<Tried<I>>,
    in_flight: usize,
}

impl<I> MergeIterator<I> {
    /// Merges `children`, the newest first. Zero children are no error: there are no entries.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeIterator};
    /// # futures_executor::block_on(async {
    /// let layers = vec![vec![(1, "new")], vec![(1, "old"), (2, "old")]];
    /// let merged = MergeIterator::new(layers.iter().map(|layer| FromSync::new(SliceIterator::new(layer))));
    /// assert_eq!(merged.count().await, Ok(2));
    /// # });
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children = children.into_iter().map(Tried::new);
        MergeIterator { sync: crate::MergeIterator::new(children), in_flight: IN_FLIGHT }
    }
}

super::merge_of_many!(MergeIterator);
