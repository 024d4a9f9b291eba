//! The test kit itself: what is right passes it, and what is wrong does not.

mod support;

#[cfg(feature = "async")]
#[path = "kit/asynchronous.rs"]
mod asynchronous;
#[path = "../examples/prove_your_source/mistake.rs"]
mod mistake;
#[path = "../examples/prove_your_source/table.rs"]
mod table;

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Debug;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mistake::{Mistake, Mistaken};
use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::testing::events::{Event, EventCounts, catch_injected, count_events, panic_after};
use storage_iter::testing::{
    BrokenPromise, Contract, CountingIterator, CountingKey, CursorModel, FOR_EVER, FailPoint, FailingIterator, Fault,
    FaultScript, OpenCount, Operation, Operations, OverwritingIterator, PanickingIterator, SortedEntries,
    VerifyingIterator, check_bidirectional_contract, check_contract, check_seekable_contract,
};
use storage_iter::{
    BidirectionalIterator, EmptyIterator, MergeIterator, OnceIterator, PairsIterator, ResultPairsIterator,
    SeekableIterator, SliceIterator, SortedRun, StorageIterator,
};
use support::{
    Composition, Failures, HostileLeaves, Origin, Visitor, WatchedKey, WatchedLeaves, sample_layers,
    visit_every_composition,
};
use table::Table;

const ENTRIES: [(&str, u64); 5] = [("b", 1), ("bar", 2), ("c", 3), ("d", 4), ("dart", 5)];
const TARGETS: [&str; 4] = ["", "bb", "cz", "x"];

fn slice() -> SliceIterator<'static, &'static str, u64> {
    SliceIterator::new(&ENTRIES)
}

/// The promise that is broken, with the message for a failure of the test.
#[track_caller]
fn assert_broken<T: Debug>(result: Result<T, BrokenPromise>, promise: u8, message: &str) {
    let broken = result.expect_err("a broken promise");
    assert_eq!(broken.promise(), promise, "{broken}");
    assert!(broken.to_string().contains(message), "{broken}");
}

/// What a wrapper panics with.
#[track_caller]
fn assert_panics<T>(message: &str, f: impl FnOnce() -> T) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("no panic, instead of {message}") };
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
    assert!(text.contains(message), "{text}");
}

// What is right.

#[test]
fn every_source_keeps_the_contract() {
    let expected = ENTRIES.to_vec();
    assert_eq!(check_contract(slice).entries, expected);
    assert_eq!(check_contract(|| PairsIterator::new(ENTRIES)).entries, expected);
    assert_eq!(check_contract(|| ResultPairsIterator::new(ENTRIES.map(Ok::<_, String>))).entries, expected);
    assert_eq!(check_bidirectional_contract(&["", "a", "b"], || OnceIterator::new("a", 1)).entries, [("a", 1)]);
    assert_eq!(check_bidirectional_contract(&TARGETS, EmptyIterator::<str, u64>::new).entries, []);
    let run: SortedRun<str, u64> = slice().borrowed().collect().unwrap();
    assert_eq!(check_bidirectional_contract(&TARGETS, || run.iter()).entries.len(), 5);
    assert_eq!(check_contract(|| run.scan(Bound::Excluded("b"), Bound::Included("d"))).entries.len(), 3);
}

/// One of two types: it is what the one that it holds is.
#[cfg(feature = "either")]
#[test]
fn either_keeps_the_contract_of_what_it_holds() {
    use either::Either;

    type Other<I> = Either<I, Box<I>>;
    let merged = || MergeIterator::new([slice(), slice()]);
    let left = || -> Other<_> { Either::Left(merged()) };
    let right = || -> Other<_> { Either::Right(Box::new(merged())) };
    assert_eq!(check_bidirectional_contract(&TARGETS, left).entries, ENTRIES);
    assert_eq!(check_bidirectional_contract(&TARGETS, right).entries, ENTRIES);
    assert_eq!((left().num_active_iterators(), right().num_active_iterators()), (2, 2));
    let either: [Other<_>; 2] = [Either::Left(slice()), Either::Right(Box::new(slice()))];
    for mut either in either {
        assert!(either.next().unwrap() && either.next().unwrap());
        assert_eq!((either.key(), either.shared_prefix_len()), (&"bar", Some(1)));
    }
}

#[cfg(feature = "mem-table")]
#[test]
fn every_table_keeps_the_contract() {
    use storage_iter::{BTreeMemTable, MemTable, SnapshotMemTable, SortedTable};

    fn check(table: &impl SortedTable) {
        let layers = sample_layers();
        layers.layer(3).iter().for_each(|(key, value)| table.put(key, value));
        let scan = check_contract(|| table.scan(Bound::Unbounded, Bound::Unbounded));
        assert_eq!(scan.entries, layers.layer(3));
    }
    check(&MemTable::new());
    check(&BTreeMemTable::new());
    check(&SnapshotMemTable::new());
}

