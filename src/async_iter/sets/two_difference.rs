use super::{SetChild, forget_two_sides, next_of_two_sides, try_seek_of_two_sides};
use crate::async_iter::tried::stand_on;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{Approach, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The entries of one asynchronous storage iterator whose keys another one has not: an anti-join, made by
/// [`difference`](AsyncStorageIterator::difference).
///
/// Yields them in ascending order, with the first one's values, as [the synchronous one](crate::TwoDifferenceIterator) does. `S` says how
/// the second is brought to the first one's key: entry by entry ([`new`](Self::new)) or by seeks
/// ([`galloping`](Self::galloping)).
///
/// # Complexity
///
/// That of [the synchronous one](crate::TwoDifferenceIterator#complexity): with *m* entries in the first child and *n* in the
/// second, entry by entry *O(m + n)*, galloping *O(m)* seeks. Allocates nothing.
///
/// The first step, and a seek, begin with both children before they wait for either; later steps wait for one child after the
/// other. Behind the end of the first child the second is not read.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, as it does when the future is dropped, and keys
/// that were passed over are not looked at again.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoDifferenceIterator};
///
/// # futures_executor::block_on(async {
/// let all = FromSync::new(SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]));
/// let banned = FromSync::new(SliceIterator::new(&[("b", "spam")]));
/// let allowed = TwoDifferenceIterator::galloping(all, banned);
/// assert_eq!(allowed.collect::<Vec<_>>().await?, [("a", 1), ("c", 3)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoDifferenceIterator<A, B, S = Stepping> {
    sync: crate::TwoDifferenceIterator<SetChild<A>, SetChild<B>, S>,
}

impl<A, B> TwoDifferenceIterator<A, B> {
    /// The entries of `a` whose keys `b` has not, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoDifferenceIterator};
    /// # futures_executor::block_on(async {
    /// let once = || FromSync::new(OnceIterator::new(1, 'a'));
    /// assert_eq!(TwoDifferenceIterator::new(once(), once()).count().await, Ok(0));
    /// # });
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
    {
        TwoDifferenceIterator { sync: crate::TwoDifferenceIterator::new(SetChild::new(a), SetChild::new(b)) }
    }
}

impl<A, B> TwoDifferenceIterator<A, B, Galloping> {
    /// The entries of `a`, which may be a child that cannot seek, whose keys are not found in `b`, by seeks where they lie apart.
    ///
    /// ```
    /// # use futures_util::stream;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, PairsIterator, TwoDifferenceIterator};
    /// # futures_executor::block_on(async {
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let wanted = PairsIterator::new(stream::iter([(50, 'a'), (5000, 'a')]));
    /// let missing = TwoDifferenceIterator::galloping(wanted, FromSync::new(SliceIterator::new(&many)));
    /// assert_eq!(missing.collect().await, Ok(vec![(5000, 'a')]));
    /// # });
    /// ```
    #[inline]
    pub fn galloping(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncSeekableIterator<Key = A::Key, Error = A::Error>,
    {
        TwoDifferenceIterator { sync: crate::TwoDifferenceIterator::galloping(SetChild::new(a), SetChild::new(b)) }
    }
}

impl<A, B, S> AsyncStorageIterator for TwoDifferenceIterator<A, B, S>
where
    A: AsyncStorageIterator,
    B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
    S: Approach<SetChild<B>>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    next_of_two_sides!();
    stand_on!(sync);
}

impl<A, B, S> AsyncSeekableIterator for TwoDifferenceIterator<A, B, S>
where
    A: AsyncSeekableIterator,
    B: AsyncSeekableIterator<Key = A::Key, Error = A::Error>,
    S: Approach<SetChild<B>>,
{
    try_seek_of_two_sides!();
}

forget_two_sides!(TwoDifferenceIterator<A, B, S>);
