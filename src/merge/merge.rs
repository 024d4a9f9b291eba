use super::merging::Merging;
#[cfg(feature = "async")]
use super::merging::Unmoved;
#[cfg(feature = "async")]
use crate::async_iter::AsyncSeekableIterator;
#[cfg(feature = "async")]
use crate::async_iter::tried::{Stop, Tried};
#[cfg(feature = "async")]
use crate::walk::ForwardByTrying;
use crate::walk::{Backward, Forward};
use crate::{BidirectionalIterator, ChildError, SeekableIterator, StorageIterator};

/// Many storage iterators of one type merged into one order, the newest first.
///
/// Yields every key that any child has, once, in ascending order. On equal keys the child with the smallest index wins,
/// whatever the values are, and the others' entries are skipped: index 0 is the newest layer, and a tombstone in it hides
/// the older entries. The merge itself does not know tombstones; put
/// [`skip_tombstones`](StorageIterator::skip_tombstones) above it. For children of two different types see
/// [`TwoMergeIterator`](crate::TwoMergeIterator).
///
/// A cursor where its children are ones: it seeks, and it walks both ways. Backward the same entries come out, for the same child
/// wins. A merge that only ever descends is one over children whose keys are [`Descending`](crate::Descending).
///
/// # Complexity
///
/// With *k* children: the first step moves each child once and makes *k* - 1 comparisons. For every entry that a later
/// step moves past it makes one comparison while one child goes on giving entries, and at most ⌈log₂ *k*⌉ where children take turns;
/// none of them is made to find duplicates. Which of the two it is, it finds out as it goes. To change its way takes
/// *k* (⌈log₂ *k*⌉ + 2) comparisons at most, and at least *k* entries lie between two changes. (With more than 1,024 children it does
/// as if they always took turns.) For keys that have bytes or fit an integer ([`Key`](crate::Key))
/// most comparisons are one integer comparison that does not touch the keys: of the 8 bytes behind those that all keys begin with, or,
/// where too many keys tie in these, of offset-value codes. (In a run of keys of which more than the first 16 bytes are the same, each is
/// compared with one other key.) To begin with others takes *k* comparisons, at most 64 times in a merge.
/// Allocates in `new`, 32 bytes a child, and for one buffer as long as the longest key. Children are asked to
/// [`prefetch`](StorageIterator::prefetch) what they lend next.
///
/// A seek to a key that lies ahead seeks the children that lag behind it, each of them once, and makes ⌈log₂ *k*⌉ + 1 comparisons
/// for each. Any other seek seeks every child and makes *k* - 1 comparisons, and so many makes a step in the other direction than
/// the last one, which moves every child by one step. `prev` after `prev` takes what `next` does. None of these allocates, except
/// for a list of the children that have failed.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open: `next` goes on with the child that failed, and does
/// not touch those that have moved. A seek goes on to the other children when one fails, and returns the first error.
///
/// ```
/// use storage_iter::{BidirectionalIterator, MergeIterator, SeekableIterator, SliceIterator, StorageIterator};
///
/// let newest = [("a", 3), ("d", 3)];
/// let older = [("a", 2), ("b", 2)];
/// let oldest = [("b", 1), ("c", 1)];
/// let mut merged = MergeIterator::new([&newest, &older, &oldest].map(|layer| SliceIterator::new(layer)));
/// let mut shown = vec![];
/// while merged.next()? {
///     shown.push((*merged.key(), *merged.value(), merged.source_index().unwrap()));
/// }
/// assert_eq!(shown, [("a", 3, 0), ("b", 2, 1), ("c", 1, 2), ("d", 3, 0)]);
///
/// assert!(merged.seek(&"bb")? && merged.prev()?);
/// assert_eq!((*merged.key(), *merged.value()), ("b", 2));
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MergeIterator<I> {
    merging: Merging<I, false>,
}

impl<I> MergeIterator<I> {
    /// Merges `children`, the newest first. Zero children are no error: there are no entries.
    ///
    /// ```
    /// # use storage_iter::{MergeIterator, SliceIterator, StorageIterator};
    /// let layers = vec![vec![(1, "new")], vec![(1, "old"), (2, "old")]];
    /// let merged = MergeIterator::new(layers.iter().map(|layer| SliceIterator::new(layer)));
    /// assert_eq!(merged.count(), Ok(2));
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        MergeIterator { merging: Merging::new(children) }
    }

    /// The index of the child that the current entry came from; `None` when the merge does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{MergeIterator, OnceIterator, StorageIterator};
    /// let mut merged = MergeIterator::new([OnceIterator::new(2, 'b'), OnceIterator::new(1, 'a')]);
    /// assert_eq!(merged.source_index(), None);
    /// merged.next()?;
    /// assert_eq!(merged.source_index(), Some(1));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.merging.source_index()
    }
}

#[cfg(feature = "async")]
impl<I> MergeIterator<I> {
    /// For what a step that is open has to wait for.
    pub(crate) fn unmoved(&mut self, stopped_before: usize) -> Unmoved<'_, I> {
        self.merging.unmoved(stopped_before)
    }
}

#[cfg(feature = "async")]
impl<I: AsyncSeekableIterator> MergeIterator<Tried<I>> {
    pub(crate) fn try_seek(&mut self, key: &I::Key) -> Result<bool, ChildError<Stop<I::Error>>> {
        self.merging.seek::<ForwardByTrying>(key)
    }

    pub(crate) fn try_seek_to_first(&mut self) -> Result<bool, ChildError<Stop<I::Error>>> {
        self.merging.seek_to_start::<ForwardByTrying>()
    }
}

impl<I: StorageIterator> StorageIterator for MergeIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = ChildError<I::Error>;

    // Always: what it does for one child or two is less than a call.
    #[inline(always)]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.merging.next()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.merging.is_valid()
    }

    #[inline]
    fn key(&self) -> &I::Key {
        self.merging.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.merging.value()
    }

    /// Faster than a loop around `next` where there is one child or two: as fast as a loop around the child, or around a
    /// [`TwoMergeIterator`](crate::TwoMergeIterator).
    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&I::Key, &I::Value) -> bool,
    {
        self.merging.for_each_while(f)
    }

    fn num_active_iterators(&self) -> usize {
        self.merging.num_active_iterators()
    }
}

impl<I: SeekableIterator> SeekableIterator for MergeIterator<I> {
    #[inline]
    fn seek(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        self.merging.seek::<Forward>(key)
    }

    #[inline]
    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.merging.seek_to_start::<Forward>()
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for MergeIterator<I> {
    #[inline]
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.merging.prev()
    }

    #[inline]
    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.merging.seek_to_start::<Backward>()
    }

    #[inline]
    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        self.merging.seek::<Backward>(key)
    }
}

/// Merges the iterator's items, the newest first.
impl<I> FromIterator<I> for MergeIterator<I> {
    fn from_iter<T: IntoIterator<Item = I>>(children: T) -> Self {
        Self::new(children)
    }
}
