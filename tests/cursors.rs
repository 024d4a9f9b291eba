//! Cursors: any sequence of `next`, `prev` and seeks, with errors and panics in any place, against a position in a list.

mod support;

use std::cell::RefCell;
use std::convert::Infallible;
use std::ops::Bound::{self, Excluded, Included};
use std::ops::RangeInclusive;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, Descending, EmptyIterator, OnceIterator, OrderError, SeekableIterator, SliceIterator,
    SortedRun, StorageIterator,
};
use support::moments::{Bang, Moment, catch, counted, panic_after, panic_no_more};
use support::{
    Bounds, Composition, CursorLeaves, CursorNesting, CursorVisitor, Entry, Fault, FaultScript, Faults,
    HostileIterator, Layers, Operation, Operations, Origin, WatchedKey, check_cursor, lifted, oracles, run,
    visit_every_cursor,
};

/// All keys of all layers, to seek near them.
fn keys(layers: &Layers) -> Vec<Vec<u8>> {
    layers.0.iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn byte_operations(layers: &Layers, operations: &Operations) -> Vec<Operation<Vec<u8>>> {
    operations.near(&keys(layers), <[u8]>::to_vec)
}

/// A source that never fails.
fn check_source<I>(name: &'static str, cursor: I, entries: &[Entry], operations: &[Operation<Vec<u8>>])
where
    I: BidirectionalIterator<Key = [u8], Value = [u8]>,
{
    check_cursor(Composition::of(name), cursor, &Faults::default(), entries, operations);
}

fn run_of(entries: &[Entry]) -> SortedRun {
    let Ok(run) = SliceIterator::new(entries).borrowed().collect();
    run
}

quickcheck! {
    fn slices(layers: Layers, operations: Operations) -> bool {
        let entries: &[Entry] = layers.layer(0);
        let operations = byte_operations(&layers, &operations);
        check_cursor(Composition::of("slice"), SliceIterator::new(entries), &Faults::default(), entries, &operations);
        true
    }

    fn single_entries(layers: Layers, operations: Operations) -> bool {
        let operations = byte_operations(&layers, &operations);
        for (key, value) in layers.layer(0) {
            let once = OnceIterator::new(key.clone(), value.clone());
            let entry = [(key.clone(), value.clone())];
            check_cursor(Composition::of("once"), once, &Faults::default(), &entry, &operations);
        }
        check_source("empty", EmptyIterator::new(), &[], &operations);
        true
    }

    fn runs(layers: Layers, bounds: Bounds, operations: Operations) -> bool {
        let run = run_of(layers.layer(0));
        let operations = byte_operations(&layers, &operations);
        check_source("run", run.iter(), layers.layer(0), &operations);
        let (lower, upper) = bounds.as_slices();
        let between = oracles::between(layers.layer(0), lower, upper);
        check_source("scan of a run", run.scan(lower, upper), &between, &operations);
        check_source("owned scan of a run", run.scan_owned(lower, upper), &between, &operations);
        true
    }

    /// What all other tests rest on: the hostile source keeps the contract itself.
    fn hostile_sources(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let faults = Rc::new(Faults::new(&script));
        let cursor = HostileIterator::disturbed(layers.layer(0), &faults, &[]);
        let composition = Composition { passes_is_valid_on: true, ..Composition::of("hostile source") };
        check_cursor(composition, cursor, &faults, layers.layer(0), &byte_operations(&layers, &operations));
        true
    }
}

/// Drives every composition by the same operations. What it should show is what it shows forwards and undisturbed, which other tests
/// compare with oracles.
struct Driving<'a> {
    layers: &'a Layers,
    script: &'a FaultScript,
    operations: Vec<Operation<Vec<u8>>>,
}

impl CursorVisitor for Driving<'_> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&CursorLeaves) -> I)
    where
        I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let shown = run(composition, &mut make(&CursorLeaves::new(self.layers, Faults::default())), 0);
        assert!(shown.ended, "{}", composition.name);
        let leaves = CursorLeaves::new(self.layers, Faults::new(self.script));
        let errors = check_cursor(composition, make(&leaves), leaves.faults(), &shown.entries, &self.operations);
        for error in errors {
            let Some(failure) = error.failure() else { continue };
            assert_eq!(*failure.path, error.path(), "{}: the error names another source", composition.name);
        }
    }
}

