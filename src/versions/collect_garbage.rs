use std::fmt;

use super::kept::Kept;
use super::visible::UserKey;
use crate::combinators::{Child, Judge, Verdict, cursor_by_judging, stand_on_child};
use crate::walk::Direction;
use crate::{StorageIterator, Tombstone, Versioned};

/// The versions that somebody may still read, made by [`collect_garbage`](StorageIterator::collect_garbage): what a
/// compaction writes.
///
/// Yields versions in the child's order. The watermark is a snapshot such that nobody reads, or will read, with a
/// smaller one. Of each user key all versions newer than it stay, and the newest of the others; what is older is left
/// out. If that one is a tombstone, and nothing older of its key lies below what the compaction reads, it is left out
/// as well. Range tombstones are applied with the same watermark below this, by [`mask`](StorageIterator::mask), and
/// what is left of them is [`RangeTombstones::collect_garbage`](crate::RangeTombstones::collect_garbage).
///
/// Only goes forward, as a compaction does. (Going back, the oldest version of a user key comes first, and whether it stays shows
/// only once all newer ones have been read: a step would have to keep copies of them all.)
///
/// # Complexity
///
/// One step of the child for each version, and for those not newer than the watermark one comparison of user keys. A
/// user key is copied once, into a buffer that is used again and grows with the longest.
///
/// # Errors
///
/// The child's. The step stays open, and versions that were passed over are not read again.
///
/// # Panics
///
/// When a closure does. The next call asks it the same again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::{CollectGarbageIterator, PairsIterator, StorageIterator};
///
/// let a = [("a", 9, "a9"), ("a", 6, "a6"), ("a", 4, "a4")];
/// let b_and_c = [("b", 5, ""), ("b", 1, "b1"), ("c", 8, ""), ("c", 2, "c2")];
/// let versions = a.into_iter().chain(b_and_c);
/// let versions = PairsIterator::new(versions.map(|(key, sequence, value)| ((key, Reverse(sequence)), value)));
/// // Nobody reads below 7, and this is the bottom: nothing lies below it.
/// let kept: Vec<_> = CollectGarbageIterator::new(versions, 7, |_: &&str| false).collect()?;
/// let kept: Vec<_> = kept.into_iter().map(|((key, Reverse(sequence)), _)| (key, sequence)).collect();
/// assert_eq!(kept, [("a", 9), ("a", 6), ("c", 8), ("c", 2)]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct CollectGarbageIterator<I: StorageIterator<Key: Versioned>, F> {
    pub(crate) child: Child<I>,
    readers: Readers<I, F>,
}

/// What it takes to know which versions somebody may still read.
struct Readers<I: StorageIterator<Key: Versioned>, F> {
    watermark: u64,
    has_older: F,
    is_operand: Option<fn(&I::Value) -> bool>,
    /// The key of the last version that was not newer than the watermark.
    user_key: Kept<<UserKey<I> as ToOwned>::Owned>,
    /// Whether nobody needs an older version of it.
    is_settled: bool,
}

impl<I: StorageIterator<Key: Versioned>, F> CollectGarbageIterator<I, F> {
    /// What is left of the versions of `child` if nobody reads with a snapshot less than `watermark`. `has_older` is
    /// asked whether there may be versions of a user key below what `child` reads: if it cannot know, it says yes, at
    /// the bottom it says no.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{CollectGarbageIterator, SliceIterator, StorageIterator};
    /// let versions = [((1, Reverse(2)), ""), ((1, Reverse(1)), "a")];
    /// let kept = |is_bottom: bool| {
    ///     let versions = SliceIterator::new(&versions);
    ///     CollectGarbageIterator::new(versions, 5, move |_: &i32| !is_bottom).count()
    /// };
    /// assert_eq!((kept(false), kept(true)), (Ok(1), Ok(0)));
    /// ```
    #[inline]
    pub fn new(child: I, watermark: u64, has_older: F) -> Self
    where
        F: FnMut(&UserKey<I>) -> bool,
    {
        let readers = Readers { watermark, has_older, is_operand: None, user_key: Kept::new(), is_settled: false };
        CollectGarbageIterator { child: Child::new(child), readers }
    }

