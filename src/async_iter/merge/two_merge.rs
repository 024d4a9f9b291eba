use crate::async_iter::tried::{Tried, stand_on, try_seek_by};
use crate::async_iter::wait::next_of_two;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, StorageIterator};

/// Two asynchronous storage iterators, of one type or of two, merged into one order; the first is the newer.
///
/// Yields every key that either child has, once, in ascending order. On equal keys `A`'s entry is yielded, whatever its
/// value is, and `B`'s is skipped.
///
/// # Complexity
///
/// One comparison a step while both children have entries, none after that. Where both children have to be moved and waited
/// for, it waits for both at once. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, as it does when the future is dropped:
/// `next` goes on with what has not moved.
///
/// ```
/// use std::collections::BTreeMap;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoMergeIterator};
/// use storage_iter::{PairsIterator, SliceIterator};
///
/// # futures_executor::block_on(async {
/// // A write-set over a table: two types, one view.
/// let write_set = FromSync::new(PairsIterator::new(BTreeMap::from([(2, "two"), (3, "three")])));
/// let table = FromSync::new(SliceIterator::new(&[(1, "one"), (2, "TWO")]));
/// let entries: Vec<_> = TwoMergeIterator::new(write_set, table).collect().await?;
/// assert_eq!(entries, [(1, "one"), (2, "two"), (3, "three")]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoMergeIterator<A, B> {
    sync: crate::TwoMergeIterator<Tried<A>, Tried<B>>,
}

impl<A, B> TwoMergeIterator<A, B> {
    /// Merges `a`, the newer, over `b`.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoMergeIterator};
    /// # futures_executor::block_on(async {
    /// let [a, b] = ['b', 'a'].map(|value| FromSync::new(OnceIterator::new(1, value)));
    /// assert_eq!(TwoMergeIterator::new(a, b).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: AsyncStorageIterator,
        B: AsyncStorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
    {
        TwoMergeIterator { sync: crate::TwoMergeIterator::new(Tried::new(a), Tried::new(b)) }
    }

    /// Which child the current entry came from, 0 for `A` and 1 for `B`; `None` when the merge does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, TwoMergeIterator};
    /// let [a, b] = [2, 1].map(|key| FromSync::new(OnceIterator::new(key, 'a')));
    /// let mut merged = TwoMergeIterator::new(a, b);
    /// assert_eq!(merged.try_next(), Some(Ok(true)));
    /// assert_eq!(merged.source_index(), Some(1));
    /// ```
    #[inline]
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.sync.source_index()
    }
}

impl<A, B> AsyncStorageIterator for TwoMergeIterator<A, B>
where
    A: AsyncStorageIterator,
    B: AsyncStorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    next_of_two!(self, self.sync.unmoved());
    stand_on!(sync);
}

impl<A, B> AsyncSeekableIterator for TwoMergeIterator<A, B>
where
    A: AsyncSeekableIterator,
    B: AsyncSeekableIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    try_seek_by!(self, key => self.sync.try_seek(key), self.sync.try_seek_to_first());
}