quickcheck! {
    fn compositions(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let operations = byte_operations(&layers, &operations);
        visit_every_cursor(&mut Driving { layers: &layers, script: &script, operations });
        true
    }

    fn nestings(nesting: CursorNesting, layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let operations = byte_operations(&layers, &operations);
        let leaves = CursorLeaves::new(&layers, Faults::new(&script));
        let expected = nesting.expected(layers.layer(0));
        let passes_is_valid_on = nesting.passes_is_valid_on();
        let composition = Composition { passes_is_valid_on, ..Composition::of("nesting") };
        check_cursor(composition, nesting.build(&leaves), leaves.faults(), &expected, &operations);
        true
    }

    fn reversed(layers: Layers, bounds: Bounds, operations: Operations, script: FaultScript) -> bool {
        let operations = operations.near(&keys(&layers), |key| Descending(key.to_vec()));
        let reversed = |entries: &[Entry]| -> Vec<(Descending<Vec<u8>>, Vec<u8>)> {
            entries.iter().rev().map(|(key, value)| (Descending(key.clone()), value.clone())).collect()
        };
        let entries = reversed(layers.layer(0));
        let leaves = CursorLeaves::new(&layers, Faults::new(&script));
        check_cursor(Composition::of("rev"), leaves.leaf(0, &[]).rev(), leaves.faults(), &entries, &operations);

        let (lower, upper) = bounds.as_slices();
        let between = oracles::between(layers.layer(0), lower, upper);
        let leaves = CursorLeaves::new(&layers, Faults::new(&script));
        let cursor = leaves.leaf(0, &[]).between(lower, upper).rev();
        check_cursor(Composition::of("rev of between"), cursor, leaves.faults(), &reversed(&between), &operations);

        let leaves = CursorLeaves::new(&layers, Faults::new(&script));
        let bounds = (upper.map(|key| Descending(key.to_vec())), lower.map(|key| Descending(key.to_vec())));
        let cursor = leaves.leaf(0, &[]).rev().between(bounds.0, bounds.1).filter(|_, value| !value.is_empty());
        let entries: Vec<_> = reversed(&between).into_iter().filter(|(_, value)| !value.is_empty()).collect();
        check_cursor(Composition::of("filter of between of rev"), cursor, leaves.faults(), &entries, &operations);

        let run = run_of(layers.layer(0));
        check_cursor(Composition::of("rev of a run"), run.iter().rev(), &Faults::default(), &reversed(layers.layer(0)), &operations);
        true
    }

    fn borrowed_and_lifted(layers: Layers, operations: Operations) -> bool {
        let operations = byte_operations(&layers, &operations);
        let no_faults = Faults::default();
        check_source("borrowed", SliceIterator::new(layers.layer(0)).borrowed(), layers.layer(0), &operations);
        check_cursor(Composition::of("lift_err"), lifted(&layers), &no_faults, layers.layer(0), &operations);
        true
    }
}

fn numbered_key(number: usize) -> WatchedKey {
    WatchedKey(format!("{number:06}").into_bytes())
}

fn numbered_entries(len: usize) -> Vec<(WatchedKey, u64)> {
    (0..len).map(|number| (numbered_key(number), number as u64)).collect()
}

fn numbered_run(len: usize) -> SortedRun<WatchedKey, u64> {
    let Ok(run) = SliceIterator::new(&numbered_entries(len)).collect();
    run
}

/// A seek ahead costs what the distance asks for, not what the length of the whole would.
#[test]
fn a_seek_ahead_compares_as_often_as_the_distance_asks_for() {
    const LEN: usize = 100_000;
    check_seeks_ahead(LEN, numbered_run(LEN).iter());
    check_seeks_ahead(LEN, SliceIterator::new(&numbered_entries(LEN)));
}

fn check_seeks_ahead<I>(len: usize, mut entries: I)
where
    I: BidirectionalIterator<Key = WatchedKey, Value = u64, Error: PartialEq + std::fmt::Debug>,
{
    for start in [0, 77, len / 2] {
        for distance in [1, 2, 3, 10, 100, 1_000, 10_000, len - 1 - start] {
            assert_eq!(entries.seek(&numbered_key(start)), Ok(true));
            let target = numbered_key(start + distance);
            let (found, counts) = counted(|| entries.seek(&target));
            assert_eq!((found, entries.key().0 == target.0), (Ok(true), true));
            let most = 2 * distance.ilog2() as usize + 3;
            let compared = counts.of(Moment::Compare);
            assert!(compared <= most, "from {start} over {distance}: {compared} comparisons, more than {most}");

            assert_eq!(entries.seek(&numbered_key(start)), Ok(true));
            let (found, counts) = counted(|| entries.seek_for_prev(&target));
            assert_eq!((found, entries.key().0 == target.0), (Ok(true), true));
            assert!(counts.of(Moment::Compare) <= most + 2, "seek_for_prev from {start} over {distance}");
        }
    }
    // Back, and from off an entry, it is a binary search.
    let most = len.ilog2() as usize + 2;
    for target in [0, 1, 500, len - 1] {
        for seek_from in [len - 1, len] {
            assert!(entries.seek(&numbered_key(seek_from)).is_ok());
            let (found, counts) = counted(|| entries.seek(&numbered_key(target)));
            assert_eq!((found, *entries.value()), (Ok(true), target as u64));
            assert!(counts.of(Moment::Compare) <= most, "{} comparisons", counts.of(Moment::Compare));
        }
    }
}