    /// The same where some values are operands of a [`MergeOperator`](crate::MergeOperator): below these, older
    /// versions stay, down to the first one that is no operand.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{CollectGarbageIterator, SliceIterator, StorageIterator};
    /// let versions = [((1, Reverse(3)), "+c"), ((1, Reverse(2)), "b"), ((1, Reverse(1)), "a")];
    /// let kept = CollectGarbageIterator::new(SliceIterator::new(&versions), 5, |_: &i32| false);
    /// assert_eq!(kept.clone().count(), Ok(1));
    /// assert_eq!(kept.with_operands(|value| value.starts_with('+')).count(), Ok(2));
    /// ```
    pub fn with_operands(self, is_operand: fn(&I::Value) -> bool) -> Self {
        CollectGarbageIterator { readers: Readers { is_operand: Some(is_operand), ..self.readers }, ..self }
    }
}

impl<I, F> Readers<I, F>
where
    I: StorageIterator<Key: Versioned, Value: Tombstone>,
    F: FnMut(&UserKey<I>) -> bool,
{
    #[inline]
    fn judge(&mut self) -> impl Judge<I> {
        let Readers { watermark, has_older, is_operand, user_key, is_settled } = self;
        move |_, key: &I::Key, value: &I::Value| {
            if key.sequence() > *watermark {
                return Verdict::Yield;
            }
            let is_same = user_key.get() == Some(key.user_key());
            if is_same && *is_settled {
                return Verdict::Skip;
            }
            let is_tombstone = value.is_tombstone();
            let settles = is_tombstone || !is_operand.is_some_and(|is_operand| is_operand(value));
            let stays = !is_tombstone || has_older(key.user_key());
            if !is_same {
                user_key.set(key.user_key());
            }
            *is_settled = settles;
            Verdict::yield_if(stays)
        }
    }
}

impl<I, F> CollectGarbageIterator<I, F>
where
    I: StorageIterator<Key: Versioned, Value: Tombstone>,
    F: FnMut(&UserKey<I>) -> bool,
{
    #[inline]
    fn judged(&mut self) -> (&mut Child<I>, impl Judge<I>) {
        (&mut self.child, self.readers.judge())
    }
}

impl<I, F> StorageIterator for CollectGarbageIterator<I, F>
where
    I: StorageIterator<Key: Versioned, Value: Tombstone>,
    F: FnMut(&UserKey<I>) -> bool,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    cursor_by_judging!(next);

    #[inline]
    fn for_each_while<G>(mut self, f: G) -> Result<bool, I::Error>
    where
        G: FnMut(&I::Key, &I::Value) -> bool,
    {
        self.child.for_each_while(self.readers.judge(), f)
    }

    stand_on_child!(key, value);
}

impl<I, F> Clone for CollectGarbageIterator<I, F>
where
    I: StorageIterator<Key: Versioned<UserKey: ToOwned<Owned: Clone>>> + Clone,
    F: Clone,
{
    fn clone(&self) -> Self {
        CollectGarbageIterator { child: self.child.clone(), readers: self.readers.clone() }
    }
}

impl<I, F> Clone for Readers<I, F>
where
    I: StorageIterator<Key: Versioned<UserKey: ToOwned<Owned: Clone>>>,
    F: Clone,
{
    fn clone(&self) -> Self {
        Readers { has_older: self.has_older.clone(), user_key: self.user_key.clone(), ..*self }
    }
}

impl<I, F> fmt::Debug for CollectGarbageIterator<I, F>
where
    I: StorageIterator<Key: Versioned> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectGarbageIterator")
            .field("child", &self.child)
            .field("watermark", &self.readers.watermark)
            .finish_non_exhaustive()
    }
}
