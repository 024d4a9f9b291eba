//! [`Contract`]: the checks of everything that a storage iterator promises.

#[cfg(feature = "async")]
mod asynchronous;
mod cursor;
mod failures;
mod steps;

use std::borrow::Borrow;

#[cfg(feature = "async")]
pub use asynchronous::{check_async_contract, check_async_seekable_contract};

use super::{BrokenPromise, FailPoint, Operation, Scan};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// The entries and errors of `I`, owned.
pub(super) type ScanOf<I> = Scan<
    <<I as StorageIterator>::Key as ToOwned>::Owned,
    <<I as StorageIterator>::Value as ToOwned>::Owned,
    <I as StorageIterator>::Error,
>;

/// The contract of storage iterators as a test, with what is special about the iterator to be tested.
///
/// Each check makes the iterator anew many times, which must give the same entries each time, and answers with what came out, so that
/// the caller can compare that with what should, or with the first promise that was broken. [`check_contract`],
/// [`check_seekable_contract`] and [`check_bidirectional_contract`] are the same in one call, which panics.
///
/// What can be seen from outside is checked: promises 1, 3, 4, 5, 8 and 12, and 9 if the keys are [`CountingKey`](super::CountingKey)s. 5
/// needs errors: [`check_under_failures`](Self::check_under_failures) makes them; and 15 panics:
/// [`check_under_panics`](Self::check_under_panics); and 13 asynchronous iterators, which have checks of their own by the feature
/// `async`. The others are about combinators, which have
/// [`HostileIterator`](super::HostileIterator), [`VerifyingIterator`](super::VerifyingIterator) and
/// [`CountingIterator`](super::CountingIterator) to stand on.
///
/// ```
/// use storage_iter::testing::Contract;
/// use storage_iter::{MergeAllIterator, SliceIterator, StorageIterator};
///
/// let layers = [[(1, "new"), (2, "new")], [(2, "old"), (3, "old")]];
/// let versions = || MergeAllIterator::new(layers.iter().map(|layer| SliceIterator::new(layer)));
/// assert_eq!(Contract::new().check(versions).unwrap_err().promise(), 4);
/// let scan = Contract::new().keeping_duplicates().check(versions)?;
/// assert_eq!(scan.entries, [(1, "new"), (2, "new"), (2, "old"), (3, "old")]);
/// # Ok::<(), storage_iter::testing::BrokenPromise>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "it does nothing unless one of its checks is called"]
pub struct Contract {
    keeps_duplicates: bool,
    passes_calls_on: bool,
    is_fused: bool,
    reports_every_failure: bool,
    is_awaited: bool,
    patience: usize,
}

impl Default for Contract {
    fn default() -> Self {
        Self::new()
    }
}

impl Contract {
    /// The contract without exceptions.
    ///
    /// ```
    /// # use storage_iter::{EmptyIterator, testing::Contract};
    /// assert!(Contract::new().check(EmptyIterator::<u64, str>::new).unwrap().ended);
    /// ```
    pub const fn new() -> Self {
        Contract {
            keeps_duplicates: false,
            passes_calls_on: false,
            is_fused: false,
            reports_every_failure: false,
            is_awaited: false,
            patience: 100,
        }
    }

    /// Lets keys come more than once, as [`MergeAllIterator`](crate::MergeAllIterator) does.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// assert!(Contract::new().keeping_duplicates().check(|| SliceIterator::new(&[(1, 'b'), (1, 'a')])).is_ok());
    /// ```
    pub const fn keeping_duplicates(mut self) -> Self {
        self.keeps_duplicates = true;
        self
    }

    /// Does not ask `is_valid` while a step is open: for what only passes calls on, such as `&mut I`, to a child that minds.
    ///
    /// ```
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::{Contract, FailurePlan, HostileIterator, Layers};
    ///
    /// let mut children = HostileIterator::over(&Layers::sample(), FailurePlan::at(2, 1));
    /// let scan = Contract::new().passing_calls_on().scan(&mut Box::new(children.remove(0)))?;
    /// assert_eq!((scan.entries.len(), scan.errors.len()), (4, 1));
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub const fn passing_calls_on(mut self) -> Self {
        self.passes_calls_on = true;
        self
    }

    /// Demands that the first error is final, as after [`fuse`](StorageIterator::fuse).
    ///
    /// ```
    /// # use storage_iter::testing::{Contract, FailPoint, FailingIterator};
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// let mut goes_on = FailingIterator::new(SliceIterator::new(&[(1, 'a')]), FailPoint::failing_at(0, 1));
    /// assert_eq!(Contract::new().fused().scan(&mut goes_on).unwrap_err().promise(), 5);
    /// ```
    pub const fn fused(mut self) -> Self {
        self.is_fused = true;
        self
    }

