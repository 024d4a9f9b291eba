use std::fmt;

use super::child::{Child, Judge, Verdict, cursor_by_judging, stand_on_child};
use crate::walk::Direction;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// The entries of a storage iterator for which a predicate holds, made by [`filter`](StorageIterator::filter).
///
/// Yields them in the child's order; ties are as the child has them. Put a filter above a merge, not into its children:
/// an entry that is left out below a merge no longer hides older ones.
///
/// # Complexity
///
/// One call of the predicate and of the child's `next` for each entry that the child has, *O(skipped + 1)* a step; the same
/// backwards, and behind a seek of the child.
/// Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open, and the entries that were passed over are not looked at again.
///
/// # Panics
///
/// When the predicate does. A `next` or `prev` in the same direction shows it the same entry again; a seek is cut short.
///
/// ```
/// use storage_iter::{FilterIterator, SliceIterator, StorageIterator};
///
/// let entries = SliceIterator::new(&[("a", 3), ("b", 0), ("c", 5)]);
/// let mut positive = FilterIterator::new(entries, |_: &&str, value: &i32| *value > 0);
/// let mut keys = vec![];
/// while positive.next()? {
///     keys.push(*positive.key());
/// }
/// assert_eq!(keys, ["a", "c"]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FilterIterator<I, P> {
    pub(crate) child: Child<I>,
    predicate: P,
}

impl<I, P> FilterIterator<I, P> {
    /// The entries of `child` for which `predicate` holds.
    ///
    /// ```
    /// # use storage_iter::{FilterIterator, SliceIterator, StorageIterator};
    /// let entries = SliceIterator::new(&[(1, 'a'), (2, 'b')]);
    /// assert_eq!(FilterIterator::new(entries, |key: &i32, _: &char| *key > 1).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I, predicate: P) -> Self {
        FilterIterator { child: Child::new(child), predicate }
    }
}

impl<I, P> FilterIterator<I, P>
where
    I: StorageIterator,
    P: FnMut(&I::Key, &I::Value) -> bool,
{
    #[inline]
    fn judged(&mut self) -> (&mut Child<I>, impl Judge<I>) {
        (&mut self.child, judge(&mut self.predicate))
    }
}

#[inline]
fn judge<I: StorageIterator>(mut predicate: impl FnMut(&I::Key, &I::Value) -> bool) -> impl Judge<I> {
    move |_, key: &I::Key, value: &I::Value| Verdict::yield_if(predicate(key, value))
}

impl<I, P> StorageIterator for FilterIterator<I, P>
where
    I: StorageIterator,
    P: FnMut(&I::Key, &I::Value) -> bool,
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
        self.child.for_each_while(judge(self.predicate), f)
    }

    stand_on_child!(key, value);
}

impl<I, P> SeekableIterator for FilterIterator<I, P>
where
    I: SeekableIterator,
    P: FnMut(&I::Key, &I::Value) -> bool,
{
    cursor_by_judging!(seek);
}

impl<I, P> BidirectionalIterator for FilterIterator<I, P>
where
    I: BidirectionalIterator,
    P: FnMut(&I::Key, &I::Value) -> bool,
{
    cursor_by_judging!(prev);
}

impl<I: fmt::Debug, P> fmt::Debug for FilterIterator<I, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
