use std::fmt;

use super::UserKey;
use crate::async_iter::AsyncStorageIterator;
use crate::async_iter::tried::{Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on};
use crate::{StorageIterator, Tombstone, Versioned};

/// The versions that somebody may still read, of those that have to be waited for, made by
/// [`collect_garbage`](AsyncStorageIterator::collect_garbage): what a compaction writes.
///
/// Yields versions in the child's order, those that [the synchronous one](crate::CollectGarbageIterator) yields. Only goes
/// forward, as a compaction does.
///
/// # Complexity
///
/// One step of the child for each version, and for those not newer than the watermark one comparison of user keys. A
/// user key is copied once, into a buffer that is used again and grows with the longest.
///
/// # Errors
///
/// The child's. The step stays open, as it does when the future is dropped, and versions that were passed over are not read
/// again.
///
/// # Panics
///
/// When a closure does. The next call asks it the same again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, CollectGarbageIterator, FromSync};
///
/// # futures_executor::block_on(async {
/// let versions = [("a", 9, "a9"), ("a", 6, "a6"), ("a", 4, "a4"), ("b", 5, ""), ("b", 1, "b1")];
/// let versions = versions.map(|(key, sequence, value)| ((key, Reverse(sequence)), value));
/// let versions = FromSync::new(SliceIterator::new(&versions));
/// // Nobody reads below 7, and this is the bottom: nothing lies below it.
/// let kept: Vec<_> = CollectGarbageIterator::new(versions, 7, |_: &&str| false).collect().await?;
/// let kept: Vec<_> = kept.into_iter().map(|((key, Reverse(sequence)), _)| (key, sequence)).collect();
/// assert_eq!(kept, [("a", 9), ("a", 6)]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct CollectGarbageIterator<I: AsyncStorageIterator<Key: Versioned>, F> {
    sync: crate::CollectGarbageIterator<Tried<I>, F>,
}

impl<I: AsyncStorageIterator<Key: Versioned>, F> CollectGarbageIterator<I, F> {
    /// What is left of the versions of `child` if nobody reads with a snapshot less than `watermark`. `has_older` is
    /// asked whether there may be versions of a user key below what `child` reads: if it cannot know, it says yes, at
    /// the bottom it says no.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, CollectGarbageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [((1, Reverse(2)), ""), ((1, Reverse(1)), "a")];
    /// let versions = FromSync::new(SliceIterator::new(&versions));
    /// assert_eq!(CollectGarbageIterator::new(versions, 5, |_: &i32| false).count().await, Ok(0));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, watermark: u64, has_older: F) -> Self
    where
        F: FnMut(&UserKey<I>) -> bool,
    {
        CollectGarbageIterator { sync: crate::CollectGarbageIterator::new(Tried::new(child), watermark, has_older) }
    }

    /// The same where some values are operands of a [`MergeOperator`](crate::MergeOperator): below these, older
    /// versions stay, down to the first one that is no operand.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [((1, Reverse(3)), "+c"), ((1, Reverse(2)), "b"), ((1, Reverse(1)), "a")];
    /// let kept = FromSync::new(SliceIterator::new(&versions)).collect_garbage(5, |_| false);
    /// assert_eq!(kept.with_operands(|value| value.starts_with('+')).count().await, Ok(2));
    /// # });
    /// ```
    pub fn with_operands(self, is_operand: fn(&I::Value) -> bool) -> Self {
        CollectGarbageIterator { sync: self.sync.with_operands(is_operand) }
    }
}

impl<I, F> AsyncStorageIterator for CollectGarbageIterator<I, F>
where
    I: AsyncStorageIterator<Key: Versioned<UserKey: ToOwned<Owned: Send>>, Value: Tombstone>,
    F: FnMut(&UserKey<I>) -> bool + Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

clone_by_sync!(
    CollectGarbageIterator<I, F>,
    I: AsyncStorageIterator<Key: Versioned<UserKey: ToOwned<Owned: Clone>>> + Clone,
    F: Clone
);
debug_by_sync!(CollectGarbageIterator<I, F>, I: AsyncStorageIterator<Key: Versioned> + fmt::Debug);
