use crate::{ConcatSource, StorageIterator};

/// A [`ConcatSource`] of children that exist already.
///
/// Each can be taken out once, which is enough to go forwards.
///
/// ```
/// use storage_iter::{ConcatChildren, ConcatIterator, PairsIterator, StorageIterator};
///
/// let halves = [vec![(1, 'a'), (2, 'b')], vec![(3, 'c')]].map(PairsIterator::new);
/// let all = ConcatIterator::new(ConcatChildren::new(halves));
/// assert_eq!(all.count(), Ok(3));
/// ```
#[derive(Clone, Debug)]
pub struct ConcatChildren<I> {
    children: Vec<Option<I>>,
}

impl<I> ConcatChildren<I> {
    /// `children`, whose keys follow one another.
    ///
    /// ```
    /// # use storage_iter::{ConcatChildren, ConcatSource, EmptyIterator};
    /// let children = ConcatChildren::new([EmptyIterator::<u64, u64>::new()]);
    /// assert_eq!(children.child_count(), 1);
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        ConcatChildren { children: children.into_iter().map(Some).collect() }
    }
}

impl<I: StorageIterator<Key: ToOwned>> ConcatSource for ConcatChildren<I> {
    type Child = I;

    #[inline]
    fn child_count(&self) -> usize {
        self.children.len()
    }

    /// # Panics
    ///
    /// When the child was opened before.
    #[inline]
    fn open(&mut self, child: usize) -> Result<I, I::Error> {
        Ok(self.children[child].take().expect("a child that exists already is taken out once"))
    }
}