/// Over sources that do not fail, that fail once at each step, and that die.
struct Checking;

impl Visitor<HostileLeaves> for Checking {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&HostileLeaves) -> I)
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let layers = sample_layers();
        for failures in [Failures::none(), Failures::everywhere(&layers, 1), Failures::none().and(1, 2, FOR_EVER)] {
            let leaves = HostileLeaves::new(&layers, failures);
            let scan = composition.contract().check(|| make(&leaves));
            scan.unwrap_or_else(|broken| panic!("{}: {broken}", composition.name));
        }
    }
}

/// The same with keys whose comparisons are counted.
impl Visitor<WatchedLeaves> for Checking {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&WatchedLeaves) -> I)
    where
        I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
    {
        let scan = composition.contract().check(|| make(&WatchedLeaves(sample_layers())));
        scan.unwrap_or_else(|broken| panic!("{}: {broken}", composition.name));
    }
}

#[test]
fn every_composition_keeps_the_contract() {
    visit_every_composition::<HostileLeaves>(&mut Checking);
    visit_every_composition::<WatchedLeaves>(&mut Checking);
}

#[test]
fn every_wrapper_keeps_the_contract() {
    let expected = ENTRIES.to_vec();
    assert_eq!(check_bidirectional_contract(&TARGETS, slice).entries, expected);
    assert_eq!(check_bidirectional_contract(&TARGETS, || CountingIterator::new(slice())).entries, expected);
    assert_eq!(check_bidirectional_contract(&TARGETS, || VerifyingIterator::new(slice())).entries, expected);
    assert_eq!(check_bidirectional_contract(&TARGETS, || OpenCount::new().track(slice())).entries, expected);
    assert_eq!(
        check_seekable_contract(&TARGETS, || CountingIterator::new(VerifyingIterator::new(slice()))).entries,
        expected
    );
    let bytes = ENTRIES.map(|(key, value)| (key.as_bytes().to_vec(), vec![value as u8]));
    let targets = TARGETS.map(|key| key.as_bytes().to_vec());
    let overwriting = || OverwritingIterator::new(SliceIterator::new(&bytes));
    assert_eq!(check_bidirectional_contract(&targets, overwriting).entries, bytes);

    let failing = |point| VerifyingIterator::new(FailingIterator::new(slice(), point));
    let contract = Contract::new();
    assert_eq!(contract.check_bidirectional_under_failures(&TARGETS, failing).unwrap().entries, expected);
    assert_eq!(contract.check_under_panics(failing).unwrap().entries, expected);
    let overwriting = |point| OverwritingIterator::new(FailingIterator::new(SliceIterator::new(&bytes), point));
    assert_eq!(contract.check_bidirectional_under_failures(&targets, overwriting).unwrap().entries, bytes);
}

quickcheck! {
    fn wrappers_keep_their_place(entries: SortedEntries, operations: Operations, script: FaultScript) -> bool {
        let operations = operations.near(&entries.keys(), <[u8]>::to_vec);
        let contract = Contract::new().reporting_every_failure();
        let failing = |point: &FailPoint| FailingIterator::new(SliceIterator::new(&entries.0), point.clone());
        let point = FailPoint::new(&script);
        contract.check_operations(failing(&point), &entries.0, &operations, &point).unwrap();
        let point = FailPoint::new(&script);
        contract.check_operations(OverwritingIterator::new(failing(&point)), &entries.0, &operations, &point).unwrap();
        let point = FailPoint::new(&script);
        contract.check_operations(VerifyingIterator::new(failing(&point)), &entries.0, &operations, &point).unwrap();
        let point = FailPoint::new(&script);
        contract.check_operations(CountingIterator::new(failing(&point)), &entries.0, &operations, &point).unwrap();
        let panicking = PanickingIterator::new(failing(&point), FailPoint::harmless());
        contract.check_operations(panicking, &entries.0, &operations, &point).unwrap();
        true
    }

    fn sorted_entries_stay_sorted(entries: SortedEntries) -> bool {
        let sorted = |entries: &SortedEntries| entries.0.is_sorted_by(|a, b| a.0 < b.0);
        sorted(&entries) && entries.shrink().all(|smaller| sorted(&smaller) && smaller != entries)
    }

    /// Against the plainest description there is: a walk over the list with a window that is moved.
    fn the_model_walks_as_a_list_is_walked(keys: Vec<u8>, operations: Operations) -> bool {
        let mut keys = keys;
        keys.sort();
        keys.dedup();
        let entries: Vec<(u8, ())> = keys.into_iter().map(|key| (key, ())).collect();
        let mut model = CursorModel::new(&entries);
        // What lies before the cursor's place, and what lies behind it.
        let (mut before, mut after) = (vec![], entries.iter().rev().map(|&(key, ())| key).collect::<Vec<_>>());
        let mut on = None;
        operations.near(&[vec![7]], |bytes| bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))).into_iter().all(|operation| {
            if operation.is_seek() {
                before = vec![];
                after = entries.iter().rev().map(|&(key, ())| key).collect();
                let passes = |key: &u8| match &operation {
                    Operation::Seek(target) => key < target,
                    Operation::SeekForPrev(target) => key <= target,
                    Operation::SeekToLast => true,
                    _ => false,
                };
                while after.last().is_some_and(passes) {
                    before.extend(after.pop());
                }
                on = if operation.is_forward() { after.pop() } else { before.pop() };
            } else if operation == Operation::Next {
                before.extend(on.take());
                on = after.pop();
            } else {
                after.extend(on.take());
                on = before.pop();
            }
            model.apply(&operation) == on.is_some() && model.entry().map(|&(key, ())| key) == on
        })
    }
}

