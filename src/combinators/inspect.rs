use std::fmt;

use super::child::{Child, Judge, Verdict, cursor_by_judging, stand_on_child};
use crate::walk::Direction;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// The entries of a storage iterator, each shown to a closure on its way, made by [`inspect`](StorageIterator::inspect).
///
/// Yields what the child yields. The closure runs in `next`, once for each entry, and in every other method that moves onto
/// one.
///
/// # Complexity
///
/// One call of the closure a step. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open; the closure is not called for a step that failed.
///
/// # Panics
///
/// When the closure does. A `next` or `prev` in the same direction shows it the same entry again; a seek is cut short.
///
/// ```
/// use storage_iter::{InspectIterator, SliceIterator, StorageIterator};
///
/// let mut largest = 0;
/// let entries = SliceIterator::new(&[("a", 3), ("b", 9), ("c", 5)]);
/// InspectIterator::new(entries, |_: &&str, size: &i32| largest = largest.max(*size)).count()?;
/// assert_eq!(largest, 9);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct InspectIterator<I, F> {
    pub(crate) child: Child<I>,
    inspect: F,
}

impl<I, F> InspectIterator<I, F> {
    /// The entries of `child`, each shown to `inspect`.
    ///
    /// ```
    /// # use storage_iter::{InspectIterator, SliceIterator, StorageIterator};
    /// let mut seen = vec![];
    /// InspectIterator::new(SliceIterator::new(&[(1, 'a')]), |key: &i32, _: &char| seen.push(*key)).count()?;
    /// assert_eq!(seen, [1]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn new(child: I, inspect: F) -> Self {
        InspectIterator { child: Child::new(child), inspect }
    }
}

impl<I, F> InspectIterator<I, F>
where
    I: StorageIterator,
    F: FnMut(&I::Key, &I::Value),
{
    #[inline]
    fn judged(&mut self) -> (&mut Child<I>, impl Judge<I>) {
        (&mut self.child, judge(&mut self.inspect))
    }
}

#[inline]
fn judge<I: StorageIterator>(mut inspect: impl FnMut(&I::Key, &I::Value)) -> impl Judge<I> {
    move |_, key: &I::Key, value: &I::Value| {
        inspect(key, value);
        Verdict::Yield
    }
}

impl<I, F> StorageIterator for InspectIterator<I, F>
where
    I: StorageIterator,
    F: FnMut(&I::Key, &I::Value),
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    cursor_by_judging!(next);

    #[inline]
    fn for_each_while<G>(self, f: G) -> Result<bool, Self::Error>
    where
        G: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.child.for_each_while(judge(self.inspect), f)
    }

    stand_on_child!(key, value, shared_prefix_len);
}

impl<I, F> SeekableIterator for InspectIterator<I, F>
where
    I: SeekableIterator,
    F: FnMut(&I::Key, &I::Value),
{
    cursor_by_judging!(seek);
}

impl<I, F> BidirectionalIterator for InspectIterator<I, F>
where
    I: BidirectionalIterator,
    F: FnMut(&I::Key, &I::Value),
{
    cursor_by_judging!(prev);
}

impl<I: fmt::Debug, F> fmt::Debug for InspectIterator<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
