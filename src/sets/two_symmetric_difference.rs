use super::TwoSides;
use super::pairing::Pairing;
use crate::walk::{Backward, Forward, Seek, WalkBoth, cursor_by_seeking};
use crate::{BidirectionalIterator, ChildError, SeekableIterator, StorageIterator};

/// The keys that one of two storage iterators has and the other has not.
///
/// Yields them in ascending order. The value is [`TwoSides`], which has the value of the first or that of the second. For more than two
/// children it is a filter of their union, see [`Sides`](crate::Sides).
///
/// # Complexity
///
/// One comparison for each key that either child has, while both have entries, so *O(common keys + 1)* a step. A seek is one of
/// each child. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, and keys that were passed over are not
/// looked at again.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, TwoSymmetricDifferenceIterator};
///
/// let here = SliceIterator::new(&[("a", 1), ("b", 1)]);
/// let there = SliceIterator::new(&[("b", 1), ("c", 1)]);
/// let mut unmatched = TwoSymmetricDifferenceIterator::new(here, there);
/// let mut shown = vec![];
/// while unmatched.next()? {
///     shown.push((*unmatched.key(), unmatched.value().left().is_some()));
/// }
/// assert_eq!(shown, [("a", true), ("c", false)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoSymmetricDifferenceIterator<A, B> {
    pairing: Pairing<A, B, true>,
}

impl<A, B> TwoSymmetricDifferenceIterator<A, B> {
    /// The keys of `a` that `b` has not, and the other way round.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoSymmetricDifferenceIterator};
    /// let once = || OnceIterator::new(1, 'a');
    /// assert_eq!(TwoSymmetricDifferenceIterator::new(once(), once()).count(), Ok(0));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: StorageIterator<Key = A::Key, Error = A::Error>,
    {
        TwoSymmetricDifferenceIterator { pairing: Pairing::new(a, b) }
    }
}

super::stand_on_pairing!(TwoSymmetricDifferenceIterator);

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<A, B> TwoSymmetricDifferenceIterator<A, B> {
    pub(crate) fn children_mut(&mut self) -> (&mut A, &mut B) {
        self.pairing.children_mut()
    }
}
