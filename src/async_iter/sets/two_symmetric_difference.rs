use super::SetChild;
use crate::async_iter::tried::stand_on;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, SeekableIterator, StorageIterator, TwoSides};

/// The keys that one of two asynchronous storage iterators has and the other has not, made by
/// [`symmetric_difference`](AsyncStorageIterator::symmetric_difference).
///
/// Yields them in ascending order, as [the synchronous one](crate::TwoSymmetricDifferenceIterator) does. The value is [`TwoSides`], which
/// has the value of the first or that of the second.
///
/// # Complexity
///
/// One comparison for each key that either child has, while both have entries, so *O(common keys + 1)* a step. A seek is one of
/// each child. Allocates nothing.
///
/// The first step, and a seek, begin with both children before they wait for either; later steps wait for one child after the
/// other.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, as it does when the future is dropped, and keys
/// that were passed over are not looked at again.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoSymmetricDifferenceIterator};
///
/// # futures_executor::block_on(async {
/// let here = FromSync::new(SliceIterator::new(&[("a", 1), ("b", 1)]));
/// let there = FromSync::new(SliceIterator::new(&[("b", 1), ("c", 1)]));
/// let unmatched = TwoSymmetricDifferenceIterator::new(here, there).map_value(|sides| sides.first());
/// assert_eq!(unmatched.collect::<Vec<_>>().await?, [("a", 1), ("c", 1)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoSymmetricDifferenceIterator<A, B> {
    sync: crate::TwoSymmetricDifferenceIterator<SetChild<A>, SetChild<B>>,
}

impl<A, B> TwoSymmetricDifferenceIterator<A, B> {
    /// The keys of `a` that `b` has not, and the other way round.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoSymmetricDifferenceIterator};
    /// # futures_executor::block_on(async {
    /// let once = || FromSync::new(OnceIterator::new(1, 'a'));
    /// assert_eq!(TwoSymmetricDifferenceIterator::new(once(), once()).count().await, Ok(0));
    /// # });
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
    {
        TwoSymmetricDifferenceIterator {
            sync: crate::TwoSymmetricDifferenceIterator::new(SetChild::new(a), SetChild::new(b)),
        }
    }
}

super::stand_on_two_sides!(TwoSymmetricDifferenceIterator);