// What is wrong.

#[test]
fn mistakes_are_caught_as_what_they_are() {
    let rows = [vec![("b", 1), ("bar", 2), ("c", 3)], vec![("d", 4), ("dart", 5)]];
    for (mistake, what_it_does, promise) in Mistake::ALL {
        let mut rows = rows.to_vec();
        if mistake == Mistake::PagesOutOfOrder {
            rows.swap(0, 1);
        }
        let table = Table::new(rows);
        let mistaken = |disk| Mistaken::new(table.iter(disk), mistake);
        let broken = Contract::new().check_seekable_under_failures(&TARGETS, mistaken).expect_err(what_it_does);
        assert_eq!(broken.promise(), promise, "{what_it_does}: {broken}");
        // One that does not need errors or seeks to show is caught without.
        let needs_errors = [
            Mistake::ErrorIsTheEnd,
            Mistake::ErrorLosesAnEntry,
            Mistake::ErrorStartsAgain,
            Mistake::ValidAfterAnError,
            Mistake::SeekForgetsItsTarget,
        ];
        let needs_seeks = [Mistake::SeekStaysAtTheEnd, Mistake::SeekGoesForwardOnly, Mistake::SeekMissesTheKey];
        let harmless = || mistaken(FailPoint::harmless());
        assert_eq!(
            Contract::new().check(harmless).is_ok(),
            needs_errors.contains(&mistake) || needs_seeks.contains(&mistake),
            "{what_it_does}"
        );
        assert_eq!(
            Contract::new().check_seekable(&TARGETS, harmless).is_ok(),
            needs_errors.contains(&mistake),
            "{what_it_does}"
        );
    }
}

/// A cursor that is wrong in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// `prev` at the first entry stays on it.
    StopsAtTheStart,
    /// `prev` from behind the last entry goes to the one before it.
    SkipsTheLast,
    /// `next` from before the first entry goes to the second.
    SkipsTheFirst,
    /// `seek_for_prev` finds a greater key.
    SeeksPast,
    /// `seek_to_last` goes behind the last entry.
    LastIsBehind,
    /// What goes back gives the value of another entry.
    OtherValue,
    /// `seek_to_first` does nothing if there is nowhere to go back to.
    FirstIsHere,
    /// `is_valid` contradicts `prev`.
    InvalidAfterPrev,
    /// `prev` after a `next` that failed does not complete that one.
    ForgetsTheOpenStep,
    /// `prev` fails without a reason.
    InventsErrors,
    /// `next` hides an error by trying again.
    TriesAgain,
}

struct Flawed {
    inner: FailingIterator<SliceIterator<'static, &'static str, u64>>,
    flaw: Flaw,
    is_at_start: bool,
    is_at_end: bool,
    has_failed: bool,
    came_back: bool,
}

impl Flawed {
    fn new(flaw: Flaw, point: FailPoint) -> Self {
        let inner = FailingIterator::new(slice(), point);
        Flawed { inner, flaw, is_at_start: false, is_at_end: false, has_failed: false, came_back: false }
    }

    fn moved(&mut self, result: Result<bool, io::Error>, is_forward: bool) -> Result<bool, io::Error> {
        self.is_at_end = is_forward && matches!(result, Ok(false));
        self.is_at_start = !is_forward && matches!(result, Ok(false));
        self.has_failed = is_forward && result.is_err();
        self.came_back = !is_forward && matches!(result, Ok(true));
        result
    }
}

fn plain<E: Debug>(result: Result<bool, E>) -> Result<bool, io::Error> {
    result.map_err(|error| io::Error::other(format!("{error:?}")))
}

impl StorageIterator for Flawed {
    type Key = &'static str;
    type Value = u64;
    type Error = io::Error;

    fn next(&mut self) -> Result<bool, io::Error> {
        if self.flaw == Flaw::SkipsTheFirst && self.is_at_start {
            plain(self.inner.next())?;
        }
        let mut result = plain(self.inner.next());
        if self.flaw == Flaw::TriesAgain && result.is_err() {
            result = plain(self.inner.next());
        }
        self.moved(result, true)
    }