    /// Demands of [operations](Self::check_operations) that every failure of the fail point comes out of the call in which it
    /// happened: for combinators, which have no business with errors but to pass them on.
    ///
    /// ```
    /// use storage_iter::testing::{Contract, FailPoint, FailingIterator, Operation};
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = [(1, 'a')];
    /// let point = FailPoint::failing_at(0, 1);
    /// let cursor = FailingIterator::new(SliceIterator::new(&entries), point.clone());
    /// let operations = [Operation::Seek(1), Operation::Next];
    /// Contract::new().reporting_every_failure().check_operations(cursor, &entries, &operations, &point)?;
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub const fn reporting_every_failure(mut self) -> Self {
        self.reports_every_failure = true;
        self
    }

    /// Lets a seek that has panicked be completed by `next`: for asynchronous cursors, in a
    /// [`BlockingIterator`](crate::testing::BlockingIterator), of which all that a seek waits for is a step. Others have no position
    /// then, and must say so.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::FromSync;
    /// use storage_iter::testing::{BlockingIterator, Contract, FailPoint, Operation};
    ///
    /// let entries = [(1, 'a'), (2, 'b')];
    /// let cursor = BlockingIterator::new(FromSync::new(SliceIterator::new(&entries)));
    /// let operations = [Operation::Seek(2), Operation::Next];
    /// Contract::new().awaited().check_seekable_operations(cursor, &entries, &operations, &FailPoint::harmless())?;
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    #[cfg(feature = "async")]
    pub const fn awaited(mut self) -> Self {
        self.is_awaited = true;
        self
    }

    /// After how many errors in a row an iterator is taken for one that cannot go on. Without this it is 100.
    ///
    /// ```
    /// use storage_iter::testing::{Contract, FOR_EVER, FailPoint, FailingIterator};
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let mut dead = FailingIterator::new(SliceIterator::new(&[(1, 'a')]), FailPoint::failing_at(0, FOR_EVER));
    /// let scan = Contract::new().with_patience(3).scan(&mut dead)?;
    /// assert_eq!((scan.ended, scan.errors.len()), (false, 4));
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub const fn with_patience(mut self, errors: usize) -> Self {
        self.patience = errors;
        self
    }

    /// Drives a new iterator to its end once, calling `next` again after each error, and checks every answer.
    ///
    /// # Errors
    ///
    /// The first promise that was broken. The iterator's own errors are in the [`Scan`].
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let scan = Contract::new().scan(&mut SliceIterator::new(&[(1, 'a')]))?;
    /// assert_eq!(scan.entries, [(1, 'a')]);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn scan<I>(&self, iterator: &mut I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: StorageIterator<Key: ToOwned, Value: ToOwned>,
    {
        steps::scan(self, iterator)
    }

