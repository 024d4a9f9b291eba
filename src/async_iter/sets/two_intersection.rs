use super::{SetChild, forget_two_sides, next_of_two_sides, try_seek_of_two_sides};
use crate::async_iter::tried::stand_on;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{Approach, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The keys that both of two asynchronous storage iterators have, with the values of both at hand: their inner join, made by
/// [`intersection`](AsyncStorageIterator::intersection).
///
/// Yields them in ascending order, as [the synchronous one](crate::TwoIntersectionIterator) does. The value is that of the first;
/// [`right`](Self::right) is that of the second. `SA` and `SB` say how `A` and `B` are brought to the other's key: entry by entry
/// ([`new`](Self::new)), by seeks ([`galloping`](Self::galloping)), or only the second by seeks ([`probing`](Self::probing)). For more
/// than two children see [`IntersectionIterator`](crate::async_iter::IntersectionIterator).
///
/// # Complexity
///
/// That of [the synchronous one](crate::TwoIntersectionIterator#complexity): with *m* entries in the smaller child and *n* in the
/// larger one, entry by entry *O(m + n)*, galloping *O(m)* seeks. Allocates nothing.
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
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoIntersectionIterator};
///
/// # futures_executor::block_on(async {
/// let wanted = FromSync::new(SliceIterator::new(&[("b", ()), ("d", ()), ("x", ())]));
/// let table = FromSync::new(SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)]));
/// let mut found = TwoIntersectionIterator::galloping(wanted, table);
/// let mut shown = vec![];
/// while found.next().await? {
///     shown.push((*found.key(), *found.right()));
/// }
/// assert_eq!(shown, [("b", 2), ("d", 4)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoIntersectionIterator<A, B, SA = Stepping, SB = SA> {
    sync: crate::TwoIntersectionIterator<SetChild<A>, SetChild<B>, SA, SB>,
}

impl<A, B> TwoIntersectionIterator<A, B> {
    /// The keys that `a` and `b` have, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoIntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let (one, many) = (FromSync::new(OnceIterator::new(50, 'a')), FromSync::new(SliceIterator::new(&many)));
    /// assert_eq!(TwoIntersectionIterator::new(one, many).collect().await, Ok(vec![(50, 'a')]));
    /// # });
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
    {
        TwoIntersectionIterator { sync: crate::TwoIntersectionIterator::new(SetChild::new(a), SetChild::new(b)) }
    }
}

impl<A, B> TwoIntersectionIterator<A, B, Galloping, Galloping> {
    /// The keys that `a` and `b` have, found by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoIntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let (one, many) = (FromSync::new(OnceIterator::new(50, 'a')), FromSync::new(SliceIterator::new(&many)));
    /// assert_eq!(TwoIntersectionIterator::galloping(one, many).collect().await, Ok(vec![(50, 'a')]));
    /// # });
    /// ```
    #[inline]
    pub fn galloping(a: A, b: B) -> Self
    where
        A: AsyncSeekableIterator,
        B: AsyncSeekableIterator<Key = A::Key, Error = A::Error>,
    {
        TwoIntersectionIterator { sync: crate::TwoIntersectionIterator::galloping(SetChild::new(a), SetChild::new(b)) }
    }
}

impl<A, B> TwoIntersectionIterator<A, B, Stepping, Galloping> {
    /// The keys of `a`, which may be a child that cannot seek, that are found in `b` by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoIntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let (one, many) = (FromSync::new(OnceIterator::new(50, 'a')), FromSync::new(SliceIterator::new(&many)));
    /// assert_eq!(TwoIntersectionIterator::probing(one, many).collect().await, Ok(vec![(50, 'a')]));
    /// # });
    /// ```
    #[inline]
    pub fn probing(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncSeekableIterator<Key = A::Key, Error = A::Error>,
    {
        TwoIntersectionIterator { sync: crate::TwoIntersectionIterator::probing(SetChild::new(a), SetChild::new(b)) }
    }
}

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB>
where
    A: AsyncStorageIterator,
    B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
{
    /// The first child's value.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let (a, b) = (FromSync::new(OnceIterator::new(1, 'a')), FromSync::new(OnceIterator::new(1, "b")));
    /// let mut common = a.intersection(b);
    /// common.next().await?;
    /// assert_eq!(common.left(), &'a');
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    #[must_use]
    pub fn left(&self) -> &A::Value {
        self.sync.left()
    }

    /// The second child's value.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let (a, b) = (FromSync::new(OnceIterator::new(1, 'a')), FromSync::new(OnceIterator::new(1, "b")));
    /// let mut common = a.intersection(b);
    /// common.next().await?;
    /// assert_eq!(common.right(), &"b");
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    #[must_use]
    pub fn right(&self) -> &B::Value {
        self.sync.right()
    }
}

impl<A, B, SA, SB> AsyncStorageIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: AsyncStorageIterator,
    B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<SetChild<A>>,
    SB: Approach<SetChild<B>>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    next_of_two_sides!();
    stand_on!(sync);
}

impl<A, B, SA, SB> AsyncSeekableIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: AsyncSeekableIterator,
    B: AsyncSeekableIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<SetChild<A>>,
    SB: Approach<SetChild<B>>,
{
    try_seek_of_two_sides!();
}

forget_two_sides!(TwoIntersectionIterator<A, B, SA, SB>);