    fn is_valid(&self) -> bool {
        self.inner.is_valid() && !(self.flaw == Flaw::InvalidAfterPrev && self.came_back)
    }

    fn key(&self) -> &&'static str {
        self.inner.key()
    }

    fn value(&self) -> &u64 {
        if self.flaw == Flaw::OtherValue && self.came_back { &99 } else { self.inner.value() }
    }
}

impl SeekableIterator for Flawed {
    fn seek(&mut self, key: &&'static str) -> Result<bool, io::Error> {
        let result = plain(self.inner.seek(key));
        self.moved(result, true)
    }

    fn seek_to_first(&mut self) -> Result<bool, io::Error> {
        if self.flaw == Flaw::FirstIsHere && self.inner.is_valid() && *self.inner.key() != "b" {
            return Ok(true);
        }
        let result = plain(self.inner.seek_to_first());
        self.moved(result, true)
    }
}

impl BidirectionalIterator for Flawed {
    fn prev(&mut self) -> Result<bool, io::Error> {
        match self.flaw {
            Flaw::StopsAtTheStart if self.inner.is_valid() && *self.inner.key() == "b" => return Ok(true),
            Flaw::SkipsTheLast if self.is_at_end => _ = plain(self.inner.prev())?,
            Flaw::ForgetsTheOpenStep if self.has_failed => {
                plain(self.inner.next())?;
                self.has_failed = false;
                let is_valid = self.inner.is_valid();
                return self.moved(Ok(is_valid), true);
            }
            Flaw::InventsErrors if self.is_at_end => return Err(io::Error::other("no reason")),
            _ => {}
        }
        let result = plain(self.inner.prev());
        self.moved(result, false)
    }

    fn seek_to_last(&mut self) -> Result<bool, io::Error> {
        let mut result = plain(self.inner.seek_to_last());
        if self.flaw == Flaw::LastIsBehind && result.is_ok() {
            result = plain(self.inner.next());
        }
        self.moved(result, false)
    }

    fn seek_for_prev(&mut self, key: &&'static str) -> Result<bool, io::Error> {
        let result = match self.flaw {
            Flaw::SeeksPast => plain(self.inner.seek(key)),
            _ => plain(self.inner.seek_for_prev(key)),
        };
        self.moved(result, false)
    }
}

#[test]
fn flaws_of_cursors_are_caught_as_what_they_are() {
    let contract = Contract::new();
    let flawed = |flaw| move |point| Flawed::new(flaw, point);
    let check = |flaw| contract.check_bidirectional(&TARGETS, || Flawed::new(flaw, FailPoint::harmless()));
    let check_under_failures = |flaw| contract.check_bidirectional_under_failures(&TARGETS, flawed(flaw));

    assert_eq!(check(Flaw::None).unwrap().entries, ENTRIES);
    assert_eq!(check_under_failures(Flaw::None).unwrap().entries, ENTRIES);
    for (flaw, promise, message) in [
        (Flaw::StopsAtTheStart, 3, r#"key "b" where no entry is"#),
        (Flaw::SkipsTheLast, 3, r#"key "d" where key "dart" is"#),
        (Flaw::SkipsTheFirst, 3, r#"key "bar" where key "b" is"#),
        (Flaw::SeeksPast, 12, "where"),
        (Flaw::LastIsBehind, 12, r#"seek_to_last(): no entry where key "dart" is"#),
        (Flaw::OtherValue, 12, "the value of"),
        (Flaw::FirstIsHere, 12, r#"where key "b" is"#),
        (Flaw::InvalidAfterPrev, 1, "`is_valid` answers false after `Ok(true)`"),
        (Flaw::InventsErrors, 5, "nothing has failed"),
    ] {
        assert_broken(check(flaw), promise, message);
        assert_broken(check_under_failures(flaw), promise, message);
    }
    assert_eq!(check(Flaw::ForgetsTheOpenStep).unwrap().entries, ENTRIES);
    assert_broken(check_under_failures(Flaw::ForgetsTheOpenStep), 5, "prev()");

    // A source may try again by itself; a combinator is asked for every error.
    assert!(check_under_failures(Flaw::TriesAgain).is_ok());
    let point = FailPoint::failing_at(0, 1);
    let tried = Contract::new().reporting_every_failure().check_operations(
        Flawed::new(Flaw::TriesAgain, point.clone()),
        &ENTRIES,
        &[Operation::Next],
        &point,
    );
    assert_broken(tried, 5, "swallowed");
}

/// What is asked of a source beside its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Oddity {
    /// `next` leaves an entry out unless `is_valid` was called since the last step.
    WaitsForIsValid,
    /// `is_valid` answers true once.
    ValidOnce,
    /// `key` compares.
    Compares,
    /// It fails behind its end.
    FailsBehindTheEnd,
    /// It knows how many bytes are shared on every second entry.
    SharesNowAndThen,
    /// Each scan gives another value.
    OtherValues,
    /// `value` is lent where there is none.
    LendsValues,
}

struct Odd<'a> {
    inner: SliceIterator<'a, CountingKey<&'static str>, u64>,
    oddity: Oddity,
    asked: Cell<usize>,
    steps: usize,
    is_at_end: bool,
    salt: u64,
}

impl StorageIterator for Odd<'_> {
    type Key = CountingKey<&'static str>;
    type Value = u64;
    type Error = &'static str;

    fn next(&mut self) -> Result<bool, &'static str> {
        if self.oddity == Oddity::FailsBehindTheEnd && self.is_at_end {
            return Err("behind the end");
        }
        if self.oddity == Oddity::WaitsForIsValid && self.steps > 0 && self.asked.get() == 0 {
            _ = self.inner.next();
        }
        self.steps += 1;
        self.asked.set(0);
        let is_valid = self.inner.next().unwrap_or_else(|error| match error {});
        self.is_at_end = !is_valid;
        Ok(is_valid)
    }

    fn is_valid(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.inner.is_valid() && !(self.oddity == Oddity::ValidOnce && self.asked.get() > 1)
    }

    fn key(&self) -> &CountingKey<&'static str> {
        let key = self.inner.key();
        assert!(self.oddity != Oddity::Compares || key.partial_cmp(key).is_some());
        key
    }

    fn value(&self) -> &u64 {
        match self.oddity {
            Oddity::OtherValues => &self.salt,
            Oddity::LendsValues if !self.inner.is_valid() => &0,
            _ => self.inner.value(),
        }
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        (self.oddity == Oddity::SharesNowAndThen && self.steps.is_multiple_of(2)).then_some(0)
    }
}

