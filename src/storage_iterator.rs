//! [`StorageIterator`]: the trait, its contract, and the combinators as provided methods.

use std::borrow::Borrow;
use std::ops::Bound;

use crate::{
    AtIterator, BetweenIterator, BorrowedIterator, CheckOrderIterator, CollectGarbageIterator, EntriesIterator,
    FilterIterator, FoldVersionsIterator, FromStorageIterator, FuseIterator, GroupVersionsIterator, InspectIterator,
    Key, LiftErrIterator, MapErrIterator, MapValueIterator, MaskIterator, MergeOperator, Never, PrefixKey,
    PrefixesIterator, RangeTombstones, SkipTombstonesIterator, TakeIterator, Tombstone, TwoDifferenceIterator,
    TwoIntersectionIterator, TwoMergeIterator, TwoSymmetricDifferenceIterator, TwoUnionIterator, Versioned,
    VersionedKeysIterator,
};

/// A cursor that lends `(key, value)` entries in ascending key order, may fail at every step, and may borrow from the
/// structure it walks.
///
/// There is one loop, and it cannot take an error for the end:
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut entries = SliceIterator::new(&[("apple", 1), ("pear", 2)]);
/// let mut sum = 0;
/// while entries.next()? {
///     sum += entries.value();
/// }
/// assert_eq!(sum, 3);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
///
/// # The contract
///
/// What every storage iterator promises, in this library and out of it. Behind each promise stands the test that holds
/// it here (`file: function`, in `tests/`).
///
/// 1. **Steps.** [`next`](Self::next) returns `Ok(true)`: it stands on the next entry; `Ok(false)`: there is none, and every
///    further `next` says so again; `Err`: see 5. [`is_valid`](Self::is_valid) is pure, cheap, and true exactly after an
///    `Ok(true)`: when [`key`](Self::key) and [`value`](Self::value) may be called.
///    (`steps.rs`: `validity_follows_next`, `the_end_is_final`, `key_and_value_panic_off_an_entry`)
/// 2. **Start.** A new iterator stands before its first entry. `new` of a combinator touches no child, compares nothing
///    and cannot fail. Zero children, or only empty ones, is not an error.
///    (`laziness.rs`: `constructors_touch_nothing`, `no_children_is_no_error`)
/// 3. **Ends.** Where positions have a direction ([`BidirectionalIterator`](crate::BidirectionalIterator)), there is one before the
///    first entry and one after the last, and moving off either end stays there. (`cursors.rs`: `compositions`, `nestings`)
/// 4. **Order.** Keys strictly ascend. A combinator that keeps duplicates, [`MergeAllIterator`](crate::MergeAllIterator), is non-decreasing
///    and says so. (`merges.rs`: every oracle property)
/// 5. **Errors.** An error is never the end of the data and never costs an entry. When `next` returns `Err`, every entry
///    returned so far was right, `is_valid` is false, and *the step is open*: calling `next` again completes the same
///    step, with nothing lost and nothing repeated, provided that the source that failed can go on. A source that
///    cannot go on returns `Err` again for ever; it never turns into an exhausted one. [`fuse`](Self::fuse) makes the first error
///    final. (`resume.rs`: `every_iterator_resumes_after_each_error`, `a_dead_source_never_looks_exhausted`)
/// 6. **Hands off.** While a step is open, a combinator touches the child that failed only through `next`: never
///    `is_valid`, `key` or `value`. (`resume.rs`: the hostile source there panics otherwise)
/// 7. **Ties.** On equal keys the child with the smallest index wins (in [`TwoMergeIterator`]: `A`), whatever the values are;
///    all others with that key are skipped. A tombstone in a newer child therefore hides older entries.
///    (`merges.rs`: every oracle property)
/// 8. **Borrows.** References from `key` and `value` live until the next `&mut self` call; a source may overwrite its
///    buffers then. (The compiler holds this; the hostile source overwrites its buffers at each `next`.)
/// 9. **Comparisons** happen only in methods that move: never in `new`, `Drop`, `is_valid`, `key`, `value`.
///    (`laziness.rs`: `only_next_compares`)
/// 10. **No sentinels.** Every value of the key type is a key; the empty string is one. (`merges.rs`: the generators make it often)
/// 11. **Bounds** are checked for every entry that is skipped: a run of tombstones never reads past the upper bound by
///     more than the entry that shows the bound was passed. (`bounds.rs`: `a_run_of_tombstones_stops_at_the_upper_bound`)
/// 12. **Seeks** ([`SeekableIterator`](crate::SeekableIterator)) move to the first entry whose key is not less than the target, clear
///     exhaustion, and close an open step if every child's seek succeeded. (`cursors.rs`: `compositions`, `nestings`,
///     `no_seek_reads_outside_the_bounds`) (`table_cursors.rs`: `tables`)
/// 13. **Futures** of the asynchronous twin, `async_iter::AsyncStorageIterator`, leave the step open when they are dropped, exactly as an
///     error does (5). (`async_iter/cancel.rs`: `every_composition_outlives_dropped_futures`)
/// 14. **Broken sources.** Keys that do not ascend break promise 4. What a combinator makes of them is unspecified, but it does
///     not panic and does not loop for ever; [`check_order`](Self::check_order) turns the first such key into an error that shows both keys.
///     (`broken_sources.rs`: `unsorted_children_end_without_a_panic`, `check_order_names_both_keys`)
/// 15. **Panics.** A panic in a child, a comparison or a closure leaves a combinator with the step open, not inconsistent.
///     (`panics.rs`: `a_panic_anywhere_leaves_the_step_open`)
///
/// # Implementing it
///
/// Take the entry out of your source in `next`, lend it from `key` and `value`. Set the state that `is_valid` reads *before*
/// whatever may fail, and back after it succeeded; then 5 and 15 hold by construction. The test kit, `testing::check_contract` (feature
/// `testing`), checks an implementation against this list.
///
/// ```
/// use std::io::{self, BufRead};
/// use storage_iter::StorageIterator;
///
/// /// Lines as keys, the line number as value.
/// struct Lines<R> {
///     reader: R,
///     line: Vec<u8>,
///     number: u64,
///     valid: bool,
/// }
///
/// impl<R: BufRead> StorageIterator for Lines<R> {
///     type Key = [u8];
///     type Value = u64;
///     type Error = io::Error;
///
///     fn next(&mut self) -> io::Result<bool> {
///         if self.valid {
///             self.line.clear();
///             self.valid = false;
///         }
///         // A read that failed keeps the bytes it got, so that the next call goes on behind them.
///         self.reader.read_until(b'\n', &mut self.line)?;
///         self.valid = !self.line.is_empty();
///         self.number += u64::from(self.valid);
///         Ok(self.valid)
///     }
///
///     fn is_valid(&self) -> bool {
///         self.valid
///     }
///
///     fn key(&self) -> &[u8] {
///         assert!(self.valid, "not on an entry");
///         &self.line
///     }
///
///     fn value(&self) -> &u64 {
///         assert!(self.valid, "not on an entry");
///         &self.number
///     }
/// }
///
/// let mut lines = Lines { reader: "a\nb".as_bytes(), line: vec![], number: 0, valid: false };
/// assert!(lines.next()?);
/// assert_eq!((lines.key(), *lines.value()), (b"a\n".as_slice(), 1));
/// # Ok::<(), io::Error>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub trait StorageIterator {
    /// What the entries are ordered by, lent as `&Self::Key`.
    ///
    /// It is a plain type and not one with a lifetime of its own, so that the keys of two different iterators can be
    /// compared without asking either to live for `'static`.
    type Key: ?Sized + Key;

    /// What is stored under a key, lent as `&Self::Value`.
    type Value: ?Sized;

    /// What a step may fail with; [`Infallible`](std::convert::Infallible) if it cannot.
    type Error;

    /// Moves to the next entry. `Ok(true)`: there is one, and the iterator stands on it. `Ok(false)`: there is none.
    ///
    /// # Errors
    ///
    /// When the source fails. The step stays open: call `next` again to complete it (promise 5).
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, "one")]);
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!(entries.next(), Ok(false));
    /// assert_eq!(entries.next(), Ok(false));
    /// ```
    fn next(&mut self) -> Result<bool, Self::Error>;

    /// Whether the iterator stands on an entry: true exactly after `next` returned `Ok(true)`.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, "one")]);
    /// assert!(!entries.is_valid());
    /// entries.next()?;
    /// assert!(entries.is_valid());
    /// # Ok::<(), std::convert::Infallible>(())
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
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, "one")]);
    /// entries.next()?;
    /// assert_eq!(entries.key(), &1);
    /// # Ok::<(), std::convert::Infallible>(())
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
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, "one")]);
    /// entries.next()?;
    /// assert_eq!(entries.value(), &"one");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    fn value(&self) -> &Self::Value;

    /// How many bytes the key has in common, at the front, with the key of the entry that the iterator came from by its last
    /// step; `None`, the default, if the iterator does not know without effort.
    ///
    /// It saves a merge of byte keys copying and comparing: a prefix-compressed block has the number at hand, a slice still has
    /// both keys. The bytes are those of [`Key::ordered_bytes`]. An iterator must answer `Some` on all of its entries or on none, and
    /// the number must be exact: a wrong one is as bad as keys out of order. On the first entry, and after a seek, any number
    /// will do. (So a block that keeps some keys in full, for searches, has to find out what these share.) Must not be called when the iterator does not stand on an entry.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[("apple", 1), ("apply", 2)]);
    /// entries.next()?;
    /// entries.next()?;
    /// assert_eq!(entries.shared_prefix_len(), Some(4));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        None
    }

    /// Asks the processor to fetch what the next step will read, so that there is no waiting for it then; by default, nothing.
    ///
    /// It changes nothing but time, and may be called whenever a step may. A merge of many children calls it on the child that has
    /// moved: by the time its turn comes again, the others have had theirs. A source that knows where its next key lies can do this
    /// by a prefetch instruction (a crate like `safe_arch` has it as a safe function); a combinator passes it on to the child that it
    /// will move.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[("apple", 1), ("banana", 2)]);
    /// entries.next()?;
    /// entries.prefetch();
    /// assert_eq!(entries.key(), &"apple");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    fn prefetch(&self) {}

    /// How many leaf iterators this one is made of: 1 for a source, the sum over the children for a combinator.
    ///
    /// ```
    /// use storage_iter::{EmptyIterator, MergeIterator, StorageIterator};
    ///
    /// let sources = (0..3).map(|_| EmptyIterator::<u64, str>::new());
    /// assert_eq!(MergeIterator::new(sources).num_active_iterators(), 3);
    /// ```
    #[must_use]
    fn num_active_iterators(&self) -> usize {
        1
    }

    /// Borrows the iterator, so that a combinator can be used on it and dropped without taking it along, as
    /// [`Iterator::by_ref`] does.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]);
    /// let first_two = entries.by_ref().take(2).count()?;
    /// assert_eq!(first_two, 2);
    /// assert!(entries.next()?);
    /// assert_eq!(entries.key(), &3);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn by_ref(&mut self) -> &mut Self
    where
        Self: Sized,
    {
        self
    }

    /// Merges this iterator over an `older` one: both in one order, and on equal keys this one's entry hides the other's.
    /// See [`TwoMergeIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let changes = SliceIterator::new(&[(2, "new")]);
    /// let base = SliceIterator::new(&[(1, "old"), (2, "old")]);
    /// let merged: Vec<_> = changes.two_merge(base).collect()?;
    /// assert_eq!(merged, [(1, "old"), (2, "new")]);
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    fn two_merge<B>(self, older: B) -> TwoMergeIterator<Self, B>
    where
        Self: Sized,
        B: StorageIterator<Key = Self::Key, Value = Self::Value, Error = Self::Error>,
    {
        TwoMergeIterator::new(self, older)
    }

    /// The keys that this iterator or `other` has, with the values of both. See [`TwoUnionIterator`]; where one value is enough,
    /// [`two_merge`](Self::two_merge).
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut both = SliceIterator::new(&[(1, "a")]).union(SliceIterator::new(&[(1, 0.5), (2, 0.7)]));
    /// both.next()?;
    /// assert_eq!((both.value().left(), both.value().right()), (Some(&"a"), Some(&0.5)));
    /// both.next()?;
    /// assert_eq!((both.value().left(), both.value().right()), (None, Some(&0.7)));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    fn union<B>(self, other: B) -> TwoUnionIterator<Self, B>
    where
        Self: Sized,
        B: StorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoUnionIterator::new(self, other)
    }

    /// The entries whose keys `other` has as well. See [`TwoIntersectionIterator`], which also has forms that seek.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]);
    /// let common = entries.intersection(SliceIterator::new(&[(2, ()), (9, ())]));
    /// assert_eq!(common.collect::<Vec<_>>()?, [(2, "b")]);
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    fn intersection<B>(self, other: B) -> TwoIntersectionIterator<Self, B>
    where
        Self: Sized,
        B: StorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoIntersectionIterator::new(self, other)
    }

    /// The entries whose keys `other` has not. See [`TwoDifferenceIterator`], which also has a form that seeks.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]);
    /// let others = entries.difference(SliceIterator::new(&[(2, ()), (9, ())]));
    /// assert_eq!(others.collect::<Vec<_>>()?, [(1, "a"), (3, "c")]);
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    fn difference<B>(self, other: B) -> TwoDifferenceIterator<Self, B>
    where
        Self: Sized,
        B: StorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoDifferenceIterator::new(self, other)
    }

    /// The keys that either this iterator or `other` has, and not both. See [`TwoSymmetricDifferenceIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b")]);
    /// let unmatched = entries.symmetric_difference(SliceIterator::new(&[(2, "b"), (3, "c")]));
    /// assert_eq!(unmatched.map_value(|sides| sides.first()).collect(), Ok(vec![(1, "a"), (3, "c")]));
    /// ```
    fn symmetric_difference<B>(self, other: B) -> TwoSymmetricDifferenceIterator<Self, B>
    where
        Self: Sized,
        B: StorageIterator<Key = Self::Key, Error = Self::Error>,
    {
        TwoSymmetricDifferenceIterator::new(self, other)
    }

    /// Leaves out the entries whose value is a [`Tombstone`]. See [`SkipTombstonesIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[("a", ""), ("b", "1")]);
    /// let live: Vec<_> = entries.skip_tombstones().collect()?;
    /// assert_eq!(live, [("b", "1")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn skip_tombstones(self) -> SkipTombstonesIterator<Self>
    where
        Self: Sized,
        Self::Value: Tombstone,
    {
        SkipTombstonesIterator::new(self)
    }

    /// Only the entries whose keys lie between two bounds. See [`BetweenIterator`], whose
    /// [`by_seek`](BetweenIterator::by_seek) spares a child that can seek the walk to the lower bound.
    ///
    /// ```
    /// use std::ops::Bound;
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]);
    /// let middle: Vec<_> = entries.between(Bound::Excluded(1), Bound::Included(2)).collect()?;
    /// assert_eq!(middle, [(2, "b")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn between<B: Borrow<Self::Key>>(self, lower: Bound<B>, upper: Bound<B>) -> BetweenIterator<Self, B>
    where
        Self: Sized,
    {
        BetweenIterator::new(self, lower, upper)
    }

    /// Only the entries for which `predicate` answers true. See [`FilterIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]);
    /// let odd: Vec<_> = entries.filter(|key, _| key % 2 == 1).collect()?;
    /// assert_eq!(odd, [(1, "a"), (3, "c")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn filter<P>(self, predicate: P) -> FilterIterator<Self, P>
    where
        Self: Sized,
        P: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        FilterIterator::new(self, predicate)
    }

    /// The first `count` entries. See [`TakeIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]);
    /// assert_eq!(entries.take(2).count()?, 2);
    /// # Ok::<(), std::convert::Infallible>(())
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
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut bytes = 0;
    /// let entries = SliceIterator::new(&[("a", "1"), ("b", "22")]);
    /// entries.inspect(|key, value| bytes += key.len() + value.len()).count()?;
    /// assert_eq!(bytes, 5);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn inspect<F>(self, inspect: F) -> InspectIterator<Self, F>
    where
        Self: Sized,
        F: FnMut(&Self::Key, &Self::Value),
    {
        InspectIterator::new(self, inspect)
    }

    /// The same keys, with a part or a view of each value. See [`MapValueIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, ("a", true)), (2, ("b", false))]);
    /// let names: Vec<_> = entries.map_value(|(name, _)| name).collect()?;
    /// assert_eq!(names, [(1, "a"), (2, "b")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn map_value<U, F>(self, map: F) -> MapValueIterator<Self, F>
    where
        Self: Sized,
        U: ?Sized,
        F: Fn(&Self::Value) -> &U,
    {
        MapValueIterator::new(self, map)
    }

    /// The same entries lent as the types that they borrow as: `Vec<u8>` or `Bytes` as `[u8]`, `String` as `str`. See
    /// [`BorrowedIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = [(b"a".to_vec(), b"1".to_vec())];
    /// let mut entries = SliceIterator::new(&entries).borrowed::<[u8], [u8]>();
    /// entries.next()?;
    /// assert_eq!(entries.key(), b"a");
    /// # Ok::<(), std::convert::Infallible>(())
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
    /// use storage_iter::{ResultPairsIterator, StorageIterator};
    ///
    /// let pairs = [Ok((1, "a")), Err("torn page")];
    /// let mut entries = ResultPairsIterator::new(pairs).map_err(|error| format!("while reading: {error}"));
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!(entries.next(), Err("while reading: torn page".to_string()));
    /// ```
    fn map_err<E, F>(self, map: F) -> MapErrIterator<Self, F>
    where
        Self: Sized,
        F: FnMut(Self::Error) -> E,
    {
        MapErrIterator::new(self, map)
    }

    /// Gives a source that cannot fail the error type of one that can, so that both can be merged. See [`LiftErrIterator`].
    ///
    /// ```
    /// use storage_iter::{PairsIterator, ResultPairsIterator, StorageIterator};
    ///
    /// let memory = PairsIterator::new([(1, "a")]);
    /// let disk = ResultPairsIterator::new([Ok((2, "b")), Err("torn page")]);
    /// let mut both = memory.lift_err().two_merge(disk);
    /// assert_eq!(both.next(), Ok(true));
    /// ```
    fn lift_err<E>(self) -> LiftErrIterator<Self, E>
    where
        Self: Sized,
        Self::Error: Never,
    {
        LiftErrIterator::new(self)
    }

    /// Makes the first error final: the iterator is not asked again after it. See [`FuseIterator`].
    ///
    /// ```
    /// use storage_iter::{FuseError, SliceIterator, StorageIterator};
    ///
    /// let unsorted = SliceIterator::new(&[(2, "b"), (1, "a")]);
    /// let mut entries = unsorted.check_order().fuse();
    /// assert_eq!(entries.next(), Ok(true));
    /// assert!(matches!(entries.next(), Err(FuseError::First(_))));
    /// assert_eq!(entries.next(), Err(FuseError::Again));
    /// ```
    fn fuse(self) -> FuseIterator<Self>
    where
        Self: Sized,
    {
        FuseIterator::new(self)
    }

    /// Checks that the keys strictly ascend, and turns the first one that does not into an error with both keys. See
    /// [`CheckOrderIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[("b", 1), ("a", 2)]).check_order();
    /// entries.next()?;
    /// assert_eq!(entries.next().unwrap_err().to_string(), r#"key "a" does not come after "b""#);
    /// # Ok::<(), storage_iter::OrderError<std::convert::Infallible, &str>>(())
    /// ```
    fn check_order(self) -> CheckOrderIterator<Self>
    where
        Self: Sized,
        Self::Key: ToOwned,
    {
        CheckOrderIterator::new(self)
    }

    /// Only the entries whose keys begin with `prefix`. See [`BetweenIterator`] and its [`by_seek`](BetweenIterator::by_seek).
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = ["a/1", "b/1", "b/2", "b0"].map(|key| (key.to_string(), ()));
    /// assert_eq!(SliceIterator::new(&entries).borrowed::<str, ()>().prefix("b/").count(), Ok(2));
    /// ```
    fn prefix(self, prefix: &Self::Key) -> BetweenIterator<Self, <Self::Key as ToOwned>::Owned>
    where
        Self: Sized,
        Self::Key: PrefixKey,
    {
        let (lower, upper) = Self::Key::prefix_bounds(prefix);
        BetweenIterator::new(self, lower, upper)
    }

    /// The same entries, in groups of one prefix each, of which the rest can be passed over. See [`PrefixesIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = ["a1", "a2", "b1"].map(|key| (key.to_string(), ()));
    /// let mut entries = SliceIterator::new(&entries).borrowed::<str, ()>().prefixes(|key| key.get(..1));
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!(entries.next_prefix(), Ok(true));
    /// assert_eq!(entries.key(), "b1");
    /// ```
    fn prefixes<P>(self, extract: P) -> PrefixesIterator<Self, P>
    where
        Self: Sized,
        Self::Key: ToOwned,
        P: Fn(&Self::Key) -> Option<&Self::Key>,
    {
        PrefixesIterator::new(self, extract)
    }

    /// Byte keys lent as the [`VersionedKey`](crate::VersionedKey)s that they encode. See [`VersionedKeysIterator`].
    ///
    /// ```
    /// use storage_iter::{OwnedVersionedKey, SliceIterator, StorageIterator};
    ///
    /// let entries = [(OwnedVersionedKey::new(b"apple", 1).into_bytes(), "red")];
    /// let mut entries = SliceIterator::new(&entries).borrowed::<[u8], str>().versioned_keys();
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!(entries.key().user_key(), b"apple");
    /// ```
    fn versioned_keys(self) -> VersionedKeysIterator<Self>
    where
        Self: Sized + StorageIterator<Key = [u8]>,
    {
        VersionedKeysIterator::new(self)
    }

    /// All versions of one user key, the newest first. See [`BetweenIterator`] and its [`by_seek`](BetweenIterator::by_seek).
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let versions = [(("a", Reverse(1)), 'a'), (("b", Reverse(5)), 'B'), (("b", Reverse(2)), 'b')];
    /// assert_eq!(SliceIterator::new(&versions).versions_of(&"b").count(), Ok(2));
    /// ```
    fn versions_of(
        self,
        user_key: &<Self::Key as Versioned>::UserKey,
    ) -> BetweenIterator<Self, <Self::Key as ToOwned>::Owned>
    where
        Self: Sized,
        Self::Key: Versioned,
    {
        let lower = Self::Key::lower_bound(Bound::Included(user_key));
        BetweenIterator::new(self, lower, Self::Key::upper_bound(Bound::Included(user_key)))
    }

    /// The same versions, in groups of one user key each, of which the rest can be passed over. See [`GroupVersionsIterator`].
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let versions = [(("a", Reverse(5)), 'A'), (("a", Reverse(2)), 'a'), (("b", Reverse(2)), 'b')];
    /// let mut versions = SliceIterator::new(&versions).group_versions();
    /// assert_eq!(versions.next(), Ok(true));
    /// assert_eq!(versions.next_user_key(), Ok(true));
    /// assert_eq!(versions.value(), &'b');
    /// ```
    fn group_versions(self) -> GroupVersionsIterator<Self>
    where
        Self: Sized,
        Self::Key: Versioned,
    {
        GroupVersionsIterator::new(self)
    }

    /// What a snapshot sees of many versions: for each user key the newest whose number is not greater than `snapshot`. See
    /// [`AtIterator`].
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let versions = [(("a", Reverse(5)), "new"), (("a", Reverse(2)), "old"), (("b", Reverse(7)), "later")];
    /// let seen: Vec<_> = SliceIterator::new(&versions).at(4).collect()?;
    /// assert_eq!(seen, [("a", "old")]);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn at(self, snapshot: u64) -> AtIterator<Self>
    where
        Self: Sized,
        Self::Key: Versioned,
        Self::Value: ToOwned,
    {
        AtIterator::new(self, snapshot)
    }

    /// What a snapshot sees of many versions, some of which are operands on those below them. See [`FoldVersionsIterator`].
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{MergeOperator, Operands, SliceIterator, StorageIterator};
    ///
    /// /// Negative numbers are subtracted from what was there.
    /// struct Subtract;
    /// impl MergeOperator<&str, Option<i64>> for Subtract {
    ///     type Error = &'static str;
    ///     fn is_operand(&self, value: &Option<i64>) -> bool {
    ///         value.is_some_and(|value| value < 0)
    ///     }
    ///     fn merge(
    ///         &mut self,
    ///         _: &&str,
    ///         base: Option<&Option<i64>>,
    ///         operands: Operands<'_, Option<i64>>,
    ///         merged: &mut Option<i64>,
    ///     ) -> Result<(), &'static str> {
    ///         let sum: i64 = base.into_iter().chain(operands).flatten().sum();
    ///         *merged = Some(sum);
    ///         if sum < 0 { Err("overdrawn") } else { Ok(()) }
    ///     }
    /// }
    /// let versions = [(("a", Reverse(5)), Some(-2)), (("a", Reverse(2)), Some(7))];
    /// let seen: Vec<_> = SliceIterator::new(&versions).fold_versions(9, Subtract).collect().unwrap();
    /// assert_eq!(seen, [("a", Some(5))]);
    /// ```
    fn fold_versions<O>(self, snapshot: u64, operator: O) -> FoldVersionsIterator<Self, O>
    where
        Self: Sized,
        Self::Key: Versioned,
        Self::Value: ToOwned + Tombstone,
        O: MergeOperator<<Self::Key as Versioned>::UserKey, Self::Value>,
    {
        FoldVersionsIterator::new(self, snapshot, operator)
    }

    /// Only the versions that no range tombstone deletes, of those that `snapshot` sees. See [`MaskIterator`].
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{RangeTombstone, RangeTombstones, SliceIterator, StorageIterator};
    ///
    /// let deleted: RangeTombstones<u64> = [RangeTombstone { start: 1, end: 4, sequence: 5 }].into_iter().collect();
    /// let versions = [((3, Reverse(7)), 'a'), ((3, Reverse(2)), 'b'), ((4, Reverse(2)), 'c')];
    /// assert_eq!(SliceIterator::new(&versions).mask(&deleted, u64::MAX).count(), Ok(2));
    /// ```
    fn mask<T>(self, tombstones: T, snapshot: u64) -> MaskIterator<Self, T>
    where
        Self: Sized,
        Self::Key: Versioned,
        T: Borrow<RangeTombstones<<Self::Key as Versioned>::UserKey>>,
    {
        MaskIterator::new(self, tombstones, snapshot)
    }

    /// Only the versions that somebody may still read: what a compaction writes. See [`CollectGarbageIterator`].
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let versions = [(("a", Reverse(5)), "new"), (("a", Reverse(3)), "old"), (("a", Reverse(1)), "older")];
    /// let kept = SliceIterator::new(&versions).collect_garbage(4, |_| false);
    /// assert_eq!(kept.count(), Ok(2));
    /// ```
    fn collect_garbage<F>(self, watermark: u64, has_older: F) -> CollectGarbageIterator<Self, F>
    where
        Self: Sized,
        Self::Key: Versioned,
        F: FnMut(&<Self::Key as Versioned>::UserKey) -> bool,
    {
        CollectGarbageIterator::new(self, watermark, has_older)
    }

    /// A [`std::iter::Iterator`] over owned entries, `Result<(key, value), error>`, to which everything in std and itertools
    /// applies. See [`EntriesIterator`].
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = SliceIterator::new(&[(1, "a"), (2, "b")]).entries();
    /// let (keys, values): (Vec<_>, Vec<_>) = entries.map(Result::unwrap).unzip();
    /// assert_eq!((keys, values), (vec![1, 2], vec!["a", "b"]));
    /// ```
    fn entries(self) -> EntriesIterator<Self>
    where
        Self: Sized,
        Self::Key: ToOwned,
        Self::Value: ToOwned,
    {
        EntriesIterator::new(self)
    }

    /// Calls a closure with every entry that is left. Nothing is copied.
    ///
    /// # Errors
    ///
    /// The iterator's first error. To go on after it, call this on [`by_ref`](Self::by_ref).
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut text = String::new();
    /// SliceIterator::new(&[(1, "a"), (2, "b")]).for_each(|key, value| text += &format!("{key}{value} "))?;
    /// assert_eq!(text, "1a 2b ");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    fn for_each<F>(self, mut f: F) -> Result<(), Self::Error>
    where
        Self: Sized,
        F: FnMut(&Self::Key, &Self::Value),
    {
        self.for_each_while(|key, value| {
            f(key, value);
            true
        })?;
        Ok(())
    }

    /// Calls a closure with every entry that is left until it answers `false`; `Ok(true)` if it never has. Nothing is copied.
    ///
    /// The combinators do this, and with it [`for_each`](Self::for_each) and [`count`](Self::count), in the loop that one would
    /// write by hand: since nobody can call them afterwards, they need not keep book of each step. So it can be faster than a
    /// loop around [`next`](Self::next), and an iterator that has such a loop should provide it here.
    ///
    /// # Errors
    ///
    /// The iterator's first error. To go on after it, call this on [`by_ref`](Self::by_ref).
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut text = String::new();
    /// let has_room = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]).for_each_while(|_, value| {
    ///     text += value;
    ///     text.len() < 2
    /// })?;
    /// assert_eq!((text.as_str(), has_room), ("ab", false));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> Result<bool, Self::Error>
    where
        Self: Sized,
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        while self.next()? {
            if !f(self.key(), self.value()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Calls a closure with every entry that is left until one call fails. Nothing is copied.
    ///
    /// # Errors
    ///
    /// The first error, of the iterator or of the closure. In the latter case the iterator still stands on the entry
    /// that the closure refused.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, "12"), (2, "x")]).lift_err();
    /// let mut sum = 0;
    /// let result = entries.try_for_each(|_, value| {
    ///     sum += value.parse::<u32>()?;
    ///     Ok::<_, std::num::ParseIntError>(())
    /// });
    /// assert!(result.is_err());
    /// assert_eq!((sum, entries.key()), (12, &2));
    /// ```
    #[inline]
    fn try_for_each<E, F>(&mut self, mut f: F) -> Result<(), E>
    where
        Self: Sized,
        E: From<Self::Error>,
        F: FnMut(&Self::Key, &Self::Value) -> Result<(), E>,
    {
        while self.next()? {
            f(self.key(), self.value())?;
        }
        Ok(())
    }

    /// Counts the entries that are left.
    ///
    /// # Errors
    ///
    /// The iterator's first error.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// assert_eq!(SliceIterator::new(&[(1, "a"), (2, "b")]).count()?, 2);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    fn count(self) -> Result<usize, Self::Error>
    where
        Self: Sized,
    {
        let mut count = 0;
        self.for_each(|_, _| count += 1)?;
        Ok(count)
    }

    /// Collects the entries that are left, into a [`SortedRun`](crate::SortedRun), a `Vec` of pairs or a `BTreeMap`.
    ///
    /// # Errors
    ///
    /// The iterator's first error; what was collected until then is dropped.
    ///
    /// ```
    /// use storage_iter::{SliceIterator, SortedRun, StorageIterator};
    ///
    /// let run: SortedRun<u64, str> = SliceIterator::new(&[(1, "a"), (2, "b")]).borrowed().collect()?;
    /// assert_eq!(run.get(&2), Some("b"));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn collect<C>(self) -> Result<C, Self::Error>
    where
        Self: Sized,
        C: FromStorageIterator<Self::Key, Self::Value>,
    {
        C::from_storage_iterator(self)
    }
}

/// Types that only point to a storage iterator ask it whatever they are asked.
macro_rules! storage_iterators_by_deref {
    ($($pointer:ty),*) => {$(
        impl<I: ?Sized + StorageIterator> StorageIterator for $pointer {
            type Key = I::Key;
            type Value = I::Value;
            type Error = I::Error;

            #[inline]
            fn next(&mut self) -> Result<bool, I::Error> {
                (**self).next()
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
