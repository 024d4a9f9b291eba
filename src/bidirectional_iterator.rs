//! [`BidirectionalIterator`]: a cursor, which walks both ways.

use crate::{RevIterator, SeekableIterator};

/// A [`SeekableIterator`] that walks backwards as well, and changes its direction at any point.
///
/// All of this library's iterators that seek are, over children that are, but `RefreshIterator`. (Those over chunks are where the source
/// is a `DescendingChunkSource`.)
///
/// # The contract
///
/// There is a position before the first entry, one on each, and one behind the last. [`prev`](Self::prev) moves from one to that
/// before it, as [`next`](crate::StorageIterator::next) moves to that behind it; moving off either end stays there. What was said of
/// `next` holds for every method that moves: `Ok(true)` means that the iterator stands on an entry, an `Err` leaves the step
/// open, and calling the same method again completes it.
///
/// **An open step is completed first, in its own direction.** `prev` after a `next` that failed does what that `next` still had to
/// do, and then goes back from there; `next` after a `prev` or [`seek_for_prev`](Self::seek_for_prev) that failed, the other way round. So
/// what follows an error is the same as if the error had not been. Either part may fail, and what is left of it stays open. A
/// new iterator is one whose first `next` is open. A seek that failed was forward
/// ([`seek`](SeekableIterator::seek), [`seek_to_first`](SeekableIterator::seek_to_first)) or backward, and is completed by `next` or by
/// `prev` accordingly; another seek starts afresh.
///
/// ```
/// use storage_iter::{BidirectionalIterator, SeekableIterator, SliceIterator, StorageIterator};
///
/// let mut entries = SliceIterator::new(&[("a", 1), ("c", 3), ("e", 5)]);
/// assert_eq!(entries.seek(&"c"), Ok(true));
/// assert_eq!(entries.prev(), Ok(true));
/// assert_eq!(entries.key(), &"a");
/// assert_eq!(entries.prev(), Ok(false)); // before the first entry
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.key(), &"a");
/// ```
pub trait BidirectionalIterator: SeekableIterator {
    /// Moves to the entry before. `Ok(false)`: there is none, and the iterator stands before the first.
    ///
    /// # Errors
    ///
    /// When the source fails. The step stays open: `prev` completes it.
    ///
    /// ```
    /// use storage_iter::{BidirectionalIterator, SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(10, 'a'), (20, 'b')]);
    /// while entries.next()? {}
    /// assert_eq!(entries.prev(), Ok(true));
    /// assert_eq!(entries.key(), &20);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn prev(&mut self) -> Result<bool, Self::Error>;

    /// Moves to the last entry. `Ok(false)`: there is none at all, and the iterator stands before where the first would be.
    ///
    /// # Errors
    ///
    /// When the source fails. The step stays open: `prev` completes it, or another seek starts afresh.
    ///
    /// ```
    /// use storage_iter::{BidirectionalIterator, SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(10, 'a'), (20, 'b')]);
    /// assert_eq!(entries.seek_to_last(), Ok(true));
    /// assert_eq!(entries.key(), &20);
    /// ```
    fn seek_to_last(&mut self) -> Result<bool, Self::Error>;

    /// Moves to the last entry whose key is not greater than `key`. `Ok(false)`: there is none, and the iterator stands
    /// before its first entry.
    ///
    /// # Errors
    ///
    /// As [`seek_to_last`](Self::seek_to_last).
    ///
    /// ```
    /// use storage_iter::{BidirectionalIterator, SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(10, 'a'), (20, 'b')]);
    /// assert_eq!(entries.seek_for_prev(&19), Ok(true));
    /// assert_eq!(entries.key(), &10);
    /// assert_eq!(entries.seek_for_prev(&9), Ok(false));
    /// ```
    fn seek_for_prev(&mut self, key: &Self::Key) -> Result<bool, Self::Error>;

    /// The same entries from the last to the first, as a storage iterator over [`Descending`](crate::Descending) keys. See
    /// [`RevIterator`].
    ///
    /// ```
    /// use storage_iter::{BidirectionalIterator, SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(10, 'a'), (20, 'b')]).rev();
    /// let mut shown = vec![];
    /// while entries.next()? {
    ///     shown.push(entries.key().0);
    /// }
    /// assert_eq!(shown, [20, 10]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn rev(self) -> RevIterator<Self>
    where
        Self: Sized,
    {
        RevIterator::new(self)
    }
}

/// Types that only point to a cursor walk what they point to.
macro_rules! bidirectional_iterators_by_deref {
    ($($pointer:ty),*) => {$(
        impl<I: ?Sized + BidirectionalIterator> BidirectionalIterator for $pointer {
            #[inline]
            fn prev(&mut self) -> Result<bool, I::Error> {
                (**self).prev()
            }

            #[inline]
            fn seek_to_last(&mut self) -> Result<bool, I::Error> {
                (**self).seek_to_last()
            }

            #[inline]
            fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
                (**self).seek_for_prev(key)
            }
        }
    )*};
}

bidirectional_iterators_by_deref!(&mut I, Box<I>);