#[test]
fn oddities_are_caught_as_what_they_are() {
    let entries = ENTRIES.map(|(key, value)| (CountingKey(key), value));
    let scans = Cell::new(0);
    let odd = |oddity| {
        scans.set(scans.get() + 1);
        let inner = SliceIterator::new(&entries);
        Odd { inner, oddity, asked: Cell::new(0), steps: 0, is_at_end: false, salt: scans.get() }
    };
    for (oddity, promise, message) in [
        (Oddity::WaitsForIsValid, 1, "fewer entries"),
        (Oddity::ValidOnce, 1, "`is_valid` changes its answer without a step"),
        (Oddity::Compares, 9, "compares keys"),
        (Oddity::FailsBehindTheEnd, 1, "`next` fails behind it"),
        (Oddity::SharesNowAndThen, 4, "on some entries and not on others"),
        (Oddity::OtherValues, 8, "the value of"),
        (Oddity::LendsValues, 1, "`value` does not panic before the first entry"),
    ] {
        assert_broken(Contract::new().check(|| odd(oddity)), promise, message);
    }
}

/// Says of one key that it shares another number of bytes with the one before than it does.
struct Hinting {
    inner: SliceIterator<'static, &'static str, u64>,
    about: &'static str,
    hint: usize,
    /// From the first seek on at the latest.
    is_wrong: bool,
}

impl StorageIterator for Hinting {
    type Key = &'static str;
    type Value = u64;
    type Error = Infallible;

    fn next(&mut self) -> Result<bool, Infallible> {
        self.inner.next()
    }

    fn is_valid(&self) -> bool {
        self.inner.is_valid()
    }

    fn key(&self) -> &&'static str {
        self.inner.key()
    }

    fn value(&self) -> &u64 {
        self.inner.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        if self.is_wrong && self.inner.key() == &self.about { Some(self.hint) } else { self.inner.shared_prefix_len() }
    }
}

impl SeekableIterator for Hinting {
    fn seek(&mut self, key: &&'static str) -> Result<bool, Infallible> {
        self.is_wrong = true;
        self.inner.seek(key)
    }

    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        self.is_wrong = true;
        self.inner.seek_to_first()
    }
}

/// A merge trusts the hint: one that is too large loses entries, one that is too small puts them out of order.
#[test]
fn wrong_hints_about_shared_bytes_are_caught() {
    for (about, right) in [("bar", 1), ("c", 0), ("dart", 1)] {
        for hint in 0..=3 {
            let hinting = || Hinting { inner: slice(), about, hint, is_wrong: true };
            let checks = [Contract::new().check(hinting), Contract::new().check_seekable(&TARGETS, hinting)];
            for check in checks {
                if hint == right {
                    assert_eq!(check.unwrap().entries, ENTRIES);
                    continue;
                }
                let message = format!("`shared_prefix_len` of {about:?} answers {hint}, and it is {right}");
                assert_broken(check, 4, &message);
            }
        }
    }
    // Right in a scan, wrong after a seek back: only the walks of a cursor see it.
    let forgetful = |hint| Hinting { inner: slice(), about: "bar", hint, is_wrong: false };
    assert!(Contract::new().check(|| forgetful(0)).is_ok());
    assert_broken(Contract::new().check_seekable(&TARGETS, || forgetful(0)), 4, "answers 0, and it is 1");
    assert_broken(Contract::new().check_seekable(&TARGETS, || forgetful(2)), 4, "answers 2, and it is 1");
}