/// Neither end of a scan is passed, and what lies beyond is not even compared with.
#[test]
fn a_seek_in_a_scan_of_a_run_stays_inside() {
    let run = numbered_run(1_000);
    let (lower, upper) = (numbered_key(400), numbered_key(410));
    let mut entries = run.scan(Bound::Included(&lower), Bound::Excluded(&upper));
    for target in [0, 399, 405, 409, 410, 999] {
        let target = numbered_key(target);
        let (_, counts) = counted(|| (entries.seek(&target), entries.seek_for_prev(&target)));
        assert!(counts.of(Moment::Compare) <= 12, "ten entries take four comparisons");
    }
}

/// Bounds hold for every entry that is read, not only for those that are shown: by a seek, wherever its target is, and by the
/// steps behind it, over runs of entries that are left out as well.
#[test]
fn no_seek_reads_outside_the_bounds() {
    let entries: Vec<(u64, u64)> = (0..1_000).map(|key| (key, key % 3)).collect();
    for (lower, upper, inside) in [
        (Included(400), Included(409), 400..=409),
        // An excluded bound is sought by its own key, which is there.
        (Included(400), Excluded(410), 400..=410),
        (Excluded(399), Included(409), 399..=409),
        (Included(400), Excluded(400), RangeInclusive::new(1, 0)),
    ] {
        let read = RefCell::new(vec![]);
        let recording = SliceIterator::new(&entries).inspect(|key, _| read.borrow_mut().push(*key));
        let mut cursor = recording.between(lower, upper).filter(|_, value| *value == 0);
        let outside = |most: usize, what: &str| {
            let outside: Vec<u64> = read.take().into_iter().filter(|key| !inside.contains(key)).collect();
            assert!(outside.len() <= most, "{what} within {lower:?} and {upper:?} reads {outside:?}");
        };
        for target in [0, 399, 400, 404, 409, 410, 999] {
            let _ = cursor.seek(&target);
            // Where no entry inside is left over, the first one outside shows it.
            outside(1, "a seek");
            let _ = cursor.seek_for_prev(&target);
            outside(1, "a seek backwards");
        }
        for target in [0, 398, 411, 999] {
            let (_, _) = (cursor.seek(&target), cursor.seek_for_prev(&target));
            outside(0, "a seek from outside");
        }
        let _ = (cursor.seek_to_first(), cursor.seek_to_last());
        outside(0, "a seek to an end");
        while cursor.prev() == Ok(true) {}
        assert_eq!(cursor.prev(), Ok(false));
        outside(1, "walking down");
        while cursor.next() == Ok(true) {}
        assert_eq!(cursor.next(), Ok(false));
        outside(1, "walking up");
        let _ = (cursor.seek(&999), cursor.next(), cursor.prev());
        outside(0, "stepping back from beyond");
        let _ = (cursor.seek_for_prev(&0), cursor.next());
        outside(0, "stepping on from before");
    }
}

/// Where the first step is a seek, nothing below the lower bound is read, whichever method comes first.
#[test]
fn a_first_step_by_seek_reads_nothing_below_the_lower_bound() {
    let entries: Vec<(u64, u64)> = (0..1_000).map(|key| (key, key)).collect();
    let read = RefCell::new(vec![]);
    let recording = || SliceIterator::new(&entries).inspect(|key, _| read.borrow_mut().push(*key));
    let between = || recording().between(Included(400), Excluded(402)).by_seek();
    let mut forwards = between();
    assert_eq!((forwards.next(), forwards.next(), forwards.next()), (Ok(true), Ok(true), Ok(false)));
    assert_eq!(read.take(), [400, 401, 402]);

    // A step back from before the first entry leads nowhere, and the first step is still to be made.
    let mut back_first = between();
    assert_eq!((back_first.prev(), back_first.is_valid()), (Ok(false), false));
    assert_eq!((back_first.next(), back_first.key()), (Ok(true), &400));
    assert_eq!(read.take(), [400]);

    assert_eq!(between().count(), Ok(2));
    assert!(read.take().iter().all(|key| *key >= 400));

    assert_eq!(recording().between(Included(400), Excluded(402)).next(), Ok(true));
    assert_eq!(read.take().len(), 401, "without a seek the child is walked");
}

