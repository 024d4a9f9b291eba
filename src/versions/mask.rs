use std::borrow::Borrow;
use std::fmt;

use super::RangeTombstones;
use super::visible::UserKey;
use crate::combinators::{Child, Judge, Verdict, cursor_by_judging, stand_on_child};
use crate::walk::Direction;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator, Versioned};

/// The versions that no range tombstone deletes, made by [`mask`](StorageIterator::mask).
///
/// Yields them in the child's order. A version is left out if a tombstone lies over its user key that is newer than the
/// version and that the snapshot sees. It belongs between the merge of all layers and [`at`](StorageIterator::at) or
/// [`collect_garbage`](StorageIterator::collect_garbage), with the tombstones of all these layers.
///
/// # Complexity
///
/// *O(masked + 1)* steps of the child a step, and for each of them two comparisons of user keys while they stay within
/// one fragment, at most four if they come to the next one, and *O(log fragments)* otherwise. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open, and versions that were passed over are not read again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::{MaskIterator, RangeTombstone, RangeTombstones, SliceIterator, StorageIterator};
///
/// let versions = [("a", 1, 'a'), ("b", 7, 'B'), ("b", 2, 'b'), ("c", 3, 'c')];
/// let versions = versions.map(|(user_key, sequence, value)| ((user_key, Reverse(sequence)), value));
/// let deleted: RangeTombstones<&str> = [RangeTombstone { start: "b", end: "d", sequence: 5 }].into_iter().collect();
/// let at = |snapshot| MaskIterator::new(SliceIterator::new(&versions), &deleted, snapshot).at(snapshot);
/// assert_eq!(at(9).collect::<Vec<_>>()?, [("a", 'a'), ("b", 'B')]);
/// assert_eq!(at(5).collect::<Vec<_>>()?, [("a", 'a')]);
/// assert_eq!(at(4).collect::<Vec<_>>()?, [("a", 'a'), ("b", 'b'), ("c", 'c')]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MaskIterator<I, T> {
    pub(crate) child: Child<I>,
    tombstones: T,
    snapshot: u64,
    /// The fragment in which the last version was.
    place: usize,
}

impl<I, T> MaskIterator<I, T> {
    /// The versions of `child` that none of `tombstones` deletes, as far as `snapshot` sees them.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{MaskIterator, RangeTombstone, RangeTombstones, SliceIterator, StorageIterator};
    /// let deleted: RangeTombstones<u64> = [RangeTombstone { start: 1, end: 4, sequence: 5 }].into_iter().collect();
    /// let versions = [((3, Reverse(2)), 'a'), ((4, Reverse(2)), 'b')];
    /// assert_eq!(MaskIterator::new(SliceIterator::new(&versions), &deleted, u64::MAX).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I, tombstones: T, snapshot: u64) -> Self
    where
        I: StorageIterator<Key: Versioned>,
        T: Borrow<RangeTombstones<UserKey<I>>>,
    {
        MaskIterator { child: Child::new(child), tombstones, snapshot, place: 0 }
    }
}

impl<I, T> MaskIterator<I, T>
where
    I: StorageIterator<Key: Versioned>,
    T: Borrow<RangeTombstones<UserKey<I>>>,
{
    #[inline]
    fn judged(&mut self) -> (&mut Child<I>, impl Judge<I>) {
        let MaskIterator { child, tombstones, snapshot, place } = self;
        (child, judge((*tombstones).borrow(), *snapshot, place))
    }
}

#[inline]
fn judge<I: StorageIterator<Key: Versioned>>(
    tombstones: &RangeTombstones<UserKey<I>>,
    snapshot: u64,
    place: &mut usize,
) -> impl Judge<I> {
    move |_, key: &I::Key, _: &I::Value| Verdict::yield_if(!tombstones.masks_near(key, snapshot, place))
}

impl<I, T> StorageIterator for MaskIterator<I, T>
where
    I: StorageIterator<Key: Versioned>,
    T: Borrow<RangeTombstones<UserKey<I>>>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    cursor_by_judging!(next);

    #[inline]
    fn for_each_while<F>(mut self, f: F) -> Result<bool, I::Error>
    where
        F: FnMut(&I::Key, &I::Value) -> bool,
    {
        self.child.for_each_while(judge(self.tombstones.borrow(), self.snapshot, &mut self.place), f)
    }

    stand_on_child!(key, value);
}

impl<I, T> SeekableIterator for MaskIterator<I, T>
where
    I: SeekableIterator<Key: Versioned>,
    T: Borrow<RangeTombstones<UserKey<I>>>,
{
    cursor_by_judging!(seek);
}

impl<I, T> BidirectionalIterator for MaskIterator<I, T>
where
    I: BidirectionalIterator<Key: Versioned>,
    T: Borrow<RangeTombstones<UserKey<I>>>,
{
    cursor_by_judging!(prev);
}

impl<I: fmt::Debug, T> fmt::Debug for MaskIterator<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MaskIterator")
            .field("child", &self.child)
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}
