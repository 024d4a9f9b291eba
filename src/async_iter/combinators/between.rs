use std::borrow::Borrow;
use std::ops::Bound;

use crate::async_iter::tried::{Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{Approach, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The entries of an asynchronous storage iterator between two bounds, made by
/// [`between`](AsyncStorageIterator::between).
///
/// Yields them in the child's order. Bounds that leave no room are not an error: there are no entries, and the child is not
/// read.
///
/// # Complexity
///
/// The first step reads the child up to the lower bound, *O(entries below it)*, unless [`by_seek`](Self::by_seek) was said of a
/// child that can seek: then it is a seek. (A source that can start at a bound by itself should be given it.) Every step compares
/// one key with the upper bound. The child is read up to the first entry past
/// the upper bound, and not again afterwards. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, BetweenIterator, FromSync};
///
/// # futures_executor::block_on(async {
/// let entries = FromSync::new(SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]));
/// let mut from_b = BetweenIterator::new(entries, Bound::Included("b"), Bound::Unbounded);
/// assert_eq!(from_b.next().await, Ok(true));
/// assert_eq!(from_b.key(), &"b");
/// # });
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BetweenIterator<I, B, S = Stepping> {
    sync: crate::BetweenIterator<Tried<I>, B, S>,
}

impl<I, B> BetweenIterator<I, B> {
    /// The entries of `child` between `lower` and `upper`.
    ///
    /// ```
    /// # use std::ops::Bound::{Excluded, Included};
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, BetweenIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]));
    /// assert_eq!(BetweenIterator::new(entries, Included(2), Excluded(3)).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, lower: Bound<B>, upper: Bound<B>) -> Self {
        BetweenIterator { sync: crate::BetweenIterator::new(Tried::new(child), lower, upper) }
    }

    /// The same entries, where the first step seeks the lower bound.
    ///
    /// ```
    /// # use std::ops::Bound::{Included, Unbounded};
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]));
    /// assert_eq!(entries.between(Included(3), Unbounded).by_seek().count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn by_seek(self) -> BetweenIterator<I, B, Galloping>
    where
        I: AsyncSeekableIterator,
    {
        BetweenIterator { sync: self.sync.by_seek() }
    }
}

impl<I, B, S> AsyncStorageIterator for BetweenIterator<I, B, S>
where
    I: AsyncStorageIterator,
    B: Borrow<I::Key> + Send,
    S: Approach<Tried<I>>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, B, S> AsyncSeekableIterator for BetweenIterator<I, B, S>
where
    I: AsyncSeekableIterator,
    B: Borrow<I::Key> + Send,
    S: Approach<Tried<I>>,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

clone_by_sync!(BetweenIterator<I, B, S>, I: Clone, B: Clone);
debug_by_sync!(BetweenIterator<I, B, S>, I: std::fmt::Debug, B: std::fmt::Debug);
