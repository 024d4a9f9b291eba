//! Sources that fail or panic, when a view is taken, when a scan is opened, and at any step.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use quickcheck::{TestResult, quickcheck};
use storage_iter::{
    ChildError, LongIterator, OnceIterator, RefreshAlways, RefreshEveryEntries, RefreshIterator, RefreshNever,
    RefreshPolicy, ScanFn, StorageIterator,
};

use crate::flaky::{Flaky, Outcome, attempt};

/// Fewer than four good operations in a row may never lead to an entry: view, scan and step are three.
const OFTEN: u64 = 4;

fn bounds(lower: &Option<u8>, upper: &Option<u8>) -> (Bound<[u8; 1]>, Bound<[u8; 1]>) {
    (lower.map_or(Unbounded, |key| Included([key])), upper.map_or(Unbounded, |key| Excluded([key])))
}

fn expected(count: u8, lower: Option<u8>, upper: Option<u8>) -> Vec<Vec<u8>> {
    (0..count)
        .filter(|key| lower.is_none_or(|lower| *key >= lower) && upper.is_none_or(|upper| *key < upper))
        .map(|key| vec![key])
        .collect()
}

fn refreshed_through_all_failures(source: &Flaky, policy: impl RefreshPolicy) -> Vec<Vec<u8>> {
    let mut iterator = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(policy);
    let mut keys = vec![];
    loop {
        match attempt(&mut iterator) {
            Outcome::Entry(key) => keys.push(key),
            Outcome::Failure => assert!(source.failures() < 10_000, "no progress"),
            Outcome::End => return keys,
        }
        // Between the steps it may be let go of, as far as it allows that.
        if source.failures() % 3 == 1 && iterator.release() {
            assert_eq!(source.open(), 0);
            assert_eq!(iterator.resume_key(), keys.last().map(Vec::as_slice));
        }
    }
}

quickcheck! {
    fn no_failure_costs_a_long_iterator_an_entry(
        count: u8,
        every: u8,
        max_entries: u8,
        panics: bool,
        range: (Option<u8>, Option<u8>)
    ) -> bool {
        // What a refill that panics had copied counts for nothing, so it has to come through at once.
        let between = u64::from(every % 50) + OFTEN + if panics { u64::from(max_entries) } else { 0 };
        let source = Flaky::new(count, between, panics);
        let (lower, upper) = bounds(&range.0, &range.1);
        let (lower, upper) = (lower.as_ref().map(|key| &key[..]), upper.as_ref().map(|key| &key[..]));
        let mut iterator = LongIterator::latest(&source, lower, upper).max_entries(max_entries.into());
        let mut keys: Vec<Vec<u8>> = vec![];
        loop {
            match attempt(&mut iterator) {
                Outcome::Entry(key) => keys.push(key),
                Outcome::Failure => assert!(source.failures() < 10_000, "no progress"),
                Outcome::End => break,
            }
            assert_eq!(source.open(), 0, "something is open between two steps");
            assert_eq!(iterator.resume_key(), keys.last().map(Vec::as_slice));
        }
        keys == expected(count, range.0, range.1)
    }

    fn no_failure_costs_a_refresh_iterator_an_entry(count: u8, every: u8, refresh: u8, panics: bool) -> bool {
        let flaky = || Flaky::new(count, u64::from(every % 50) + OFTEN, panics);
        let expected = expected(count, None, None);
        refreshed_through_all_failures(&flaky(), RefreshAlways) == expected
            && refreshed_through_all_failures(&flaky(), RefreshNever) == expected
            && refreshed_through_all_failures(&flaky(), RefreshEveryEntries::new(refresh.into())) == expected
    }

    /// After any failure the rest can be read by a new iterator, in another process even, from the resume key alone.
    fn a_scan_is_rebuilt_by_hand(count: u8, every: u8, max_entries: u8) -> TestResult {
        let source = Flaky::new(count, u64::from(every % 50) + 7, false);
        // What a failed refill had copied is lost with its iterator, so a first chunk of four has to come through.
        let mut keys: Vec<Vec<u8>> = vec![];
        let mut stored: Option<Vec<u8>> = None;
        loop {
            let lower = stored.as_deref().map_or(Unbounded, Excluded);
            let mut iterator = LongIterator::latest(&source, lower, Unbounded).max_entries(max_entries.into());
            let outcome = loop {
                match attempt(&mut iterator) {
                    Outcome::Entry(key) => keys.push(key),
                    other => break other,
                }
            };
            // One that has yielded nothing knows no key: the bound that it was given is still right.
            stored = iterator.resume_key().map(<[u8]>::to_vec).or(stored);
            if matches!(outcome, Outcome::End) {
                break;
            }
        }
        TestResult::from_bool(keys == expected(count, None, None))
    }
}

