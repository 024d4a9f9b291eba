use std::borrow::Borrow;
use std::ops::Bound;

use crate::async_iter::tried::{Tried, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator};

/// The entries of an asynchronous storage iterator between two bounds, made by
/// [`between`](AsyncStorageIterator::between).
///
/// Yields them in the child's order. Bounds that leave no room are not an error: there are no entries, and the child is not
/// read.
///
/// # Complexity
///
/// The first step reads the child up to the lower bound, *O(entries below it)*; a source that can start at a bound by
/// itself should be given it. Every step compares one key with the upper bound. The child is read up to the first entry past
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
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BetweenIterator<I, B> {
    sync: crate::BetweenIterator<Tried<I>, B>,
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
}

impl<I, B> AsyncStorageIterator for BetweenIterator<I, B>
where
    I: AsyncStorageIterator,
    B: Borrow<I::Key> + Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, B> AsyncSeekableIterator for BetweenIterator<I, B>
where
    I: AsyncSeekableIterator,
    B: Borrow<I::Key> + Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}
