//! [`AsyncSeekableIterator`]: an asynchronous storage iterator that goes to a key.

use std::future::Future;

use super::AsyncStorageIterator;

/// An [`AsyncStorageIterator`] that goes to any key, forwards or backwards.
///
/// # The contract
///
/// It is [that of `SeekableIterator`](crate::SeekableIterator#the-contract), with this in addition:
///
/// - **A seek only begins.** [`try_seek`](Self::try_seek) tells everybody who takes part the target, in one synchronous call. Where
///   it answers, the iterator stands where it should; where it would have to wait, or fails, *the step is open*, and
///   [`next`](AsyncStorageIterator::next) completes it. What is waited for is always a step.
///   (`async_iter/seeks.rs`: `every_composition_seeks_as_its_synchronous_twin`)
/// - **Dropped futures.** So a future of [`seek`](Self::seek) that is dropped before it is done leaves the step open, and no
///   position is lost: `next` completes the seek, or another seek starts afresh. One that was never polled has done nothing.
///   (`async_iter/seeks.rs`: `a_dropped_seek_is_completed_by_next`)
///
/// # Implementing it
///
/// Note where to go in `try_seek`, forget what a dropped future may have left behind, and let `next` go there:
///
/// ```
/// use std::future::Future;
/// use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
///
/// /// Asks a server for each next entry.
/// struct Remote<F> {
///     /// Answers with the first entry whose key is not less than the one given.
///     get: F,
///     /// The key from which on the next step looks, if there is any.
///     from: Option<u64>,
///     entry: Option<(u64, String)>,
/// }
///
/// impl<F, R> AsyncStorageIterator for Remote<F>
/// where
///     F: FnMut(u64) -> R + Send,
///     R: Future<Output = std::io::Result<Option<(u64, String)>>> + Send,
/// {
///     type Key = u64;
///     type Value = String;
///     type Error = std::io::Error;
///
///     async fn next(&mut self) -> std::io::Result<bool> {
///         self.entry = None;
///         let Some(from) = self.from else { return Ok(false) };
///         self.entry = (self.get)(from).await?;
///         self.from = self.entry.as_ref().and_then(|(key, _)| key.checked_add(1));
///         Ok(self.is_valid())
///     }
///
///     fn is_valid(&self) -> bool {
///         self.entry.is_some()
///     }
///
///     fn key(&self) -> &u64 {
///         &self.entry.as_ref().expect("not on an entry").0
///     }
///
///     fn value(&self) -> &String {
///         &self.entry.as_ref().expect("not on an entry").1
///     }
/// }
///
/// impl<F, R> AsyncSeekableIterator for Remote<F>
/// where
///     F: FnMut(u64) -> R + Send,
///     R: Future<Output = std::io::Result<Option<(u64, String)>>> + Send,
/// {
///     fn try_seek(&mut self, key: &u64) -> Option<std::io::Result<bool>> {
///         (self.entry, self.from) = (None, Some(*key));
///         None
///     }
///
///     fn try_seek_to_first(&mut self) -> Option<std::io::Result<bool>> {
///         self.try_seek(&0)
///     }
/// }
///
/// # futures_executor::block_on(async {
/// let get = |from: u64| async move { Ok((from <= 90).then(|| (from.next_multiple_of(10), format!("from {from}")))) };
/// let mut entries = Remote { get, from: Some(0), entry: None }.filter(|key, _| *key != 50);
/// assert!(entries.seek(&41).await?);
/// assert_eq!(entries.key(), &60);
/// assert!(!entries.seek(&91).await?);
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
pub trait AsyncSeekableIterator: AsyncStorageIterator<Key: Sync> {
    /// Moves to the first entry whose key is not less than `key`, if that takes no waiting. `None`: it does; the step is open
    /// now, and [`next`](AsyncStorageIterator::next) completes it, or another seek starts afresh.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, FromSync};
    ///
    /// let mut entries = FromSync::new(SliceIterator::new(&[(10, 'a'), (20, 'b')])).yield_every(1);
    /// assert_eq!(entries.try_seek(&11), Some(Ok(true)));
    /// assert_eq!(entries.key(), &20);
    /// ```
    fn try_seek(&mut self, key: &Self::Key) -> Option<Result<bool, Self::Error>>;

    /// Moves to the first entry, if that takes no waiting. `None`: as [`try_seek`](Self::try_seek).
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, FromSync};
    /// let mut entries = FromSync::new(OnceIterator::new(1, 'a'));
    /// assert_eq!(entries.try_seek_to_first(), Some(Ok(true)));
    /// assert_eq!(entries.try_next(), Some(Ok(false)));
    /// assert_eq!(entries.try_seek_to_first(), Some(Ok(true)));
    /// ```
    fn try_seek_to_first(&mut self) -> Option<Result<bool, Self::Error>>;

    /// Moves to the first entry whose key is not less than `key`. `Ok(true)`: there is one, and the iterator stands on it.
    ///
    /// # Errors
    ///
    /// When the source fails. The step stays open, as it does when the future is dropped: `next` completes it, or another seek
    /// starts afresh.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, FromSync, MergeIterator};
    ///
    /// # futures_executor::block_on(async {
    /// let layers = [vec![(1, "new"), (5, "new")], vec![(1, "old"), (3, "old")]];
    /// let mut merged = MergeIterator::new(layers.iter().map(|layer| FromSync::new(SliceIterator::new(layer))));
    /// assert_eq!(merged.seek(&2).await, Ok(true));
    /// assert_eq!((merged.key(), merged.value()), (&3, &"old"));
    /// assert_eq!(merged.seek(&6).await, Ok(false));
    /// assert_eq!(merged.seek(&1).await, Ok(true));
    /// assert_eq!(merged.value(), &"new");
    /// # });
    /// ```
    #[inline]
    fn seek(&mut self, key: &Self::Key) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        async move {
            if let Some(sought) = self.try_seek(key) {
                return sought;
            }
            self.next().await
        }
    }

    /// Moves to the first entry. `Ok(false)`: there is none at all.
    ///
    /// # Errors
    ///
    /// As [`seek`](Self::seek).
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, FromSync};
    ///
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(10, 'a'), (20, 'b')]));
    /// assert_eq!(entries.by_ref().count().await, Ok(2));
    /// assert_eq!(entries.seek_to_first().await, Ok(true));
    /// assert_eq!(entries.key(), &10);
    /// # });
    /// ```
    #[inline]
    fn seek_to_first(&mut self) -> impl Future<Output = Result<bool, Self::Error>> + Send {
        async move {
            if let Some(sought) = self.try_seek_to_first() {
                return sought;
            }
            self.next().await
        }
    }
}

/// Types that only point to a cursor seek in what they point to.
macro_rules! seekable_iterators_by_deref {
    ($($pointer:ty),*) => {$(
        impl<I: AsyncSeekableIterator> AsyncSeekableIterator for $pointer {
            #[inline]
            fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, I::Error>> {
                (**self).try_seek(key)
            }

            #[inline]
            fn try_seek_to_first(&mut self) -> Option<Result<bool, I::Error>> {
                (**self).try_seek_to_first()
            }

            #[inline]
            fn seek(&mut self, key: &I::Key) -> impl Future<Output = Result<bool, I::Error>> + Send {
                (**self).seek(key)
            }

            #[inline]
            fn seek_to_first(&mut self) -> impl Future<Output = Result<bool, I::Error>> + Send {
                (**self).seek_to_first()
            }
        }
    )*};
}

seekable_iterators_by_deref!(&mut I, Box<I>);
