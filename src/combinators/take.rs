use super::child::{Child, stand_on_child};
use crate::StorageIterator;

/// The first entries of a storage iterator, up to a number, made by [`take`](StorageIterator::take).
///
/// Yields them in the child's order. A limit counts what a reader sees, so put it above the merge and its filters.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Once the number is reached the child is not asked again, so `take` on
/// [`by_ref`](StorageIterator::by_ref) leaves the next entry where it is. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open, and a failed step does not count.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, TakeIterator};
///
/// let mut page = TakeIterator::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]), 2);
/// assert_eq!(page.next(), Ok(true));
/// assert_eq!(page.next(), Ok(true));
/// assert_eq!(page.next(), Ok(false));
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TakeIterator<I> {
    pub(crate) child: Child<I>,
    remaining: usize,
}

impl<I> TakeIterator<I> {
    /// The first `count` entries of `child`.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, StorageIterator, TakeIterator};
    /// assert_eq!(TakeIterator::new(SliceIterator::new(&[(1, 'a')]), 5).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I, count: usize) -> Self {
        TakeIterator { child: Child::new(child), remaining: count }
    }
}

impl<I: StorageIterator> StorageIterator for TakeIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        if self.remaining == 0 {
            self.child.finish();
            return Ok(false);
        }
        let is_valid = self.child.pass(I::next)?;
        self.remaining -= usize::from(is_valid);
        Ok(is_valid)
    }

    stand_on_child!(key, value, shared_prefix_len);
}
