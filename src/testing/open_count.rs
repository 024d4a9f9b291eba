//! [`OpenCount`]: how many iterators or views are open.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "async")]
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// How many of the things that it [tracks](Self::track) are open: iterators, views, guards. For tests of what lets go of one before it
/// opens the next. Clones are one count.
///
/// ```
/// use storage_iter::testing::OpenCount;
/// use storage_iter::{ConcatFn, ConcatIterator, SliceIterator, StorageIterator};
///
/// let files = [[(1, 'a')], [(2, 'b')]];
/// let open = OpenCount::new();
/// let mut level = ConcatIterator::new(ConcatFn::new(2, |file| {
///     assert_eq!(open.open(), 0);
///     Ok(open.track(SliceIterator::new(&files[file])))
/// }));
/// while level.next()? {
///     assert_eq!(open.open(), 1);
/// }
/// assert_eq!(open.open(), 0);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenCount(Arc<AtomicUsize>);

impl OpenCount {
    /// Nothing is open.
    ///
    /// ```
    /// # use storage_iter::testing::OpenCount;
    /// assert_eq!(OpenCount::new().open(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many are open.
    ///
    /// ```
    /// # use storage_iter::testing::OpenCount;
    /// let count = OpenCount::new();
    /// let view = count.track("view");
    /// assert_eq!(count.open(), 1);
    /// drop(view);
    /// assert_eq!(count.open(), 0);
    /// ```
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// `value`, which counts as open until it is dropped.
    ///
    /// ```
    /// # use storage_iter::testing::OpenCount;
    /// assert_eq!(OpenCount::new().track("view").len(), 4);
    /// ```
    pub fn track<T>(&self, value: T) -> Tracked<T> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Tracked { value, count: self.clone() }
    }
}

/// What an [`OpenCount`] tracks; a storage iterator, if that is what it is.
///
/// ```
/// use storage_iter::testing::OpenCount;
/// use storage_iter::{OnceIterator, StorageIterator};
///
/// let count = OpenCount::new();
/// let entries = count.track(OnceIterator::new(1, 'a'));
/// let clone = entries.clone();
/// assert_eq!((count.open(), entries.count(), clone.count(), count.open()), (2, Ok(1), Ok(1), 0));
/// ```
#[derive(Debug)]
pub struct Tracked<T> {
    value: T,
    count: OpenCount,
}

/// As open as the original.
impl<T: Clone> Clone for Tracked<T> {
    fn clone(&self) -> Self {
        self.count.track(self.value.clone())
    }
}

impl<T> Drop for Tracked<T> {
    fn drop(&mut self) {
        self.count.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<T> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<I: StorageIterator> StorageIterator for Tracked<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.value.next()
    }

    fn is_valid(&self) -> bool {
        self.value.is_valid()
    }

    fn key(&self) -> &I::Key {
        self.value.key()
    }

    fn value(&self) -> &I::Value {
        self.value.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.value.shared_prefix_len()
    }

    fn num_active_iterators(&self) -> usize {
        self.value.num_active_iterators()
    }
}

impl<I: SeekableIterator> SeekableIterator for Tracked<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.value.seek(key)
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.value.seek_to_first()
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for Tracked<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.value.prev()
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.value.seek_to_last()
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.value.seek_for_prev(key)
    }
}

#[cfg(feature = "async")]
impl<I: AsyncStorageIterator> AsyncStorageIterator for Tracked<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    async fn next(&mut self) -> Result<bool, I::Error> {
        self.value.next().await
    }

    fn try_next(&mut self) -> Option<Result<bool, I::Error>> {
        self.value.try_next()
    }

    fn is_valid(&self) -> bool {
        self.value.is_valid()
    }

    fn key(&self) -> &I::Key {
        self.value.key()
    }

    fn value(&self) -> &I::Value {
        self.value.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.value.shared_prefix_len()
    }

    fn num_active_iterators(&self) -> usize {
        self.value.num_active_iterators()
    }
}

#[cfg(feature = "async")]
impl<I: AsyncSeekableIterator> AsyncSeekableIterator for Tracked<I> {
    fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, I::Error>> {
        self.value.try_seek(key)
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, I::Error>> {
        self.value.try_seek_to_first()
    }
}