/// A filter as one writes it in a hurry: it remembers nothing before it calls what may panic.
struct Hasty<I, P> {
    child: I,
    predicate: P,
    is_valid: bool,
}

impl<I: StorageIterator, P: FnMut(&I::Key) -> bool> StorageIterator for Hasty<I, P> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        while self.child.next()? {
            if (self.predicate)(self.child.key()) {
                self.is_valid = true;
                return Ok(true);
            }
        }
        self.is_valid = false;
        Ok(false)
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &I::Key {
        self.child.key()
    }

    fn value(&self) -> &I::Value {
        self.child.value()
    }
}

#[test]
fn a_combinator_that_a_panic_confuses_is_caught() {
    let hasty = |point: FailPoint| {
        let predicate = move |_: &&str| point.pass().is_ok();
        Hasty { child: slice(), predicate, is_valid: false }
    };
    assert!(Contract::new().check(|| hasty(FailPoint::harmless())).is_ok());
    assert_broken(Contract::new().check_under_panics(hasty), 15, "panicking at pass 0: entry \"b\" is lost");
    // Without its first entry to lose, it would be its validity.
    let later = |point: FailPoint| {
        let mut is_first = true;
        Hasty {
            child: slice(),
            predicate: move |_: &&str| std::mem::take(&mut is_first) || point.pass().is_ok(),
            is_valid: false,
        }
    };
    assert_broken(Contract::new().check_under_panics(later), 15, "`is_valid` answers true after a panic");
    // The library's own filter is not confused.
    let own = |point: FailPoint| slice().filter(move |_, _| point.pass().is_ok());
    assert_eq!(Contract::new().check_under_panics(own).unwrap().entries, ENTRIES);
}

#[test]
fn a_check_that_would_check_nothing_says_so() {
    let message = "never passes its fail point";
    assert_panics(message, || Contract::new().check_under_failures(|_| slice()));
    assert_panics(message, || Contract::new().check_under_panics(|_| slice()));
    assert_panics(message, || Contract::new().check_bidirectional_under_failures(&TARGETS, |_| slice()));
}

#[test]
fn one_call_panics_with_the_number() {
    let unsorted = [("b", 1), ("a", 2)];
    let broken = r#"promise 4 (order): key "a" comes after "b", which is not less"#;
    assert_panics(broken, || check_contract(|| SliceIterator::new(&unsorted)));
    assert_panics(broken, || check_seekable_contract(&TARGETS, || SliceIterator::new(&unsorted)));
    assert_panics(broken, || check_bidirectional_contract(&TARGETS, || SliceIterator::new(&unsorted)));
}

// The wrappers.

#[test]
fn a_verifier_sees_what_its_child_does() {
    let verified = |mistake| {
        let table = Box::leak(Box::new(Table::new(vec![ENTRIES.to_vec()])));
        VerifyingIterator::new(Mistaken::new(table.iter(FailPoint::harmless()), mistake))
    };
    let unsorted = [("b", 1), ("a", 2)];
    assert_panics("promise 4", || VerifyingIterator::new(SliceIterator::new(&unsorted)).count());
    let twice = [("b", 1), ("b", 2)];
    assert_panics("promise 4", || VerifyingIterator::new(SliceIterator::new(&twice)).count());
    assert_eq!(VerifyingIterator::new(SliceIterator::new(&twice)).keeping_duplicates().count(), Ok(2));
    assert_panics("promise 4", || VerifyingIterator::new(SliceIterator::new(&unsorted)).keeping_duplicates().count());
    assert_panics("promise 1 (steps): key \"b\" beyond the end", || {
        let mut entries = verified(Mistake::EndStartsAgain);
        while entries.next().unwrap() {}
        entries.next()
    });
    assert_panics("promise 8", || {
        let mut entries = verified(Mistake::LosesItsKey);
        entries.next().unwrap();
        _ = entries.value();
        _ = entries.key();
    });
    assert_panics("promise 12", || {
        let mut entries = VerifyingIterator::new(Flawed::new(Flaw::SeeksPast, FailPoint::harmless()));
        entries.seek_for_prev(&"bb")
    });
    assert_panics("promise 1", || {
        let mut entries = VerifyingIterator::new(Flawed::new(Flaw::InvalidAfterPrev, FailPoint::harmless()));
        entries.seek_to_last()
    });
    assert_panics("promise 1", || verified(Mistake::StandsOnTheFirstEntry).is_valid());
    let mut backwards = VerifyingIterator::new(SliceIterator::new(&unsorted));
    assert_eq!(backwards.seek_to_last(), Ok(true));
    assert_panics("which is not greater", || backwards.prev());
}