/// The first view of every refill cannot be taken, and the first scan not be opened.
#[test]
fn every_refill_fails_once_and_nothing_is_lost() {
    let source = Flaky::new(100, 4, false);
    let mut iterator = LongIterator::latest(&source, Unbounded, Unbounded).max_entries(1);
    let (mut keys, mut failures) = (vec![], 0);
    loop {
        match attempt(&mut iterator) {
            Outcome::Entry(key) => keys.push(key),
            Outcome::Failure => failures += 1,
            Outcome::End => break,
        }
    }
    assert_eq!(keys, expected(100, None, None));
    // Three operations lead to an entry and the fourth, the next view, fails.
    assert_eq!(failures, 100);
    assert_eq!(iterator.refreshes(), 201);
}

#[test]
fn a_source_that_fails_for_ever_never_looks_exhausted() {
    let source = Flaky::new(10, 1, false);
    let mut long = LongIterator::latest(&source, Unbounded, Unbounded);
    let mut refreshed = RefreshIterator::new(&source, Unbounded, Unbounded);
    for attempts in 1..100 {
        assert!(long.next().is_err());
        assert!(refreshed.next().is_err());
        assert_eq!((long.refreshes(), refreshed.refreshes()), (attempts, attempts));
    }
    assert_eq!((long.resume_key(), refreshed.resume_key()), (None, None));
}

/// It starts behind the key that came out last, and not at the one that would have come next.
#[test]
fn refreshes_start_strictly_behind_the_last_key() {
    let source = Flaky::new(4, 0, false);
    let iterator = RefreshIterator::new(&source, Included(&[1]), Unbounded).refresh_when(RefreshAlways);
    assert_eq!(iterator.count(), Ok(3));
    let starts = [Included(vec![1]), Excluded(vec![1]), Excluded(vec![2]), Excluded(vec![3])];
    assert_eq!(source.asked(), starts);

    let source = Flaky::new(4, 0, false);
    assert_eq!(LongIterator::latest(&source, Included(&[1]), Unbounded).max_entries(2).count(), Ok(3));
    assert_eq!(source.asked(), [Included(vec![1]), Excluded(vec![2])]);
}

/// The open step of an iterator that has yielded can be completed by that iterator only.
#[test]
fn an_open_step_is_not_released() {
    // Scan and three steps are good, the next step fails.
    let source = Flaky::new(10, 5, false);
    let mut iterator = RefreshIterator::new(&source, Unbounded, Unbounded).refresh_when(RefreshAlways.or(RefreshNever));
    let mut iterator_never = RefreshIterator::new(&source, Unbounded, Unbounded).refresh_when(RefreshNever);
    for _ in 0..3 {
        assert!(iterator_never.next().unwrap());
    }
    assert!(iterator_never.next().is_err());
    assert!(!iterator_never.release());
    assert_eq!((iterator_never.resume_key(), source.open()), (None, 1));
    assert!(iterator_never.next().unwrap());
    assert_eq!(iterator_never.key(), [3]);
    assert!(iterator_never.release());
    drop(iterator_never);
    // Always refreshed, a step that fails is the first of its iterator, so the place is known.
    let mut failed = false;
    while !failed {
        failed = iterator.next().is_err();
        assert!(iterator.release());
        assert_eq!(source.open(), 0);
    }
}

/// The errors of scans that are merges of merges pass through with their path.
#[test]
fn errors_keep_their_path() {
    let source = ScanFn::new(
        |_, _| {
            let one = OnceIterator::new(1_u64, 'a').lift_err::<&str>();
            Ok(one
                .two_merge(OnceIterator::new(2, 'b').lift_err())
                .fuse()
                .map_err(|_| ChildError { child: 7, error: "" }))
        },
        || 0,
    );
    let mut iterator = RefreshIterator::new(source, Unbounded, Unbounded);
    assert_eq!(iterator.next(), Ok(true));
    assert_eq!((iterator.key(), iterator.value()), (&1, &'a'));
    assert_eq!(iterator.num_active_iterators(), 2);
}