    /// Checks a storage iterator: several scans, which ask more or less on the way, and must agree.
    ///
    /// It calls `key` and `value` where they must panic, so messages of these panics may be seen.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let entries = [(1, 'a'), (2, 'b')];
    /// assert_eq!(Contract::new().check(|| SliceIterator::new(&entries))?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check<I>(&self, make: impl Fn() -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    {
        steps::check(self, make)
    }

    /// Checks a storage iterator, and then again with each thing failing that may fail below it: once, three times, and for ever.
    ///
    /// An entry that is lost or doubled by an error, and an error that is taken for the end, show by comparison with the scan without
    /// errors.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// When the iterator never passes its fail point: nothing would be checked.
    ///
    /// ```
    /// use storage_iter::testing::{Contract, FailPoint};
    /// use storage_iter::{ResultPairsIterator, StorageIterator};
    ///
    /// let cursor = |point: FailPoint| ResultPairsIterator::new((0..3).map(move |key| point.pass().map(|()| (key, 'a'))));
    /// assert_eq!(Contract::new().check_under_failures(cursor)?.entries.len(), 3);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_under_failures<I>(&self, make: impl Fn(FailPoint) -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    {
        failures::check_under_failures(self, &make)
    }

    /// Checks that a panic of anything that an iterator calls leaves its step open: `next` completes it, or fails for ever, but it never
    /// loses an entry.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// When the iterator never passes its fail point: nothing would be checked.
    ///
    /// ```
    /// use storage_iter::testing::{Contract, FailPoint};
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let entries = [(1, 'a'), (2, 'b')];
    /// let shown = |point: FailPoint| SliceIterator::new(&entries).inspect(move |_, _| point.pass().unwrap());
    /// assert_eq!(Contract::new().check_under_panics(shown)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_under_panics<I>(&self, make: impl Fn(FailPoint) -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    {
        failures::check_under_panics(self, &make)
    }

    /// Checks a seekable iterator: what [`check`](Self::check) does, then seeks from everywhere to each of its keys and to
    /// each of `targets`.
    ///
    /// Give targets that are no keys of it: before the first one, between two, and behind the last.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let entries = [(10, 'a'), (20, 'b')];
    /// assert_eq!(Contract::new().check_seekable(&[5, 15, 25], || SliceIterator::new(&entries))?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_seekable<I, T>(&self, targets: &[T], make: impl Fn() -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: SeekableIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
        T: Borrow<I::Key>,
    {
        cursor::check(self, &cursor::Kind::seekable(), targets, &make)
    }

    /// Checks a seekable iterator, and then again with each thing failing that may fail below it.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// When the iterator never passes its fail point: nothing would be checked.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::testing::{Contract, FailPoint, FailingIterator};
    ///
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let cursor = |point: FailPoint| FailingIterator::new(SliceIterator::new(&entries), point);
    /// assert_eq!(Contract::new().check_seekable_under_failures(&[5, 15, 25], cursor)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_seekable_under_failures<I, T>(
        &self,
        targets: &[T],
        make: impl Fn(FailPoint) -> I,
    ) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: SeekableIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
        T: Borrow<I::Key>,
    {
        cursor::check_under_failures(self, &cursor::Kind::seekable(), targets, &make)
    }

    /// Checks a bidirectional iterator: what [`check`](Self::check) does, then all methods that move in any order, against a
    /// [`CursorModel`](super::CursorModel).
    ///
    /// Give targets that are no keys of it: before the first one, between two, and behind the last.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let entries = [(10, 'a'), (20, 'b')];
    /// assert_eq!(Contract::new().check_bidirectional(&[5, 15, 25], || SliceIterator::new(&entries))?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_bidirectional<I, T>(&self, targets: &[T], make: impl Fn() -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: BidirectionalIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
        T: Borrow<I::Key>,
    {
        cursor::check(self, &cursor::Kind::bidirectional(), targets, &make)
    }

    /// Checks a bidirectional iterator, and then again with each thing failing that may fail below it.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// When the iterator never passes its fail point: nothing would be checked.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::testing::{Contract, FailPoint, FailingIterator};
    ///
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let cursor = |point: FailPoint| FailingIterator::new(SliceIterator::new(&entries), point);
    /// assert_eq!(Contract::new().check_bidirectional_under_failures(&[5, 15, 25], cursor)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_bidirectional_under_failures<I, T>(
        &self,
        targets: &[T],
        make: impl Fn(FailPoint) -> I,
    ) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: BidirectionalIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
        T: Borrow<I::Key>,
    {
        cursor::check_under_failures(self, &cursor::Kind::bidirectional(), targets, &make)
    }

    /// Checks a new cursor by given operations, as quickcheck makes them, over sources that fail and panic where `point` does. `entries` is
    /// what it should show. Answers with the errors that came out.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// ```
    /// use quickcheck::QuickCheck;
    /// use storage_iter::SliceIterator;
    /// use storage_iter::testing::{Contract, FailPoint, FailingIterator, FaultScript, Operations, SortedEntries};
    ///
    /// fn cursors_are_right(entries: SortedEntries, operations: Operations, script: FaultScript) -> bool {
    ///     let point = FailPoint::new(&script);
    ///     let cursor = FailingIterator::new(SliceIterator::new(&entries.0), point.clone());
    ///     let operations = operations.near(&entries.keys(), <[u8]>::to_vec);
    ///     Contract::new().check_operations(cursor, &entries.0, &operations, &point).is_ok()
    /// }
    /// QuickCheck::new().quickcheck(cursors_are_right as fn(_, _, _) -> _);
    /// ```
    pub fn check_operations<I, K, V>(
        &self,
        mut cursor: I,
        entries: &[(K, V)],
        operations: &[Operation<K>],
        point: &FailPoint,
    ) -> Result<Vec<I::Error>, BrokenPromise>
    where
        I: BidirectionalIterator<Value: PartialEq>,
        K: Borrow<I::Key>,
        V: Borrow<I::Value>,
    {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (key.borrow(), value.borrow())).collect();
        let operations = operations.iter().map(|operation| operation.as_ref().map_key(Borrow::borrow));
        let kind = cursor::Kind::bidirectional();
        cursor::drive(self, &kind, &mut cursor, &entries, cursor::has_value, operations, point)
    }

    /// The same for a cursor whose values cannot be owned or compared, such as the sides of a union: what `show` makes of
    /// it at each entry is compared with the second part of `entries`.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// ```
    /// use storage_iter::testing::{Contract, FailPoint, Operation};
    /// use storage_iter::{SliceIterator, StorageIterator, TwoUnionIterator};
    ///
    /// let [left, right] = [[(1, 'a'), (2, 'b')], [(2, 'B'), (3, 'C')]];
    /// let union = TwoUnionIterator::new(SliceIterator::new(&left), SliceIterator::new(&right));
    /// let shown = [(1, (Some('a'), None)), (2, (Some('b'), Some('B'))), (3, (None, Some('C')))];
    /// let operations = [Operation::Seek(2), Operation::Next, Operation::Prev, Operation::Prev];
    /// let show = |union: &TwoUnionIterator<_, _>| (union.value().left().copied(), union.value().right().copied());
    /// Contract::new().check_shown_operations(union, &shown, show, &operations, &FailPoint::harmless())?;
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_shown_operations<I, K, V>(
        &self,
        mut cursor: I,
        entries: &[(K, V)],
        show: impl Fn(&I) -> V,
        operations: &[Operation<K>],
        point: &FailPoint,
    ) -> Result<Vec<I::Error>, BrokenPromise>
    where
        I: BidirectionalIterator,
        K: Borrow<I::Key>,
        V: PartialEq,
    {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (key.borrow(), value)).collect();
        let operations = operations.iter().map(|operation| operation.as_ref().map_key(Borrow::borrow));
        let has = |cursor: &I, value: &V| show(cursor) == *value;
        cursor::drive(self, &cursor::Kind::bidirectional(), &mut cursor, &entries, has, operations, point)
    }

    /// The same for a cursor that only goes forward. Operations that it has no method for are left out.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::testing::{Contract, FailPoint, Operation};
    ///
    /// let entries = [(1, 'a'), (2, 'b')];
    /// let operations = [Operation::Seek(2), Operation::Next, Operation::Prev, Operation::SeekToFirst];
    /// let cursor = SliceIterator::new(&entries);
    /// Contract::new().check_seekable_operations(cursor, &entries, &operations, &FailPoint::harmless())?;
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_seekable_operations<I, K, V>(
        &self,
        mut cursor: I,
        entries: &[(K, V)],
        operations: &[Operation<K>],
        point: &FailPoint,
    ) -> Result<Vec<I::Error>, BrokenPromise>
    where
        I: SeekableIterator<Value: PartialEq>,
        K: Borrow<I::Key>,
        V: Borrow<I::Value>,
    {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (key.borrow(), value.borrow())).collect();
        let operations = operations.iter().map(|operation| operation.as_ref().map_key(Borrow::borrow));
        cursor::drive(self, &cursor::Kind::seekable(), &mut cursor, &entries, cursor::has_value, operations, point)
    }
}

