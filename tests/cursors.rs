//! Cursors: any sequence of `next`, `prev` and seeks, with errors and panics in any place, against a position in a list.

mod support;

use std::ops::Bound;
use std::rc::Rc;

use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, Descending, EmptyIterator, OnceIterator, SeekableIterator, SliceIterator, SortedRun,
    StorageIterator,
};
use support::moments::{Moment, counted};
use support::{
    Bounds, Composition, CursorLeaves, CursorVisitor, Entry, FaultScript, Faults, HostileIterator, Layers, Operation,
    Operations, Origin, WatchedKey, check_cursor, lifted, oracles, run, visit_every_cursor,
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

fn numbered_run(len: usize) -> SortedRun<WatchedKey, u64> {
    let entries: Vec<(WatchedKey, u64)> = (0..len).map(|number| (numbered_key(number), number as u64)).collect();
    let Ok(run) = SliceIterator::new(&entries).collect();
    run
}

/// A seek ahead costs what the distance asks for, not what the run's length would.
#[test]
fn a_seek_ahead_in_a_run_compares_as_often_as_the_distance_asks_for() {
    const LEN: usize = 100_000;
    let run = numbered_run(LEN);
    let mut entries = run.iter();
    for start in [0, 77, LEN / 2] {
        for distance in [1, 2, 3, 10, 100, 1_000, 10_000, LEN - 1 - start] {
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
    let most = LEN.ilog2() as usize + 2;
    for target in [0, 1, 500, LEN - 1] {
        for seek_from in [LEN - 1, LEN] {
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