#[test]
fn a_verifier_compares_across_errors() {
    struct Repeats(usize);
    impl StorageIterator for Repeats {
        type Key = u64;
        type Value = u64;
        type Error = ();
        fn next(&mut self) -> Result<bool, ()> {
            self.0 += 1;
            if self.0 == 2 { Err(()) } else { Ok(true) }
        }
        fn is_valid(&self) -> bool {
            self.0 != 2 && self.0 != 0
        }
        fn key(&self) -> &u64 {
            &7
        }
        fn value(&self) -> &u64 {
            &7
        }
    }
    let mut entries = VerifyingIterator::new(Repeats(0));
    assert_eq!((entries.next(), entries.next()), (Ok(true), Err(())));
    assert!(!entries.is_valid());
    assert_panics("promise 4", || entries.next());
}

#[test]
fn a_verifier_sees_what_its_caller_does() {
    let mut entries = VerifyingIterator::new(slice());
    assert_panics("promise 1 (steps): `key` off an entry", || _ = entries.key());
    assert_panics("promise 1 (steps): `value` off an entry", || _ = entries.value());
    while entries.next().unwrap() {}
    assert_panics("promise 1 (steps): `key` off an entry", || _ = entries.key());

    let failing = || FailingIterator::new(slice(), FailPoint::failing_at(0, 1));
    let mut entries = VerifyingIterator::new(failing());
    assert!(entries.next().is_err());
    assert!(!entries.is_valid());
    let mut entries = VerifyingIterator::new(failing()).under_combinator();
    assert!(!entries.is_valid());
    assert!(entries.next().is_err());
    assert_panics("promise 6 (hands off): `is_valid`", || entries.is_valid());
    assert_panics("promise 6 (hands off): `key`", || _ = entries.key());
    assert_panics("promise 6 (hands off): `value`", || _ = entries.value());
    assert_panics("promise 6 (hands off): `shared_prefix_len`", || entries.shared_prefix_len());
    assert_eq!(entries.next().ok(), Some(true));
    assert_eq!((entries.key(), entries.is_valid()), (&"b", true));
}

/// Under the library's own merge it has nothing to say.
#[test]
fn a_merge_keeps_its_hands_off() {
    for pass in 0..6 {
        let child = |entries: &'static [(&str, u64)], point| {
            VerifyingIterator::new(FailingIterator::new(SliceIterator::new(entries), point)).under_combinator()
        };
        let point = FailPoint::failing_at(pass, 2);
        let mut merged = MergeIterator::new([child(&ENTRIES[..3], point), child(&ENTRIES[2..], FailPoint::harmless())]);
        let (mut entries, mut errors) = (0, 0);
        loop {
            match merged.next() {
                Ok(true) => entries += 1,
                Ok(false) => break,
                Err(_) => errors += 1,
            }
        }
        // Three entries and the end are four steps.
        assert_eq!((entries, errors), (5, if pass < 4 { 2 } else { 0 }));
    }
}

#[test]
fn a_failing_iterator_fails_where_it_is_told_and_nowhere_else() {
    let point = FailPoint::new(&FaultScript(vec![(1, Fault::Error), (0, Fault::Error), (4, Fault::Error)]));
    let mut entries = FailingIterator::new(slice(), point.clone());
    let mut results = vec![];
    for _ in 0..12 {
        results.push(entries.next().ok());
        assert_eq!(entries.is_valid(), results.last() == Some(&Some(true)));
    }
    let (entry, end) = (Some(true), Some(false));
    assert_eq!(results, [entry, None, None, entry, entry, entry, entry, None, end, end, end, end]);
    assert_eq!((point.passed(), point.errors(), point.panics()), (6, 3, 0));

    let dead = FailPoint::failing_at(2, FOR_EVER);
    let mut entries = FailingIterator::new(slice(), dead.clone());
    assert_eq!(entries.by_ref().take(2).count().ok(), Some(2));
    assert!((0..1000).all(|_| entries.next().is_err() && entries.prev().is_err() && entries.seek(&"b").is_err()));
    assert_eq!((dead.passed(), dead.errors()), (2, 3000));
}

