use std::fmt;

use crate::{ConcatSource, StorageIterator};

/// A [`ConcatSource`] made of a closure that opens a child.
///
/// ```
/// use storage_iter::{ConcatFn, ConcatIterator, SliceIterator, StorageIterator};
///
/// let days = [vec![("mon 8:00", 1), ("mon 9:30", 2)], vec![], vec![("wed 7:15", 3)]];
/// let week = ConcatIterator::new(ConcatFn::new(days.len(), |day| Ok(SliceIterator::new(&days[day]))));
/// assert_eq!(week.count(), Ok(3));
/// ```
#[derive(Clone)]
pub struct ConcatFn<F> {
    children: usize,
    open: F,
}

impl<F> ConcatFn<F> {
    /// A source of `children` children, each opened by a call of `open` with its number.
    ///
    /// ```
    /// # use storage_iter::{ConcatFn, ConcatIterator, OnceIterator, StorageIterator};
    /// let squares = ConcatFn::new(4, |child| Ok(OnceIterator::new(child, child * child)));
    /// assert_eq!(ConcatIterator::new(squares).collect(), Ok(vec![(0, 0), (1, 1), (2, 4), (3, 9)]));
    /// ```
    #[inline]
    pub fn new<I>(children: usize, open: F) -> Self
    where
        I: StorageIterator,
        F: FnMut(usize) -> Result<I, I::Error>,
    {
        ConcatFn { children, open }
    }
}

impl<F, I> ConcatSource for ConcatFn<F>
where
    I: StorageIterator<Key: ToOwned>,
    F: FnMut(usize) -> Result<I, I::Error>,
{
    type Child = I;

    #[inline]
    fn child_count(&self) -> usize {
        self.children
    }

    #[inline]
    fn open(&mut self, child: usize) -> Result<I, I::Error> {
        (self.open)(child)
    }
}

impl<F> fmt::Debug for ConcatFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcatFn").field("children", &self.children).finish_non_exhaustive()
    }
}
