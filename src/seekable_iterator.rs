//! [`SeekableIterator`]: a storage iterator that goes to a key.

use crate::StorageIterator;

/// A [`StorageIterator`] that goes to any key, forwards or backwards.
///
/// All of this library's iterators are, over children that are, but those over std's iterators
/// ([`PairsIterator`](crate::PairsIterator), [`ResultPairsIterator`](crate::ResultPairsIterator)), which only go forward, and
/// [`TakeIterator`](crate::TakeIterator) and [`CollectGarbageIterator`](crate::CollectGarbageIterator), for which what they yield
/// depends on what came before.
///
/// # The contract
///
/// To the [promises of every storage iterator](StorageIterator#the-contract) it adds:
///
/// - **Afresh.** [`seek`](Self::seek) and [`seek_to_first`](Self::seek_to_first) do not depend on where the iterator stands, or on
///   how it came there: exhaustion, and a step that is open, are forgotten.
/// - **Errors.** When a seek returns `Err`, `is_valid` is false and *the step is open*: `next` completes it and stands where the
///   seek would have, or another seek starts afresh. A combinator passes the seek on to every child that takes part in it, also
///   when one of them has failed, and then returns the first error; so each child can complete its own step. A source that cannot
///   complete a seek in `next` (because it has kept no copy of the target, say) returns `Err` there until a seek succeeds.
/// - **Cut short.** A seek that was cut short by a panic (or by a dropped future) leaves no position: `next` panics until a seek
///   returns. Nothing else could be right: some children have not heard of the target.
/// - **End.** `Ok(false)` means that no key is at or behind the target, and the iterator stands behind its last entry.
///
/// ```
/// use storage_iter::{SeekableIterator, SliceIterator, StorageIterator};
///
/// let mut entries = SliceIterator::new(&[("a", 1), ("c", 3), ("e", 5)]);
/// assert_eq!(entries.seek(&"b"), Ok(true));
/// assert_eq!(entries.key(), &"c");
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.seek(&"x"), Ok(false));
/// assert_eq!(entries.seek_to_first(), Ok(true));
/// assert_eq!(entries.key(), &"a");
/// ```
pub trait SeekableIterator: StorageIterator {
    /// Moves to the first entry whose key is not less than `key`. `Ok(true)`: there is one, and the iterator stands on it.
    ///
    /// # Errors
    ///
    /// When the source fails. The step stays open: `next` completes it, or another seek starts afresh.
    ///
    /// ```
    /// use storage_iter::{SeekableIterator, SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(10, 'a'), (20, 'b')]);
    /// assert_eq!(entries.seek(&11), Ok(true));
    /// assert_eq!(entries.key(), &20);
    /// assert_eq!(entries.seek(&21), Ok(false));
    /// assert_eq!(entries.seek(&10), Ok(true));
    /// assert_eq!(entries.value(), &'a');
    /// ```
    fn seek(&mut self, key: &Self::Key) -> Result<bool, Self::Error>;

    /// Moves to the first entry. `Ok(false)`: there is none at all.
    ///
    /// # Errors
    ///
    /// As [`seek`](Self::seek).
    ///
    /// ```
    /// use storage_iter::{SeekableIterator, SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(10, 'a'), (20, 'b')]);
    /// assert_eq!(entries.by_ref().count(), Ok(2));
    /// assert_eq!(entries.seek_to_first(), Ok(true));
    /// assert_eq!(entries.key(), &10);
    /// ```
    fn seek_to_first(&mut self) -> Result<bool, Self::Error>;
}

/// Types that only point to a cursor seek in what they point to.
macro_rules! seekable_iterators_by_deref {
    ($($pointer:ty),*) => {$(
        impl<I: ?Sized + SeekableIterator> SeekableIterator for $pointer {
            #[inline]
            fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
                (**self).seek(key)
            }

            #[inline]
            fn seek_to_first(&mut self) -> Result<bool, I::Error> {
                (**self).seek_to_first()
            }
        }
    )*};
}

seekable_iterators_by_deref!(&mut I, Box<I>);