/// Such a step is not called a seek, and so is taken up again after a panic: no entry may be lost then.
#[test]
fn a_panic_in_a_step_that_seeks_leaves_it_open() {
    let key = |number: u8| WatchedKey(vec![number]);
    let entries: Vec<(WatchedKey, ())> = (0..9).map(|number| (key(number), ())).collect();
    let between = || SliceIterator::new(&entries).between(Excluded(key(1)), Excluded(key(5)));
    let panics_after = |comparisons, step: &mut dyn FnMut() -> Result<bool, Infallible>| {
        panic_after(comparisons, None);
        let has_panicked = catch(step).is_none();
        panic_no_more();
        has_panicked
    };
    let mut panics = 0;
    for comparisons in 0.. {
        // The first one.
        let mut cursor = between().by_seek();
        if !panics_after(comparisons, &mut || cursor.next()) {
            break;
        }
        assert!(!cursor.is_valid());
        assert_eq!((cursor.next(), cursor.key()), (Ok(true), &key(2)), "after {comparisons} comparisons");
        panics += 1;
    }
    for comparisons in 0.. {
        // And the one back from behind the last entry, where a seek beyond the upper bound has not asked the child.
        let mut cursor = between();
        assert_eq!(cursor.seek(&key(7)), Ok(false));
        if !panics_after(comparisons, &mut || cursor.prev()) {
            break;
        }
        assert!(!cursor.is_valid());
        assert_eq!((cursor.prev(), cursor.key()), (Ok(true), &key(4)), "after {comparisons} comparisons");
        panics += 1;
    }
    assert!(panics >= 8, "{panics}");
}

/// No child has a position after such a seek, and none is made up for it.
#[test]
fn a_seek_cut_short_by_a_panic_leaves_no_position() {
    fn check(name: &str, mut cursor: impl BidirectionalIterator<Key = [u8], Value = [u8]>) {
        assert!(matches!(cursor.next(), Ok(true)));
        for seek_number in 0..4 {
            let seek = |cursor: &mut dyn BidirectionalIterator<Key = [u8], Value = [u8], Error = _>| match seek_number {
                0 => cursor.seek(b"a"),
                1 => cursor.seek_for_prev(b"z"),
                2 => cursor.seek_to_first(),
                _ => cursor.seek_to_last(),
            };
            assert!(catch(|| seek(&mut cursor)).is_none(), "{name}: was to panic");
            for _ in 0..2 {
                for step in [BidirectionalIterator::prev, StorageIterator::next] {
                    assert!(!cursor.is_valid(), "{name}");
                    let payload = panic::catch_unwind(AssertUnwindSafe(|| drop(step(&mut cursor)))).expect_err(name);
                    let message = payload.downcast_ref::<&str>().expect("a message");
                    assert!(message.contains("a seek was cut short; seek again"), "{name}: {message}");
                }
            }
            assert!(seek(&mut cursor).is_ok() && cursor.is_valid(), "{name}: sought again");
        }
    }
    let entries = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec()), (b"c".to_vec(), b"3".to_vec())];
    let panics_at = |calls: &[usize]| {
        Rc::new(Faults::new(&FaultScript(calls.iter().map(|calls| (*calls, Fault::Panic)).collect())))
    };
    // The first call is the first `next`; then the seek and its repetition take turns.
    let leaf = || HostileIterator::disturbed(&entries, &panics_at(&[1, 1, 1, 1]), &[]);
    check("filter", leaf().filter(|_, _| true));
    check("skip_tombstones", leaf().skip_tombstones());
    check("between", leaf().between(Included(&b"a"[..]), Included(&b"c"[..])));
    check("map_err", leaf().map_err(|error| error));
    check("check_order", leaf().check_order());
    check("fuse", leaf().fuse());
    check("inspect", leaf().inspect(|_, _| {}));
    // It is the same where not the child panics but what looks at its entry.
    let faults = panics_at(&[1, 1, 1, 1]);
    let leaf = || HostileIterator::harmless(&entries);
    check("panicking filter", leaf().filter(|_, _| !strikes(&faults)));
    let faults = panics_at(&[1, 1, 1, 1]);
    check("panicking inspect", leaf().inspect(|_, _| assert!(!strikes(&faults))));
}

