use super::OverlapError;
use crate::StorageIterator;

/// What a [`ConcatIterator`](crate::ConcatIterator) opens its children through.
///
/// The children are numbered in the order of their keys: every key of child 0 is below every key of child 1, and so on. They
/// are opened one at a time, when their turn comes, and dropped when they are left; a cursor that comes back opens the child
/// again. Made by hand for a type of your own, the level of a tree of files, say, or of a closure:
/// [`ConcatFn`](crate::ConcatFn), and [`ConcatRanges`](crate::ConcatRanges) where the key ranges are known.
///
/// ```
/// use std::convert::Infallible;
/// use storage_iter::{ConcatIterator, ConcatSource, SortedRun, SortedRunIterator, StorageIterator};
///
/// /// A level: runs whose keys follow one another.
/// struct Level<'a>(&'a [SortedRun]);
///
/// impl<'a> ConcatSource for Level<'a> {
///     type Child = SortedRunIterator<'a>;
///
///     fn child_count(&self) -> usize {
///         self.0.len()
///     }
///
///     fn open(&mut self, child: usize) -> Result<SortedRunIterator<'a>, Infallible> {
///         Ok(self.0[child].iter())
///     }
/// }
/// assert_eq!(ConcatIterator::new(Level(&[])).count()?, 0);
/// # Ok::<(), storage_iter::ChildError<Infallible>>(())
/// ```
pub trait ConcatSource {
    /// What a child is once it is open.
    type Child: StorageIterator<Key: ToOwned>;

    /// How many children there are.
    ///
    /// ```
    /// use storage_iter::{ConcatFn, ConcatSource, OnceIterator};
    ///
    /// assert_eq!(ConcatFn::new(3, |child| Ok(OnceIterator::new(child, 'a'))).child_count(), 3);
    /// ```
    fn child_count(&self) -> usize;

    /// Opens a child, before its first entry.
    ///
    /// # Errors
    ///
    /// What hinders it, in the words of the child. It is asked again for the same child by the next step.
    ///
    /// ```
    /// use storage_iter::{ConcatFn, ConcatSource, OnceIterator, StorageIterator};
    ///
    /// let mut source = ConcatFn::new(3, |child| Ok(OnceIterator::new(child, 'a')));
    /// assert_eq!(source.open(2)?.count(), Ok(1));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn open(&mut self, child: usize) -> Result<Self::Child, <Self::Child as StorageIterator>::Error>;
}

/// The key type of a source's children.
type KeyOf<S> = <<S as ConcatSource>::Child as StorageIterator>::Key;

/// A [`ConcatSource`] that knows the range of each child's keys without opening it, so that a seek opens the right one.
///
/// The ranges ascend and do not overlap, no bound is outside of a child's range, and each is as tight as the source can tell:
/// a seek to a key in the range of a child without such keys goes on to the next child.
///
/// ```
/// use std::convert::Infallible;
/// use storage_iter::{ConcatIterator, ConcatSource, RangedConcatSource, SeekableIterator, SliceIterator, StorageIterator};
///
/// /// A sorted slice, in chunks.
/// struct Chunks<'a>(&'a [(u64, char)]);
///
/// impl<'a> Chunks<'a> {
///     fn chunk(&self, child: usize) -> &'a [(u64, char)] {
///         self.0.chunks(2).nth(child).expect("one of the children")
///     }
/// }
///
/// impl<'a> ConcatSource for Chunks<'a> {
///     type Child = SliceIterator<'a, u64, char>;
///
///     fn child_count(&self) -> usize {
///         self.0.len().div_ceil(2)
///     }
///
///     fn open(&mut self, child: usize) -> Result<Self::Child, Infallible> {
///         Ok(SliceIterator::new(self.chunk(child)))
///     }
/// }
///
/// impl RangedConcatSource for Chunks<'_> {
///     fn first_key(&self, child: usize) -> &u64 {
///         &self.chunk(child).first().expect("chunks are not empty").0
///     }
///
///     fn last_key(&self, child: usize) -> &u64 {
///         &self.chunk(child).last().expect("chunks are not empty").0
///     }
/// }
///
/// let mut entries = ConcatIterator::new(Chunks(&[(1, 'a'), (2, 'b'), (5, 'c')]));
/// assert_eq!(entries.seek(&3)?, true);
/// assert_eq!(entries.key(), &5);
/// # Ok::<(), storage_iter::ChildError<Infallible>>(())
/// ```
pub trait RangedConcatSource: ConcatSource {
    /// A key that no key of the child is below: its first one, as a rule.
    ///
    /// ```
    /// use storage_iter::{ConcatRanges, OnceIterator, OverlapError, RangedConcatSource};
    ///
    /// let source = ConcatRanges::new([(1, 1), (2, 2)], |child| Ok(OnceIterator::new(child + 1, 'a')))?;
    /// assert_eq!(source.first_key(1), &2);
    /// # Ok::<(), OverlapError<usize>>(())
    /// ```
    fn first_key(&self, child: usize) -> &<Self::Child as StorageIterator>::Key;

    /// A key that no key of the child is above: its last one, as a rule.
    ///
    /// ```
    /// use storage_iter::{ConcatRanges, OnceIterator, OverlapError, RangedConcatSource};
    ///
    /// let source = ConcatRanges::new([(1, 3), (5, 9)], |child| Ok(OnceIterator::new(5 * child, 'a')))?;
    /// assert_eq!(source.last_key(0), &3);
    /// # Ok::<(), OverlapError<usize>>(())
    /// ```
    fn last_key(&self, child: usize) -> &<Self::Child as StorageIterator>::Key;

    /// Checks that the ranges ascend and do not overlap, by two comparisons a child. [`ConcatRanges`](crate::ConcatRanges) does
    /// so when it is made.
    ///
    /// # Errors
    ///
    /// The first range that does not, with the two keys that show it.
    ///
    /// ```
    /// use storage_iter::{ConcatRanges, OnceIterator, OverlapError, RangedConcatSource};
    ///
    /// let source = ConcatRanges::new([(1, 3), (5, 9)], |child| Ok(OnceIterator::new(5 * child, 'a')))?;
    /// assert!(source.check_ranges().is_ok());
    /// # Ok::<(), OverlapError<usize>>(())
    /// ```
    fn check_ranges(&self) -> Result<(), OverlapError<<KeyOf<Self> as ToOwned>::Owned>> {
        check_ranges(self.child_count(), |child| (self.first_key(child), self.last_key(child)))
    }
}

/// Checks ranges, given as their first and last keys.
pub(super) fn check_ranges<'k, K: ?Sized + Ord + ToOwned + 'k>(
    children: usize,
    range: impl Fn(usize) -> (&'k K, &'k K),
) -> Result<(), OverlapError<K::Owned>> {
    let mut previous_last: Option<&K> = None;
    for child in 0..children {
        let (first, last) = range(child);
        if let Some(previous_last) = previous_last
            && previous_last >= first
        {
            let (previous_last, first) = (previous_last.to_owned(), first.to_owned());
            return Err(OverlapError::Overlap { child, previous_last, first });
        }
        if first > last {
            return Err(OverlapError::Inverted { child, first: first.to_owned(), last: last.to_owned() });
        }
        previous_last = Some(last);
    }
    Ok(())
}
