//! [`AsyncStorageIterator`]: the trait, its contract, and the combinators as provided methods.

use std::borrow::Borrow;
use std::future::Future;
use std::ops::Bound;

use futures_core::Stream;
use futures_util::stream;

use super::{
    AtIterator, BetweenIterator, BorrowedIterator, CheckOrderIterator, CollectGarbageIterator, FilterIterator,
    FoldVersionsIterator, FuseIterator, GroupVersionsIterator, InspectIterator, LiftErrIterator, MapErrIterator,
    MapValueIterator, MaskIterator, PrefixesIterator, SkipTombstonesIterator, TakeIterator, TwoDifferenceIterator,
    TwoIntersectionIterator, TwoMergeIterator, TwoSymmetricDifferenceIterator, TwoUnionIterator, VersionedKeysIterator,
    YieldIterator,
};
use crate::{Key, MergeOperator, Never, PrefixKey, RangeTombstones, Tombstone, Versioned};

/// A [`StorageIterator`](crate::StorageIterator) whose steps may have to be waited for: for a disk, for an object store.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
///
/// # futures_executor::block_on(async {
/// let mut entries = FromSync::new(SliceIterator::new(&[("apple", 1), ("pear", 2)]));
/// let mut sum = 0;
/// while entries.next().await? {
///     sum += entries.value();
/// }
/// assert_eq!(sum, 3);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
///
/// # The contract
///
/// It is [that of `StorageIterator`](crate::StorageIterator#the-contract), with every promise of `next` taken as one of
/// the future that [`next`](Self::next) returns, and this one, which is number 13 there:
///
/// - **Dropped futures.** A future of `next` that is dropped before it is done, by a timeout or by a `select`, leaves the
///   step open, exactly as an error does: nothing is lost and nothing repeated, `is_valid` is false, and calling `next`
///   again completes the same step. A future that is dropped before it was polled has done nothing or has begun the step;
///   either way the next call returns what it would have.
///   (`async_iter/cancel.rs`: `every_composition_outlives_dropped_futures`)
/// - **Steps without waiting.** [`try_next`](Self::try_next) is a step like that of `next`, except that it gives up where it
///   would have to wait, and then the step is open. Where it answers, it has done what `next` would have done.
///   (`async_iter/parity.rs`: every property)
/// - **`Send`.** Iterators and their futures can be sent to another thread, so a generic function may spawn a task that
///   runs one. (`async_iter/send.rs`: the compiler holds this)
///
/// # Implementing it
///
/// Write `async fn next`. State belongs into the iterator, not into the future: note before each `.await` what was begun,
/// and afterwards that it is done, so that the next call finds out where to go on if the future was dropped in between.
///
/// ```
/// use std::future::Future;
/// use storage_iter::async_iter::AsyncStorageIterator;
///
/// /// Reads page after page from somewhere.
/// struct Pages<F> {
///     read: F,
///     page: Vec<(u64, String)>,
///     /// How many entries of the page have come out.
///     passed: usize,
///     next_page: u64,
///     valid: bool,
/// }
///
/// impl<F, R> AsyncStorageIterator for Pages<F>
/// where
///     F: FnMut(u64) -> R + Send,
///     R: Future<Output = std::io::Result<Vec<(u64, String)>>> + Send,
/// {
///     type Key = u64;
///     type Value = String;
///     type Error = std::io::Error;
///
///     async fn next(&mut self) -> std::io::Result<bool> {
///         self.valid = false;
///         while self.passed == self.page.len() {
///             // Dropped here, it has changed nothing: the next call reads the same page.
///             let page = (self.read)(self.next_page).await?;
///             if page.is_empty() {
///                 return Ok(false);
///             }
///             (self.page, self.passed) = (page, 0);
///             self.next_page += 1;
///         }
///         self.passed += 1;
///         self.valid = true;
///         Ok(true)
///     }
///
///     /// Most entries are at hand. Without this method all that changes is the speed.
///     fn try_next(&mut self) -> Option<std::io::Result<bool>> {
///         self.valid = self.passed < self.page.len();
///         self.passed += usize::from(self.valid);
///         self.valid.then_some(Ok(true))
///     }
///
///     fn is_valid(&self) -> bool {
///         self.valid
///     }
///
///     fn key(&self) -> &u64 {
///         assert!(self.valid, "not on an entry");
///         &self.page[self.passed - 1].0
///     }
///
///     fn value(&self) -> &String {
///         assert!(self.valid, "not on an entry");
///         &self.page[self.passed - 1].1
///     }
/// }
///
/// # futures_executor::block_on(async {
/// let read = |page| async move { Ok((page < 3).then(|| (page, format!("page {page}"))).into_iter().collect()) };
/// let pages = Pages { read, page: vec![], passed: 0, next_page: 0, valid: false };
/// assert_eq!(pages.filter(|key, _| *key != 1).count().await?, 2);
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub trait AsyncStorageIterator: Send {
    /// What the entries are ordered by, lent as `&Self::Key`.
    type Key: ?Sized + Key;

    /// What is stored under a key, lent as `&Self::Value`.
    type Value: ?Sized;

    /// What a step may fail with; [`Infallible`](std::convert::Infallible) if it cannot.
    type Error;

    /// Moves to the next entry. `Ok(true)`: there is one, and the iterator stands on it. `Ok(false)`: there is none.
    ///
    /// Nothing happens before the future is polled, apart from what an implementor does at once.
    ///
    /// # Errors
    ///
    /// When the source fails. The step stays open: call `next` again to complete it. The same holds if the future is
    /// dropped.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    ///
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "one")]));
    /// assert_eq!(entries.next().await, Ok(true));
    /// assert_eq!(entries.next().await, Ok(false));
    /// # });
    /// ```
    fn next(&mut self) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Moves to the next entry if that takes no waiting. `None`: it does; the step is open now, and [`next`](Self::next)
    /// completes it, or another call of this method, once there is nothing to wait for. Until one of them answers, the iterator is not
    /// asked for anything else: what [`is_valid`](Self::is_valid) says meanwhile is not laid down, for the default has done nothing.
    ///
    /// Combinators call it first at every step, so entries that are at hand cost no suspended future, however deep the
    /// composition. The default is `None`, which is always right: then every step goes through `next`.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    ///
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "one")]));
    /// assert_eq!(entries.try_next(), Some(Ok(true)));
    /// assert_eq!(entries.key(), &1);
    /// ```
    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, Self::Error>> {
        None
    }

    /// Whether the iterator stands on an entry: true exactly after a step answered `Ok(true)`.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "one")]));
    /// assert!(!entries.is_valid());
    /// entries.next().await?;
    /// assert!(entries.is_valid());
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    fn is_valid(&self) -> bool;

    /// The key of the entry that the iterator stands on.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry, see [`is_valid`](Self::is_valid).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "one")]));
    /// entries.next().await?;
    /// assert_eq!(entries.key(), &1);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    fn key(&self) -> &Self::Key;

    /// The value of the entry that the iterator stands on.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry, see [`is_valid`](Self::is_valid).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "one")]));
    /// entries.next().await?;
    /// assert_eq!(entries.value(), &"one");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    fn value(&self) -> &Self::Value;

    /// A hint for merges of byte keys, see [`StorageIterator::shared_prefix_len`](crate::StorageIterator::shared_prefix_len).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[("apple", 1), ("apply", 2)]));
    /// entries.next().await?;
    /// entries.next().await?;
    /// assert_eq!(entries.shared_prefix_len(), Some(4));
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        None
    }

    /// A hint to the processor, see [`StorageIterator::prefetch`](crate::StorageIterator::prefetch).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[("apple", 1), ("banana", 2)]));
    /// entries.next().await?;
    /// entries.prefetch();
    /// assert_eq!(entries.key(), &"apple");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    fn prefetch(&self) {}

    /// How many leaf iterators this one is made of: 1 for a source, the sum over the children for a combinator.
    ///
    /// ```
    /// # use storage_iter::EmptyIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeIterator};
    /// let sources = (0..3).map(|_| FromSync::new(EmptyIterator::<u64, str>::new()));
    /// assert_eq!(MergeIterator::new(sources).num_active_iterators(), 3);
    /// ```
    #[must_use]
    fn num_active_iterators(&self) -> usize {
        1
    }

    /// Borrows the iterator, so that a combinator can be used on it and dropped without taking it along.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// assert_eq!(entries.by_ref().take(2).count().await, Ok(2));
    /// entries.next().await?;
    /// assert_eq!(entries.key(), &3);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn by_ref(&mut self) -> &mut Self
    where
        Self: Sized,
    {
        self
    }

    /// Merges this iterator over an `older` one. See [`TwoMergeIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let changes = FromSync::new(SliceIterator::new(&[(2, "new")]));
    /// let base = FromSync::new(SliceIterator::new(&[(1, "old"), (2, "old")]));
    /// let merged: Vec<_> = changes.two_merge(base).collect().await?;
    /// assert_eq!(merged, [(1, "old"), (2, "new")]);
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// # }).unwrap();
    /// ```
    fn two_merge<B>(self, older: B) -> TwoMergeIterator<Self, B>
    where
        Self: Sized,
        B: AsyncStorageIterator<Key = Self::Key, Value = Self::Value, Error = Self::Error>,
    {
        TwoMergeIterator::new(self, older)
    }

    /// The keys that this iterator or `other` has, with the values of both. See [`TwoUnionIterator`]; where one value is enough,
    /// [`two_merge`](Self::two_merge).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let a = FromSync::new(SliceIterator::new(&[(1, "a")]));
    /// let mut both = a.union(FromSync::new(SliceIterator::new(&[(1, 0.5), (2, 0.7)])));
    /// assert_eq!(both.next().await, Ok(true));
    /// assert_eq!((both.value().left(), both.value().right()), (Some(&"a"), Some(&0.5)));
    /// # });
    /// ```
    fn union<B>(self, other: B) -> TwoUnionIterator<Self, B>
    where
        Self: Sized,
        B: AsyncStorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoUnionIterator::new(self, other)
    }

    /// The entries whose keys `other` has as well. See [`TwoIntersectionIterator`], which also has forms that seek.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// let others = FromSync::new(SliceIterator::new(&[(2, "x"), (9, "y")]));
    /// assert_eq!(entries.intersection(others).collect().await, Ok(vec![(2, "b")]));
    /// # });
    /// ```
    fn intersection<B>(self, other: B) -> TwoIntersectionIterator<Self, B>
    where
        Self: Sized,
        B: AsyncStorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoIntersectionIterator::new(self, other)
    }

    /// The entries whose keys `other` has not. See [`TwoDifferenceIterator`], which also has a form that seeks.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// let others = FromSync::new(SliceIterator::new(&[(2, "x"), (9, "y")]));
    /// assert_eq!(entries.difference(others).collect().await, Ok(vec![(1, "a"), (3, "c")]));
    /// # });
    /// ```
    fn difference<B>(self, other: B) -> TwoDifferenceIterator<Self, B>
    where
        Self: Sized,
        B: AsyncStorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoDifferenceIterator::new(self, other)
    }

    /// The keys that only one of this iterator and `other` has. See [`TwoSymmetricDifferenceIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// let others = FromSync::new(SliceIterator::new(&[(2, "x"), (9, "y")]));
    /// assert_eq!(entries.symmetric_difference(others).count().await, Ok(3));
    /// # });
    /// ```
    fn symmetric_difference<B>(self, other: B) -> TwoSymmetricDifferenceIterator<Self, B>
    where
        Self: Sized,
        B: AsyncStorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoSymmetricDifferenceIterator::new(self, other)
    }

    /// Leaves out the entries whose value is a [`Tombstone`]. See [`SkipTombstonesIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[("a", ""), ("b", "1")]));
    /// assert_eq!(entries.skip_tombstones().count().await, Ok(1));
    /// # });
    /// ```
    fn skip_tombstones(self) -> SkipTombstonesIterator<Self>
    where
        Self: Sized,
        Self::Value: Tombstone,
    {
        SkipTombstonesIterator::new(self)
    }

    /// Only the entries whose keys lie between two bounds. See [`BetweenIterator`].
    ///
    /// ```
    /// # use std::ops::Bound;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// let middle: Vec<_> = entries.between(Bound::Excluded(1), Bound::Included(2)).collect().await?;
    /// assert_eq!(middle, [(2, "b")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn between<B: Borrow<Self::Key> + Send>(self, lower: Bound<B>, upper: Bound<B>) -> BetweenIterator<Self, B>
    where
        Self: Sized,
    {
        BetweenIterator::new(self, lower, upper)
    }

    /// Only the entries for which `predicate` answers true. See [`FilterIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// assert_eq!(entries.filter(|key, _| key % 2 == 1).count().await, Ok(2));
    /// # });
    /// ```
    fn filter<P>(self, predicate: P) -> FilterIterator<Self, P>
    where
        Self: Sized,
        P: FnMut(&Self::Key, &Self::Value) -> bool + Send,
    {
        FilterIterator::new(self, predicate)
    }

    /// The first `count` entries. See [`TakeIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// assert_eq!(entries.take(2).count().await, Ok(2));
    /// # });
    /// ```
    fn take(self, count: usize) -> TakeIterator<Self>
    where
        Self: Sized,
    {
        TakeIterator::new(self, count)
    }

    /// The same entries, each shown to a closure before it is yielded. See [`InspectIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut bytes = 0;
    /// let entries = FromSync::new(SliceIterator::new(&[("a", "1"), ("b", "22")]));
    /// entries.inspect(|key, value| bytes += key.len() + value.len()).count().await?;
    /// assert_eq!(bytes, 5);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn inspect<F>(self, inspect: F) -> InspectIterator<Self, F>
    where
        Self: Sized,
        F: FnMut(&Self::Key, &Self::Value) + Send,
    {
        InspectIterator::new(self, inspect)
    }

    /// The same keys, with a part or a view of each value. See [`MapValueIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, ("a", true)), (2, ("b", false))]));
    /// let names: Vec<_> = entries.map_value(|(name, _)| name).collect().await?;
    /// assert_eq!(names, [(1, "a"), (2, "b")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn map_value<U, F>(self, map: F) -> MapValueIterator<Self, F>
    where
        Self: Sized,
        U: ?Sized,
        F: Fn(&Self::Value) -> &U + Send,
    {
        MapValueIterator::new(self, map)
    }

    /// The same entries lent as the types that they borrow as. See [`BorrowedIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = [(b"a".to_vec(), b"1".to_vec())];
    /// let mut entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], [u8]>();
    /// entries.next().await?;
    /// assert_eq!(entries.key(), b"a");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn borrowed<K, V>(self) -> BorrowedIterator<Self, K, V>
    where
        Self: Sized,
        K: ?Sized + Key,
        V: ?Sized,
        Self::Key: Borrow<K>,
        Self::Value: Borrow<V>,
    {
        BorrowedIterator::new(self)
    }

    /// The same entries, with another error. See [`MapErrIterator`].
    ///
    /// ```
    /// # use storage_iter::ResultPairsIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let pairs = FromSync::new(ResultPairsIterator::new([Err::<(u64, u64), _>("torn page")]));
    /// let mut entries = pairs.map_err(|error| format!("while reading: {error}"));
    /// assert_eq!(entries.next().await, Err("while reading: torn page".to_string()));
    /// # });
    /// ```
    fn map_err<E, F>(self, map: F) -> MapErrIterator<Self, F>
    where
        Self: Sized,
        F: FnMut(Self::Error) -> E + Send,
    {
        MapErrIterator::new(self, map)
    }

    /// Gives a source that cannot fail the error type of one that can. See [`LiftErrIterator`].
    ///
    /// ```
    /// # use storage_iter::{ResultPairsIterator, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let memory = FromSync::new(SliceIterator::new(&[(1, "a")]));
    /// let disk = FromSync::new(ResultPairsIterator::new([Ok((2, "b")), Err("torn page")]));
    /// assert_eq!(memory.lift_err().two_merge(disk).next().await, Ok(true));
    /// # });
    /// ```
    fn lift_err<E>(self) -> LiftErrIterator<Self, E>
    where
        Self: Sized,
        Self::Error: Never,
    {
        LiftErrIterator::new(self)
    }

    /// Makes the first error final. A dropped future is none. See [`FuseIterator`].
    ///
    /// ```
    /// # use storage_iter::{FuseError, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let unsorted = FromSync::new(SliceIterator::new(&[(2, "b"), (1, "a")]));
    /// let mut entries = unsorted.check_order().fuse();
    /// assert_eq!(entries.next().await, Ok(true));
    /// assert!(matches!(entries.next().await, Err(FuseError::First(_))));
    /// assert_eq!(entries.next().await, Err(FuseError::Again));
    /// # });
    /// ```
    fn fuse(self) -> FuseIterator<Self>
    where
        Self: Sized,
    {
        FuseIterator::new(self)
    }

    /// Checks that the keys strictly ascend. See [`CheckOrderIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[("b", 1), ("a", 2)])).check_order();
    /// assert!(entries.next().await?);
    /// assert_eq!(entries.next().await.unwrap_err().to_string(), r#"key "a" does not come after "b""#);
    /// # Ok::<(), storage_iter::OrderError<std::convert::Infallible, &str>>(())
    /// # }).unwrap();
    /// ```
    fn check_order(self) -> CheckOrderIterator<Self>
    where
        Self: Sized,
        Self::Key: ToOwned<Owned: Send>,
    {
        CheckOrderIterator::new(self)
    }

    /// Only the entries whose keys begin with `prefix`. See [`BetweenIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = ["a/1", "b/1", "b/2", "b0"].map(|key| (key.to_string(), ()));
    /// let entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<str, ()>();
    /// assert_eq!(entries.prefix("b/").count().await, Ok(2));
    /// # });
    /// ```
    fn prefix(self, prefix: &Self::Key) -> BetweenIterator<Self, <Self::Key as ToOwned>::Owned>
    where
        Self: Sized,
        Self::Key: PrefixKey<Owned: Send>,
    {
        let (lower, upper) = Self::Key::prefix_bounds(prefix);
        BetweenIterator::new(self, lower, upper)
    }

    /// The same entries, in groups of one prefix each, of which the rest can be passed over. See [`PrefixesIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = ["a1", "a2", "b1"].map(|key| (key.to_string(), ()));
    /// let mut entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<str, ()>().prefixes(|key| key.get(..1));
    /// assert_eq!(entries.next().await, Ok(true));
    /// assert_eq!(entries.next_prefix().await, Ok(true));
    /// assert_eq!(entries.key(), "b1");
    /// # });
    /// ```
    fn prefixes<P>(self, extract: P) -> PrefixesIterator<Self, P>
    where
        Self: Sized,
        Self::Key: ToOwned<Owned: Send>,
        P: Fn(&Self::Key) -> Option<&Self::Key> + Send,
    {
        PrefixesIterator::new(self, extract)
    }

    /// Byte keys lent as the [`VersionedKey`](crate::VersionedKey)s that they encode. See [`VersionedKeysIterator`].
    ///
    /// ```
    /// # use storage_iter::{OwnedVersionedKey, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = [(OwnedVersionedKey::new(b"apple", 1).into_bytes(), "red")];
    /// let mut entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], str>().versioned_keys();
    /// assert_eq!(entries.next().await, Ok(true));
    /// assert_eq!(entries.key().user_key(), b"apple");
    /// # });
    /// ```
    fn versioned_keys(self) -> VersionedKeysIterator<Self>
    where
        Self: Sized + AsyncStorageIterator<Key = [u8]>,
    {
        VersionedKeysIterator::new(self)
    }

    /// All versions of one user key, the newest first. See [`BetweenIterator`].
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [(("a", Reverse(1)), 'a'), (("b", Reverse(5)), 'B'), (("b", Reverse(2)), 'b')];
    /// let versions = FromSync::new(SliceIterator::new(&versions));
    /// assert_eq!(versions.versions_of(&"b").count().await, Ok(2));
    /// # });
    /// ```
    fn versions_of(
        self,
        user_key: &<Self::Key as Versioned>::UserKey,
    ) -> BetweenIterator<Self, <Self::Key as ToOwned>::Owned>
    where
        Self: Sized,
        Self::Key: Versioned<Owned: Send>,
    {
        let lower = Self::Key::lower_bound(Bound::Included(user_key));
        BetweenIterator::new(self, lower, Self::Key::upper_bound(Bound::Included(user_key)))
    }

    /// The same versions, in groups of one user key each, of which the rest can be passed over. See [`GroupVersionsIterator`].
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [(("a", Reverse(5)), 'A'), (("a", Reverse(2)), 'a'), (("b", Reverse(2)), 'b')];
    /// let mut versions = FromSync::new(SliceIterator::new(&versions)).group_versions();
    /// assert_eq!(versions.next().await, Ok(true));
    /// assert_eq!(versions.next_user_key().await, Ok(true));
    /// assert_eq!(versions.value(), &'b');
    /// # });
    /// ```
    fn group_versions(self) -> GroupVersionsIterator<Self>
    where
        Self: Sized,
        Self::Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>,
    {
        GroupVersionsIterator::new(self)
    }

    /// What a snapshot sees of many versions: for each user key the newest whose number is not greater than `snapshot`. See
    /// [`AtIterator`].
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [(("a", Reverse(5)), "new"), (("a", Reverse(2)), "old"), (("b", Reverse(7)), "later")];
    /// let seen: Vec<_> = FromSync::new(SliceIterator::new(&versions)).at(4).collect().await?;
    /// assert_eq!(seen, [("a", "old")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn at(self, snapshot: u64) -> AtIterator<Self>
    where
        Self: Sized,
        Self::Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>,
        Self::Value: ToOwned<Owned: Send>,
    {
        AtIterator::new(self, snapshot)
    }

    /// What a snapshot sees of many versions, some of which are operands on those below them. See [`FoldVersionsIterator`],
    /// whose page has an example.
    ///
    /// ```
    /// use storage_iter::async_iter::{AsyncStorageIterator, FoldVersionsIterator};
    /// use storage_iter::{MergeOperator, VersionedKey};
    ///
    /// fn latest<I, O>(versions: I, operator: O) -> FoldVersionsIterator<I, O>
    /// where
    ///     I: AsyncStorageIterator<Key = VersionedKey, Value = [u8]>,
    ///     O: MergeOperator<[u8], [u8]> + Send,
    /// {
    ///     versions.fold_versions(u64::MAX, operator)
    /// }
    /// ```
    fn fold_versions<O>(self, snapshot: u64, operator: O) -> FoldVersionsIterator<Self, O>
    where
        Self: Sized,
        Self::Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>,
        Self::Value: ToOwned<Owned: Send> + Tombstone,
        O: MergeOperator<<Self::Key as Versioned>::UserKey, Self::Value> + Send,
    {
        FoldVersionsIterator::new(self, snapshot, operator)
    }

    /// Only the versions that no range tombstone deletes, of those that `snapshot` sees. See [`MaskIterator`].
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{RangeTombstone, RangeTombstones, SliceIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let deleted: RangeTombstones<u64> = [RangeTombstone { start: 1, end: 4, sequence: 5 }].into_iter().collect();
    /// let versions = [((3, Reverse(7)), 'a'), ((3, Reverse(2)), 'b'), ((4, Reverse(2)), 'c')];
    /// let versions = FromSync::new(SliceIterator::new(&versions));
    /// assert_eq!(versions.mask(&deleted, u64::MAX).count().await, Ok(2));
    /// # });
    /// ```
    fn mask<T>(self, tombstones: T, snapshot: u64) -> MaskIterator<Self, T>
    where
        Self: Sized,
        Self::Key: Versioned,
        T: Borrow<RangeTombstones<<Self::Key as Versioned>::UserKey>> + Send,
    {
        MaskIterator::new(self, tombstones, snapshot)
    }

    /// Only the versions that somebody may still read: what a compaction writes. See [`CollectGarbageIterator`].
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let versions = [(("a", Reverse(5)), "new"), (("a", Reverse(3)), "old"), (("a", Reverse(1)), "older")];
    /// let kept = FromSync::new(SliceIterator::new(&versions)).collect_garbage(4, |_| false);
    /// assert_eq!(kept.count().await, Ok(2));
    /// # });
    /// ```
    fn collect_garbage<F>(self, watermark: u64, has_older: F) -> CollectGarbageIterator<Self, F>
    where
        Self: Sized,
        Self::Key: Versioned<UserKey: ToOwned<Owned: Send>>,
        F: FnMut(&<Self::Key as Versioned>::UserKey) -> bool + Send,
    {
        CollectGarbageIterator::new(self, watermark, has_older)
    }

    /// Gives other tasks a turn after every `steps` steps that did not have to wait. See [`YieldIterator`].
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// assert_eq!(entries.yield_every(2).count().await, Ok(3));
    /// # });
    /// ```
    fn yield_every(self, steps: usize) -> YieldIterator<Self>
    where
        Self: Sized,
    {
        YieldIterator::new(self, steps)
    }

    /// A [`Stream`] of owned entries, `Result<(key, value), error>`, to which everything in futures-util and its like applies.
    ///
    /// An error is an item like any other, and the stream goes on behind it: asked again, it completes the failed step. What
    /// `try_collect` and the like do is to stop there.
    ///
    /// # Complexity
    ///
    /// One copy of the key and of the value a step, with what that allocates. The stream itself is not boxed; it has to
    /// be pinned before it is polled (`std::pin::pin!` does).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b")]));
    /// let pairs: Vec<_> = entries.into_stream().try_collect().await?;
    /// assert_eq!(pairs, [(1, "a"), (2, "b")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn into_stream(self) -> impl Stream<Item = Result<OwnedEntry<Self>, Self::Error>> + Send
    where
        Self: Sized,
        Self::Key: ToOwned,
        Self::Value: ToOwned,
    {
        stream::unfold(self, |mut iterator| async move {
            match iterator.next().await {
                Ok(true) => Some((Ok((iterator.key().to_owned(), iterator.value().to_owned())), iterator)),
                Ok(false) => None,
                Err(error) => Some((Err(error), iterator)),
            }
        })
    }

    /// Calls a closure with every entry that is left. Nothing is copied.
    ///
    /// # Errors
    ///
    /// The iterator's first error. To go on after it, call this on [`by_ref`](Self::by_ref).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut text = String::new();
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b")]));
    /// entries.for_each(|key, value| text += &format!("{key}{value} ")).await?;
    /// assert_eq!(text, "1a 2b ");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    fn for_each<F>(mut self, mut f: F) -> impl Future<Output = Result<(), Self::Error>> + Send
    where
        Self: Sized,
        F: FnMut(&Self::Key, &Self::Value) + Send,
    {
        async move {
            while self.next().await? {
                f(self.key(), self.value());
            }
            Ok(())
        }
    }

    /// Calls a closure with every entry that is left until it answers `false`; `Ok(true)` if it never has. Nothing is copied.
    ///
    /// # Errors
    ///
    /// The iterator's first error. To go on after it, call this on [`by_ref`](Self::by_ref).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut text = String::new();
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]));
    /// let append = |_: &i32, value: &&str| {
    ///     text += value;
    ///     text.len() < 2
    /// };
    /// assert!(!entries.for_each_while(append).await?);
    /// assert_eq!(text, "ab");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> impl Future<Output = Result<bool, Self::Error>> + Send
    where
        Self: Sized,
        F: FnMut(&Self::Key, &Self::Value) -> bool + Send,
    {
        async move {
            while self.next().await? {
                if !f(self.key(), self.value()) {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }

    /// Calls a closure with every entry that is left until one call fails. Nothing is copied.
    ///
    /// # Errors
    ///
    /// The first error, of the iterator or of the closure. In the latter case the iterator still stands on the entry
    /// that the closure refused.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let mut entries = FromSync::new(SliceIterator::new(&[(1, "12"), (2, "x")])).lift_err();
    /// let mut sum = 0;
    /// let parse = |_: &i32, value: &&str| {
    ///     sum += value.parse::<u32>()?;
    ///     Ok::<_, std::num::ParseIntError>(())
    /// };
    /// assert!(entries.try_for_each(parse).await.is_err());
    /// assert_eq!((sum, entries.key()), (12, &2));
    /// # });
    /// ```
    #[inline]
    fn try_for_each<E, F>(&mut self, mut f: F) -> impl Future<Output = Result<(), E>> + Send
    where
        Self: Sized,
        E: From<Self::Error>,
        F: FnMut(&Self::Key, &Self::Value) -> Result<(), E> + Send,
    {
        async move {
            while self.next().await? {
                f(self.key(), self.value())?;
            }
            Ok(())
        }
    }

    /// Counts the entries that are left.
    ///
    /// # Errors
    ///
    /// The iterator's first error.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// assert_eq!(FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b")])).count().await, Ok(2));
    /// # });
    /// ```
    #[inline]
    fn count(mut self) -> impl Future<Output = Result<usize, Self::Error>> + Send
    where
        Self: Sized,
    {
        async move {
            let mut count = 0;
            while self.next().await? {
                count += 1;
            }
            Ok(count)
        }
    }

    /// Collects owned pairs of the entries that are left, into a `Vec`, a `BTreeMap`, or whatever else can be extended by them.
    ///
    /// # Errors
    ///
    /// The iterator's first error; what was collected until then is dropped.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = FromSync::new(SliceIterator::new(&[(1, "a"), (2, "b")]));
    /// let map: BTreeMap<_, _> = entries.collect().await?;
    /// assert_eq!(map[&2], "b");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    fn collect<C>(mut self) -> impl Future<Output = Result<C, Self::Error>> + Send
    where
        Self: Sized,
        Self::Key: ToOwned,
        Self::Value: ToOwned,
        C: Default + Extend<OwnedEntry<Self>> + Send,
    {
        async move {
            let mut collected = C::default();
            while self.next().await? {
                collected.extend([(self.key().to_owned(), self.value().to_owned())]);
            }
            Ok(collected)
        }
    }
}

/// A copy of an entry.
type OwnedEntry<I> =
    (<<I as AsyncStorageIterator>::Key as ToOwned>::Owned, <<I as AsyncStorageIterator>::Value as ToOwned>::Owned);

/// Types that only point to a storage iterator ask it whatever they are asked.
macro_rules! storage_iterators_by_deref {
    ($($pointer:ty),*) => {$(
        impl<I: AsyncStorageIterator> AsyncStorageIterator for $pointer {
            type Key = I::Key;
            type Value = I::Value;
            type Error = I::Error;

            #[inline]
            fn next(&mut self) -> impl Future<Output = Result<bool, I::Error>> + Send {
                (**self).next()
            }

            #[inline]
            fn try_next(&mut self) -> Option<Result<bool, I::Error>> {
                (**self).try_next()
            }

            #[inline]
            fn is_valid(&self) -> bool {
                (**self).is_valid()
            }

            #[inline]
            fn key(&self) -> &I::Key {
                (**self).key()
            }

            #[inline]
            fn value(&self) -> &I::Value {
                (**self).value()
            }

            #[inline]
            fn shared_prefix_len(&self) -> Option<usize> {
                (**self).shared_prefix_len()
            }

            #[inline]
            fn prefetch(&self) {
                (**self).prefetch();
            }

            fn num_active_iterators(&self) -> usize {
                (**self).num_active_iterators()
            }
        }
    )*};
}

storage_iterators_by_deref!(&mut I, Box<I>);
