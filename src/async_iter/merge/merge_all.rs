use crate::async_iter::tried::{Tried, stand_on, try_seek_by};
use crate::async_iter::wait::{IN_FLIGHT, next_of_many};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, StorageIterator};

/// Many asynchronous storage iterators of one type merged into one order, with nothing left out.
///
/// Yields every entry of every child. Keys are non-decreasing, not strictly ascending: entries of one key follow each
/// other, that of the child with the smallest index, the newest, first.
///
/// # Complexity
///
/// The comparisons of [the synchronous one](crate::MergeAllIterator), with which it shares the algorithm. Allocates in `new`,
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
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeAllIterator};
///
/// # futures_executor::block_on(async {
/// let newer = [("a", 2), ("b", 2)];
/// let older = [("a", 1)];
/// let layers = [&newer[..], &older].map(|layer| FromSync::new(SliceIterator::new(layer)));
/// let versions: Vec<_> = MergeAllIterator::new(layers).collect().await?;
/// assert_eq!(versions, [("a", 2), ("a", 1), ("b", 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MergeAllIterator<I> {
    sync: crate::MergeAllIterator<Tried<I>>,
    in_flight: usize,
}

impl<I> MergeAllIterator<I> {
    /// Merges `children`, the newest first. Zero children are no error: there are no entries.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeAllIterator};
    /// # futures_executor::block_on(async {
    /// let layers = vec![vec![(1, "new")], vec![(1, "old"), (2, "old")]];
    /// let merged = MergeAllIterator::new(layers.iter().map(|layer| FromSync::new(SliceIterator::new(layer))));
    /// assert_eq!(merged.count().await, Ok(3));
    /// # });
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children = children.into_iter().map(Tried::new);
        MergeAllIterator { sync: crate::MergeAllIterator::new(children), in_flight: IN_FLIGHT }
    }

    /// Sets how many children are waited for at once, at least one; 64 if this is not called.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeAllIterator};
    /// # futures_executor::block_on(async {
    /// let sources = (0..100).map(|key| FromSync::new(OnceIterator::new(key, 'a')));
    /// assert_eq!(MergeAllIterator::new(sources).max_in_flight(8).count().await, Ok(100));
    /// # });
    /// ```
    pub fn max_in_flight(mut self, in_flight: usize) -> Self {
        self.in_flight = in_flight.max(1);
        self
    }

    /// The index of the child that the current entry came from; `None` when the merge does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeAllIterator};
    /// # futures_executor::block_on(async {
    /// let children = [OnceIterator::new(2, 'b'), OnceIterator::new(1, 'a')];
    /// let mut merged = MergeAllIterator::new(children.map(FromSync::new));
    /// assert_eq!(merged.source_index(), None);
    /// merged.next().await?;
    /// assert_eq!(merged.source_index(), Some(1));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.sync.source_index()
    }
}

impl<I: AsyncStorageIterator> AsyncStorageIterator for MergeAllIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = ChildError<I::Error>;

    next_of_many!(self, stopped_before => self.sync.unmoved(stopped_before));
    stand_on!(sync);
}

impl<I: AsyncSeekableIterator> AsyncSeekableIterator for MergeAllIterator<I> {
    try_seek_by!(self, key => self.sync.try_seek(key), self.sync.try_seek_to_first());
}

/// Merges the iterator's items, the newest first.
impl<I> FromIterator<I> for MergeAllIterator<I> {
    fn from_iter<T: IntoIterator<Item = I>>(children: T) -> Self {
        Self::new(children)
    }
}