/// A seek that a panic cut short leaves no position, in whatever wraps a source.
#[test]
fn a_seek_cut_short_leaves_no_position() {
    fn check<I>(mut cursor: I, mut cut_short: impl FnMut(&mut I))
    where
        I: BidirectionalIterator<Key = &'static str, Error: Debug>,
    {
        cursor.next().unwrap();
        cut_short(&mut cursor);
        assert!(!cursor.is_valid());
        assert_panics("a seek was cut short; seek again", || cursor.next());
        assert_panics("a seek was cut short; seek again", || cursor.prev());
        assert!(cursor.seek_to_first().unwrap());
        assert_eq!(cursor.key(), &"b");
        assert!(cursor.next().unwrap());
    }
    let point = FailPoint::panicking_at(1);
    check(FailingIterator::new(slice(), point.clone()), |cursor| {
        assert!(catch_injected(|| cursor.seek(&"d")).is_none());
    });
    assert_eq!(point.panics(), 1);
    check(CountingIterator::new(slice()), |cursor| {
        panic_after(0, None);
        assert!(catch_injected(|| cursor.seek_for_prev(&"d")).is_none());
    });
}

#[test]
fn an_overwriting_iterator_overwrites_at_every_move() {
    let entries = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
    // Looks at the buffer where it lies: the key is lent from the same place.
    let mut spoiling = OverwritingIterator::new(FailingIterator::new(
        SliceIterator::new(&entries).borrowed::<[u8], [u8]>(),
        FailPoint::failing_at(1, 1),
    ));
    spoiling.next().unwrap();
    let (key, value) = (spoiling.key().as_ptr(), spoiling.value().as_ptr());
    assert!(spoiling.next().is_err());
    spoiling.next().unwrap();
    assert_eq!((spoiling.key(), spoiling.value()), (b"b".as_slice(), b"2".as_slice()));
    assert_eq!((spoiling.key().as_ptr(), spoiling.value().as_ptr()), (key, value), "the buffers are reused");
    assert_panics("does not stand on an entry", || {
        while spoiling.next().unwrap() {}
        _ = spoiling.key();
    });
}

#[test]
fn a_counting_iterator_counts_its_own_calls_and_the_threads() {
    let entries = ENTRIES.map(|(key, value)| (CountingKey(key), value));
    let mut counted = CountingIterator::new(SliceIterator::new(&entries));
    let mut other = CountingIterator::new(SliceIterator::new(&entries));
    let ((), events) = count_events(|| {
        assert_eq!((counted.next(), other.next()), (Ok(true), Ok(true)));
        assert_eq!(counted.seek(&CountingKey("c")), Ok(true));
        assert_eq!(counted.prev(), Ok(true));
        assert!(counted.is_valid());
        _ = (counted.key(), counted.value());
    });
    let of = |counts: EventCounts| {
        [Event::Next, Event::Prev, Event::Seek, Event::IsValid, Event::Key, Event::Value].map(|event| counts.of(event))
    };
    assert_eq!(of(counted.counts()), [1, 1, 1, 1, 1, 1]);
    assert_eq!(of(other.counts()), [1, 0, 0, 0, 0, 0]);
    assert_eq!(of(events), [2, 1, 1, 1, 1, 1]);
    assert!((1..=4).contains(&events.of(Event::Compare)), "a binary search over five: {events:?}");
    assert_eq!(counted.counts().of(Event::Compare), 0);
}

/// Infallible children need no `unwrap` in what fails.
#[test]
fn errors_tell_who_failed() {
    use storage_iter::testing::{FailingError, InjectedFailure};

    let failure = InjectedFailure { path: [].into(), step: 0, time: 1 };
    let mut entries = FailingIterator::new(slice(), FailPoint::failing_at(0, 1));
    assert_eq!(entries.next(), Err(FailingError::Injected(failure)));
    let mut outer =
        FailingIterator::new(FailingIterator::new(slice(), FailPoint::failing_at(1, 1)), FailPoint::harmless());
    assert_eq!(outer.next(), Ok(true));
    let Err(FailingError::Child(FailingError::<Infallible>::Injected(inner))) = outer.next() else {
        panic!("no error")
    };
    assert_eq!((inner.step, inner.time), (1, 1));
}

#[test]
fn operations_shrink_to_one() {
    for seed in 0..50 {
        let mut operations = Operations::arbitrary(&mut Gen::from_size_and_seed(100, seed));
        let has_seek = |operations: &Operations| {
            operations.near(&[], <[u8]>::to_vec).iter().any(|operation| matches!(operation, Operation::Seek(_)))
        };
        if !has_seek(&operations) {
            continue;
        }
        while let Some(fewer) = operations.shrink().find(has_seek) {
            operations = fewer;
        }
        assert_eq!(operations.near(&[], <[u8]>::to_vec).len(), 1);
    }
}

#[test]
fn fault_scripts_shrink_and_leave_the_others_in_place() {
    let script = FaultScript(vec![(2, Fault::Panic), (3, Fault::Error)]);
    let smaller: Vec<FaultScript> = script.shrink().collect();
    let expected = [vec![(6, Fault::Error)], vec![(2, Fault::Panic)], vec![(2, Fault::Error), (3, Fault::Error)]];
    assert_eq!(smaller, expected.map(FaultScript));
}
