use super::SetChild;
use crate::async_iter::tried::stand_on;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, SeekableIterator, StorageIterator, TwoSides};

/// The keys that either of two asynchronous storage iterators has, with the values of both: their full outer join, made by
/// [`union`](AsyncStorageIterator::union).
///
/// Yields every key once, in ascending order, as [the synchronous one](crate::TwoUnionIterator) does. The value is [`TwoSides`], which
/// has the value of the first, of the second, or both. For more than two children see
/// [`UnionIterator`](crate::async_iter::UnionIterator).
///
/// # Complexity
///
/// One comparison a step while both children have entries, none after that. A seek is one of each child. Allocates nothing.
///
/// The first step, and a seek, begin with both children before they wait for either; later steps wait for one child after the
/// other.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, as it does when the future is dropped: it goes on
/// with the child that has not moved.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoUnionIterator};
///
/// # futures_executor::block_on(async {
/// let planned = FromSync::new(SliceIterator::new(&[("ink", 5), ("pen", 2)]));
/// let bought = FromSync::new(SliceIterator::new(&[("ink", "red"), ("pad", "A5")]));
/// let mut both = TwoUnionIterator::new(planned, bought);
/// let mut shown = vec![];
/// while both.next().await? {
///     shown.push((*both.key(), both.value().left().copied(), both.value().right().copied()));
/// }
/// assert_eq!(shown, [("ink", Some(5), Some("red")), ("pad", None, Some("A5")), ("pen", Some(2), None)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoUnionIterator<A, B> {
    sync: crate::TwoUnionIterator<SetChild<A>, SetChild<B>>,
}

impl<A, B> TwoUnionIterator<A, B> {
    /// The keys of `a` and `b`.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoUnionIterator};
    /// # futures_executor::block_on(async {
    /// let once = || FromSync::new(OnceIterator::new(1, 'a'));
    /// assert_eq!(TwoUnionIterator::new(once(), once()).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
    {
        TwoUnionIterator { sync: crate::TwoUnionIterator::new(SetChild::new(a), SetChild::new(b)) }
    }
}

super::stand_on_two_sides!(TwoUnionIterator);