/// Checks that an iterator keeps every promise of [the contract](StorageIterator#the-contract) that can be seen from outside, and answers
/// with what came out. See [`Contract::check`].
///
/// # Panics
///
/// With the first promise that was broken.
///
/// ```
/// use storage_iter::SortedRun;
/// use storage_iter::testing::check_contract;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let entries = [(1, 'a'), (2, 'b')];
/// let run: SortedRun<u64, char> = SliceIterator::new(&entries).collect()?;
/// assert_eq!(check_contract(|| run.iter()).entries, entries);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[track_caller]
pub fn check_contract<I>(make: impl Fn() -> I) -> ScanOf<I>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    kept(Contract::new().check(make))
}

/// The same for a seekable iterator, which is sent to `targets` as well. See [`Contract::check_seekable`].
///
/// # Panics
///
/// With the first promise that was broken.
///
/// ```
/// # use storage_iter::{SliceIterator, testing::check_seekable_contract};
/// check_seekable_contract(&["", "bb", "d"], || SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]));
/// ```
#[track_caller]
pub fn check_seekable_contract<I, T>(targets: &[T], make: impl Fn() -> I) -> ScanOf<I>
where
    I: SeekableIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    T: Borrow<I::Key>,
{
    kept(Contract::new().check_seekable(targets, make))
}

/// The same for a bidirectional iterator. See [`Contract::check_bidirectional`].
///
/// # Panics
///
/// With the first promise that was broken.
///
/// ```
/// # use storage_iter::{SliceIterator, testing::check_bidirectional_contract};
/// check_bidirectional_contract(&["", "bb", "d"], || SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]));
/// ```
#[track_caller]
pub fn check_bidirectional_contract<I, T>(targets: &[T], make: impl Fn() -> I) -> ScanOf<I>
where
    I: BidirectionalIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    T: Borrow<I::Key>,
{
    kept(Contract::new().check_bidirectional(targets, make))
}

#[track_caller]
fn kept<T>(result: Result<T, BrokenPromise>) -> T {
    result.unwrap_or_else(|broken| panic!("{broken}"))
}
