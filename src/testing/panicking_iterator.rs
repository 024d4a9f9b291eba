//! [`PanickingIterator`]: an iterator below which anything may panic.

use super::FailPoint;
use super::events::passing;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator below which every [event](super::events) may panic: comparisons of [`CountingKey`](super::CountingKey)s, calls of
/// [`CountingIterator`](super::CountingIterator)s, and closures that announce theirs.
///
/// Yields what the child yields. While a call that moves is made, each event passes the [`FailPoint`], and where that panics, so does the
/// event. (Its errors are no matter of events and change nothing.) What whoever drives the iterator compares meanwhile does not. Put it on
/// top of a combinator whose children and keys are counted, and let
/// [`Contract::check_operations`](super::Contract::check_operations) drive it.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Allocates nothing.
///
/// # Errors
///
/// The child's.
///
/// # Panics
///
/// Where the fail point does.
///
/// ```
/// use storage_iter::testing::events::catch_injected;
/// use storage_iter::testing::{CountingKey, FailPoint, PanickingIterator};
/// use storage_iter::{MergeIterator, SliceIterator, StorageIterator};
///
/// let layers = [[(CountingKey(2), 'a')], [(CountingKey(1), 'b')], [(CountingKey(2), 'c')]];
/// let merged = MergeIterator::new(layers.iter().map(|layer| SliceIterator::new(layer)));
/// let mut panicking = PanickingIterator::new(merged, FailPoint::panicking_at(1));
/// assert_eq!(catch_injected(|| panicking.next()), None);
/// assert_eq!(panicking.next(), Ok(true));
/// assert_eq!(panicking.key().0, 1);
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct PanickingIterator<I> {
    child: I,
    point: FailPoint,
}

impl<I> PanickingIterator<I> {
    /// `child`, below which events panic where `point` does.
    ///
    /// ```
    /// # use storage_iter::testing::{FailPoint, PanickingIterator};
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// assert_eq!(PanickingIterator::new(SliceIterator::new(&[(1, 'a')]), FailPoint::harmless()).count(), Ok(1));
    /// ```
    pub fn new(child: I, point: FailPoint) -> Self {
        PanickingIterator { child, point }
    }

    fn go<T>(&mut self, go: impl FnOnce(&mut I) -> T) -> T {
        passing(Some(&self.point), || go(&mut self.child))
    }
}

impl<I: StorageIterator> StorageIterator for PanickingIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.go(I::next)
    }

    fn is_valid(&self) -> bool {
        self.child.is_valid()
    }

    fn key(&self) -> &I::Key {
        self.child.key()
    }

    fn value(&self) -> &I::Value {
        self.child.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.child.shared_prefix_len()
    }

    fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }
}

impl<I: SeekableIterator> SeekableIterator for PanickingIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(|child| child.seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.go(I::seek_to_first)
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for PanickingIterator<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.go(I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.go(I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(|child| child.seek_for_prev(key))
    }
}
