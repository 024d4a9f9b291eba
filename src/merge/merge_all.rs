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

/// Many storage iterators of one type merged into one order, with nothing left out.
///
/// Yields every entry of every child. Keys are non-decreasing, not strictly ascending: entries of one key follow each
/// other, that of the child with the smallest index, the newest, first. What folds or compares versions wants this one;
/// who wants the newest only takes [`MergeIterator`](crate::MergeIterator).
///
/// A cursor where its children are ones. Backward the entries come out in exactly the reverse order, of one key the newest last; a
/// seek leads to the newest entry of a key, [`seek_for_prev`](BidirectionalIterator::seek_for_prev) to the oldest. The keys of each child
/// must ascend strictly.
///
/// # Complexity
///
/// The same as [`MergeIterator`](crate::MergeIterator): with *k* children the first step makes *k* - 1 comparisons, every
/// other one while one child goes on giving entries, ⌈log₂ *k*⌉ where children take turns, and now and then those that a change of its
/// way takes. Allocates in `new`, 32 bytes a child, and for one buffer as long as the longest key. Seeks and steps back take what they take
/// there, but for a seek to the very key that the merge stands on, which seeks every child.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open. A seek goes on to the other children when one fails, and
/// returns the first error.
///
/// ```
/// use storage_iter::{MergeAllIterator, SliceIterator, StorageIterator};
///
/// let newer = [("a", 2), ("b", 2)];
/// let older = [("a", 1)];
/// let merged = MergeAllIterator::new([SliceIterator::new(&newer), SliceIterator::new(&older)]);
/// let versions: Vec<_> = merged.collect()?;
/// assert_eq!(versions, [("a", 2), ("a", 1), ("b", 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MergeAllIterator<I> {
    merging: Merging<I, true>,
}

impl<I> MergeAllIterator<I> {
    /// Merges `children`, the newest first. Zero children are no error: there are no entries.
    ///
    /// ```
    /// # use storage_iter::{MergeAllIterator, OnceIterator, StorageIterator};
    /// assert_eq!(MergeAllIterator::new([OnceIterator::new(1, 'b'), OnceIterator::new(1, 'a')]).count(), Ok(2));
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        MergeAllIterator { merging: Merging::new(children) }
    }

    /// The index of the child that the current entry came from; `None` when the merge does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{MergeAllIterator, OnceIterator, StorageIterator};
    /// let mut merged = MergeAllIterator::new([OnceIterator::new(1, 'b'), OnceIterator::new(1, 'a')]);
    /// merged.next()?;
    /// assert_eq!(merged.source_index(), Some(0));
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
impl<I> MergeAllIterator<I> {
    /// For what a step that is open has to wait for.
    pub(crate) fn unmoved(&mut self, stopped_before: usize) -> Unmoved<'_, I> {
        self.merging.unmoved(stopped_before)
    }
}

#[cfg(feature = "async")]
impl<I: AsyncSeekableIterator> MergeAllIterator<Tried<I>> {
    pub(crate) fn try_seek(&mut self, key: &I::Key) -> Result<bool, ChildError<Stop<I::Error>>> {
        self.merging.seek::<ForwardByTrying>(key)
    }

    pub(crate) fn try_seek_to_first(&mut self) -> Result<bool, ChildError<Stop<I::Error>>> {
        self.merging.seek_to_start::<ForwardByTrying>()
    }
}

impl<I: StorageIterator> StorageIterator for MergeAllIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = ChildError<I::Error>;

    #[inline]
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

    fn num_active_iterators(&self) -> usize {
        self.merging.num_active_iterators()
    }
}

impl<I: SeekableIterator> SeekableIterator for MergeAllIterator<I> {
    #[inline]
    fn seek(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        self.merging.seek::<Forward>(key)
    }

    #[inline]
    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.merging.seek_to_start::<Forward>()
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for MergeAllIterator<I> {
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
impl<I> FromIterator<I> for MergeAllIterator<I> {
    fn from_iter<T: IntoIterator<Item = I>>(children: T) -> Self {
        Self::new(children)
    }
}
