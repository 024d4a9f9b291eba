use std::borrow::Borrow;
use std::fmt;

use super::source::check_ranges;
use crate::key::Shown;
use crate::{ConcatSource, Key, OverlapError, RangedConcatSource, StorageIterator};

/// A [`RangedConcatSource`] made of the children's key ranges and a closure that opens a child.
///
/// `B` is what a range is given in: `Vec<u8>` where the keys are `[u8]`, say.
///
/// ```
/// use storage_iter::{ConcatIterator, ConcatRanges, SeekableIterator, SliceIterator, StorageIterator};
///
/// let files = [vec![("a", 1), ("c", 2)], vec![("d", 3), ("h", 4)]];
/// let ranges = files.each_ref().map(|file| (file[0].0, file[file.len() - 1].0));
/// let mut opened = vec![];
/// let source = ConcatRanges::new(ranges, |file| {
///     opened.push(file);
///     Ok(SliceIterator::new(&files[file]))
/// })?;
/// let mut level = ConcatIterator::new(source);
/// assert_eq!(level.seek(&"e"), Ok(true));
/// assert_eq!(level.key(), &"h");
/// drop(level);
/// assert_eq!(opened, [1]);
/// # Ok::<(), storage_iter::OverlapError<&str>>(())
/// ```
#[derive(Clone)]
pub struct ConcatRanges<B, F> {
    ranges: Vec<(B, B)>,
    open: F,
}

impl<B, F> ConcatRanges<B, F> {
    /// A source of one child for each of `ranges`, the pairs of a child's first and last key, opened by a call of `open` with its
    /// number.
    ///
    /// # Errors
    ///
    /// When the ranges do not ascend, or overlap.
    ///
    /// ```
    /// # use storage_iter::{ConcatRanges, OnceIterator, OverlapError};
    /// let overlapping = ConcatRanges::new([("a", "k"), ("k", "z")], |_| Ok(OnceIterator::new("k", 1)));
    /// let error = OverlapError::Overlap { child: 1, previous_last: "k", first: "k" };
    /// assert_eq!(overlapping.unwrap_err(), error);
    /// ```
    pub fn new<I>(ranges: impl IntoIterator<Item = (B, B)>, open: F) -> Result<Self, OverlapError<B>>
    where
        B: Key + Clone,
        I: StorageIterator,
        F: FnMut(usize) -> Result<I, I::Error>,
    {
        let ranges: Vec<(B, B)> = ranges.into_iter().collect();
        check_ranges(ranges.len(), |child| (&ranges[child].0, &ranges[child].1))?;
        Ok(ConcatRanges { ranges, open })
    }
}

impl<B, F, I> ConcatSource for ConcatRanges<B, F>
where
    I: StorageIterator<Key: ToOwned>,
    F: FnMut(usize) -> Result<I, I::Error>,
{
    type Child = I;

    #[inline]
    fn child_count(&self) -> usize {
        self.ranges.len()
    }

    #[inline]
    fn open(&mut self, child: usize) -> Result<I, I::Error> {
        (self.open)(child)
    }
}

impl<B, F, I> RangedConcatSource for ConcatRanges<B, F>
where
    B: Borrow<I::Key>,
    I: StorageIterator<Key: ToOwned>,
    F: FnMut(usize) -> Result<I, I::Error>,
{
    #[inline]
    fn first_key(&self, child: usize) -> &I::Key {
        self.ranges[child].0.borrow()
    }

    #[inline]
    fn last_key(&self, child: usize) -> &I::Key {
        self.ranges[child].1.borrow()
    }
}

impl<B: Key, F> fmt::Debug for ConcatRanges<B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<_> = self.ranges.iter().map(|(first, last)| (Shown(first), Shown(last))).collect();
        f.debug_struct("ConcatRanges").field("ranges", &ranges).finish_non_exhaustive()
    }
}
