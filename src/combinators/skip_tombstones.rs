use super::child::{Child, Judge, Verdict, cursor_by_judging, stand_on_child};
use crate::walk::Direction;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator, Tombstone};

/// The entries of a storage iterator that are not deletions, made by
/// [`skip_tombstones`](StorageIterator::skip_tombstones).
///
/// Yields them in the child's order. It belongs above the merge of *all* layers: below one, or above some layers only,
/// a deletion would be gone before it could hide the older entry. Put bounds below it: then a run of tombstones ends
/// at the upper bound, while [`between`](StorageIterator::between) above it would see the first live entry behind the run only.
///
/// # Complexity
///
/// *O(skipped + 1)* calls of the child's `next` or `prev` a step, and behind a seek of the child. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open; tombstones that were passed over are not read again.
///
/// ```
/// use storage_iter::{SkipTombstonesIterator, SliceIterator, StorageIterator};
///
/// let newer = SliceIterator::new(&[("a", ""), ("b", "2")]);
/// let older = SliceIterator::new(&[("a", "1"), ("c", "3")]);
/// let live: Vec<_> = SkipTombstonesIterator::new(newer.two_merge(older)).collect()?;
/// assert_eq!(live, [("b", "2"), ("c", "3")]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct SkipTombstonesIterator<I> {
    pub(crate) child: Child<I>,
}

impl<I> SkipTombstonesIterator<I> {
    /// The entries of `child` that are not deletions.
    ///
    /// ```
    /// # use storage_iter::{SkipTombstonesIterator, SliceIterator, StorageIterator};
    /// let entries = SliceIterator::new(&[(1, Some('a')), (2, None)]);
    /// assert_eq!(SkipTombstonesIterator::new(entries).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        SkipTombstonesIterator { child: Child::new(child) }
    }
}

impl<I> SkipTombstonesIterator<I>
where
    I: StorageIterator<Value: Tombstone>,
{
    #[inline]
    fn judged(&mut self) -> (&mut Child<I>, impl Judge<I>) {
        (&mut self.child, judge::<I>)
    }
}

#[inline]
fn judge<I: StorageIterator<Value: Tombstone>>(_: Direction, _: &I::Key, value: &I::Value) -> Verdict {
    if value.is_tombstone() { Verdict::Skip } else { Verdict::Yield }
}

impl<I> StorageIterator for SkipTombstonesIterator<I>
where
    I: StorageIterator<Value: Tombstone>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    cursor_by_judging!(next);

    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.child.for_each_while(judge::<I>, f)
    }

    stand_on_child!(key, value);
}

impl<I> SeekableIterator for SkipTombstonesIterator<I>
where
    I: SeekableIterator<Value: Tombstone>,
{
    cursor_by_judging!(seek);
}

impl<I> BidirectionalIterator for SkipTombstonesIterator<I>
where
    I: BidirectionalIterator<Value: Tombstone>,
{
    cursor_by_judging!(prev);
}
