use super::TwoSides;
use super::pairing::Pairing;
use crate::walk::{Backward, Forward, Seek, WalkBoth, cursor_by_seeking};
use crate::{BidirectionalIterator, ChildError, SeekableIterator, StorageIterator};

/// The keys that either of two storage iterators has, with the values of both: their full outer join.
///
/// Yields every key once, in ascending order. The value is [`TwoSides`], which has the value of the first, of the second, or
/// both. Where one value is enough, and the first shall hide the second, that is
/// [`TwoMergeIterator`](crate::TwoMergeIterator); for more than two children see [`UnionIterator`](crate::UnionIterator).
///
/// # Complexity
///
/// One comparison a step while both children have entries, none after that. A seek is one of each child. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open: it goes on with the child that failed, and
/// does not touch the other if that has moved already.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, TwoUnionIterator};
///
/// let planned = SliceIterator::new(&[("ink", 5), ("pen", 2)]);
/// let bought = SliceIterator::new(&[("ink", "red"), ("pad", "A5")]);
/// let mut both = TwoUnionIterator::new(planned, bought);
/// let mut shown = vec![];
/// while both.next()? {
///     shown.push((*both.key(), both.value().left().copied(), both.value().right().copied()));
/// }
/// assert_eq!(shown, [("ink", Some(5), Some("red")), ("pad", None, Some("A5")), ("pen", Some(2), None)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoUnionIterator<A, B> {
    pairing: Pairing<A, B, false>,
}

impl<A, B> TwoUnionIterator<A, B> {
    /// The keys of `a` and `b`.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoUnionIterator};
    /// assert_eq!(TwoUnionIterator::new(OnceIterator::new(1, 'a'), OnceIterator::new(1, "b")).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: StorageIterator<Key = A::Key, Error = A::Error>,
    {
        TwoUnionIterator { pairing: Pairing::new(a, b) }
    }
}

super::stand_on_pairing!(TwoUnionIterator);

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<A, B> TwoUnionIterator<A, B> {
    pub(crate) fn children_mut(&mut self) -> (&mut A, &mut B) {
        self.pairing.children_mut()
    }
}
