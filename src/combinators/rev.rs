use super::child::Child;
use crate::{BidirectionalIterator, Descending, SeekableIterator, StorageIterator};

/// The entries of a cursor from the last to the first, made by [`rev`](BidirectionalIterator::rev).
///
/// Its keys are [`Descending`], so what it yields ascends in their order, as every storage iterator's keys do: all that is said
/// of these, and of merges and bounds over them, holds. A descending merge is a merge of such iterators, and has no direction at
/// run time.
///
/// It begins with the child's last entry, wherever the child stood. It is a cursor itself: a [`seek`](SeekableIterator::seek) to a
/// descending key is a [`seek_for_prev`](BidirectionalIterator::seek_for_prev) of the child, and so on.
///
/// # Complexity
///
/// That of the child's [`prev`](BidirectionalIterator::prev); the first step is a
/// [`seek_to_last`](BidirectionalIterator::seek_to_last). Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use storage_iter::{BidirectionalIterator, Descending, SeekableIterator, SliceIterator, StorageIterator};
///
/// let mut entries = SliceIterator::new(&[("a", 1), ("c", 3), ("e", 5)]).rev();
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key().0, *entries.value()), ("e", 5));
/// assert_eq!(entries.seek(&Descending("b")), Ok(true));
/// assert_eq!(entries.key().0, "a");
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct RevIterator<I> {
    child: Child<I>,
    /// The child has not been sent to its last entry yet.
    is_new: bool,
}

impl<I> RevIterator<I> {
    /// The entries of `child`, the last first.
    ///
    /// ```
    /// # use storage_iter::{RevIterator, SliceIterator, StorageIterator};
    /// assert_eq!(RevIterator::new(SliceIterator::new(&[(1, 'a'), (2, 'b')])).count(), Ok(2));
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        RevIterator { child: Child::new(child), is_new: true }
    }
}

impl<I: BidirectionalIterator> RevIterator<I> {
    /// Until the child has been at its last entry, whatever fails or panics is begun again.
    #[cold]
    fn begin(&mut self) -> Result<bool, I::Error> {
        let result = self.child.pass(I::seek_to_last);
        self.is_new = result.is_err();
        result
    }

    fn seek_by(&mut self, seek: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        self.is_new = false;
        self.child.pass(seek)
    }
}

impl<I: BidirectionalIterator> StorageIterator for RevIterator<I> {
    type Key = Descending<I::Key>;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        if self.is_new { self.begin() } else { self.child.pass(I::prev) }
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.child.is_valid()
    }

    #[inline]
    fn key(&self) -> &Descending<I::Key> {
        Descending::from_ref(self.child.key())
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.child.value()
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        self.child.shared_prefix_len()
    }

    // No `prefetch`: the child would ask for what lies the other way.

    fn num_active_iterators(&self) -> usize {
        self.child.iterator().num_active_iterators()
    }
}

impl<I: BidirectionalIterator> SeekableIterator for RevIterator<I> {
    fn seek(&mut self, key: &Descending<I::Key>) -> Result<bool, I::Error> {
        self.seek_by(|child| child.seek_for_prev(&key.0))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.seek_by(I::seek_to_last)
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for RevIterator<I> {
    #[inline]
    fn prev(&mut self) -> Result<bool, I::Error> {
        if self.is_new {
            // Before the first entry already.
            return Ok(false);
        }
        self.child.pass(I::next)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.seek_by(I::seek_to_first)
    }

    fn seek_for_prev(&mut self, key: &Descending<I::Key>) -> Result<bool, I::Error> {
        self.seek_by(|child| child.seek(&key.0))
    }
}