/// Asks for a fault at every call, as a source does.
fn strikes(faults: &Faults) -> bool {
    if faults.strike().is_some() {
        panic::resume_unwind(Box::new(Bang));
    }
    false
}

/// Comparisons of a source's own may panic as well.
#[test]
fn a_comparison_that_panics_leaves_no_position() {
    fn check(name: &str, mut cursor: impl BidirectionalIterator<Key = WatchedKey, Error = Infallible>) {
        for target in [0, 5] {
            let (target, last) = (numbered_key(target), numbered_key(9));
            for _ in 0..2 {
                assert!(cursor.seek(&last).is_ok());
                panic_after(0, None);
                assert!(catch(|| cursor.seek(&target)).is_none(), "{name}: was to panic");
                panic_no_more();
                assert!(!cursor.is_valid(), "{name}");
                for step in [BidirectionalIterator::prev, StorageIterator::next] {
                    assert!(panic::catch_unwind(AssertUnwindSafe(|| step(&mut cursor))).is_err(), "{name}");
                }
                panic_after(0, None);
                assert!(catch(|| cursor.seek_for_prev(&target)).is_none(), "{name}: was to panic");
                panic_no_more();
            }
            assert!(cursor.seek_to_first().is_ok() && cursor.is_valid(), "{name}");
        }
    }
    let entries: Vec<(WatchedKey, u64)> = (0..10).map(|number| (numbered_key(number), 0)).collect();
    check("slice", SliceIterator::new(&entries));
    check("run", numbered_run(10).iter());
    check("once", OnceIterator::new(numbered_key(9), 0));
    check("between", SliceIterator::new(&entries).between(Included(numbered_key(0)), Included(numbered_key(9))));
}

/// The first step of a reversed cursor is a seek. If it fails it is still a step, which the next call completes, whether or not the
/// child has kept its target.
#[test]
fn the_first_step_of_a_reversed_cursor_can_be_repeated() {
    let entries = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
    for fault in [Fault::Error, Fault::Forget, Fault::Panic] {
        let faults = Rc::new(Faults::new(&FaultScript(vec![(0, fault), (0, fault)])));
        let mut reversed = HostileIterator::disturbed(&entries, &faults, &[]).rev();
        for _ in 0..2 {
            assert!(catch(|| reversed.next()).is_none_or(|result| result.is_err()), "{fault:?}");
            assert!(!reversed.is_valid());
        }
        assert_eq!(reversed.next(), Ok(true), "{fault:?}");
        assert_eq!(reversed.key().0, *b"b");
    }
}

/// Keys must descend on the way back. A change of direction on an entry is checked; an end, an error and a seek begin anew.
#[test]
fn check_order_knows_the_direction() {
    let mut cursor = SliceIterator::new(&[(1, 'a'), (3, 'b'), (2, 'c'), (4, 'd')]).check_order();
    assert_eq!(cursor.seek_to_last(), Ok(true));
    assert_eq!(cursor.prev(), Ok(true));
    for _ in 0..2 {
        assert_eq!(cursor.prev(), Err(OrderError::NotDescending { previous: 2, key: 3 }));
        assert_eq!(cursor.next(), Err(OrderError::NotDescending { previous: 2, key: 3 }));
        assert!(!cursor.is_valid());
    }
    assert_eq!(cursor.seek_to_first(), Ok(true));
    assert_eq!(cursor.next(), Ok(true));
    assert_eq!(cursor.next(), Err(OrderError::NotAscending { previous: 3, key: 2 }));
    assert_eq!(cursor.prev(), Err(OrderError::NotAscending { previous: 3, key: 2 }));

    let mut cursor = SliceIterator::new(&[(1, 'a'), (2, 'b'), (2, 'c')]).check_order();
    assert_eq!(cursor.seek_to_last(), Ok(true));
    assert_eq!(cursor.prev(), Err(OrderError::NotDescending { previous: 2, key: 2 }), "a key may come only once");

    let mut cursor = SliceIterator::new(&[(1, 'a'), (2, 'b')]).check_order();
    for _ in 0..2 {
        while cursor.next() == Ok(true) {}
        assert_eq!((cursor.prev(), cursor.key()), (Ok(true), &2));
        while cursor.prev() == Ok(true) {}
        assert_eq!((cursor.next(), cursor.key()), (Ok(true), &1));
    }
}
