//! Promise 11: bounds are checked for every entry that is skipped.

mod support;

use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::sync::Arc;

use quickcheck::quickcheck;
#[cfg(feature = "mem-table")]
use storage_iter::MemTable;
use storage_iter::testing::{FailPoint, Operation};
use storage_iter::{MergeIterator, SortedRun, StorageIterator};
use support::moments::{Moment, counted};
use support::{
    Bounds, Entry, FOR_EVER, Failures, HostileIterator, Layers, WatchedKey, oracles, run_without_errors, watched,
};

/// One key for each number, of eight bytes.
fn key(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

fn tombstones(count: u64) -> Vec<Entry> {
    (0..count).map(|number| (key(number), vec![])).collect()
}

/// How often the leaves are moved until the iterator has found its end.
fn reads<I: StorageIterator<Key = WatchedKey>>(mut iterator: I) -> usize {
    let (result, counts) = counted(|| iterator.next());
    assert!(matches!(result, Ok(false)), "there is nothing but tombstones");
    counts.of(Moment::Next)
}

/// A filter above the bounds skips all that it gets, and yet nothing behind the bound is read but the entry that shows it.
#[test]
fn a_run_of_tombstones_stops_at_the_upper_bound() {
    let entries = tombstones(10_000);
    let leaf = || watched(&entries);
    let watched = |bound: Bound<u64>| bound.map(|number| WatchedKey(key(number)));
    for (lower, upper, read) in [
        (Unbounded, Excluded(100), 101),
        (Unbounded, Included(100), 102),
        // What is below the lower bound has to be read: the source cannot start there by itself.
        (Included(50), Excluded(100), 101),
        (Excluded(99), Excluded(101), 102),
        (Unbounded, Included(0), 2),
        (Unbounded, Excluded(0), 1),
        (Excluded(5), Included(5), 0),
        (Included(6), Included(5), 0),
        // All of it, and the step that finds the end.
        (Unbounded, Included(9_999), 10_001),
        (Unbounded, Unbounded, 10_001),
    ] {
        let bounds = || (watched(lower), watched(upper));
        let between = |iterator| {
            let (lower, upper) = bounds();
            StorageIterator::between::<WatchedKey>(iterator, lower, upper)
        };
        assert_eq!(reads(between(leaf()).skip_tombstones()), read, "{lower:?}..{upper:?}");
        assert_eq!(reads(between(leaf()).filter(|_, _| false)), read, "{lower:?}..{upper:?}, filter");

        // Through merges: each child is moved past the bound at most once, and the first step moves all.
        let merged = MergeIterator::new([leaf(), leaf(), leaf()]);
        let (from, to) = bounds();
        let through_a_merge = reads(merged.between::<WatchedKey>(from, to).skip_tombstones());
        assert!(through_a_merge <= 3 * read, "{lower:?}..{upper:?}: {through_a_merge}");
        let merged = MergeIterator::new([between(leaf()), between(leaf()), between(leaf())]);
        assert_eq!(reads(merged.skip_tombstones()), 3 * read, "{lower:?}..{upper:?}, below a merge");
    }
}

/// Once it has seen the bound, it does not ask the child again.
#[test]
fn the_child_is_not_asked_again_behind_the_upper_bound() {
    let entries = tombstones(10);
    let mut bounded = watched(&entries).between(Unbounded, Excluded(WatchedKey(key(3))));
    while bounded.next().expect("never fails") {}
    let (result, counts) = counted(|| bounded.next().expect("never fails"));
    assert!(!result);
    assert_eq!(counts.sum(), 0);
}

/// The lower bound is compared with until a key has reached it, and no longer.
#[test]
fn a_step_inside_compares_once() {
    let entries = tombstones(10);
    let [lower, upper] = [2, 7].map(|number| WatchedKey(key(number)));
    let mut bounded = watched(&entries).between(Included(lower), Excluded(upper));
    let compared: Vec<usize> = std::iter::from_fn(|| {
        let (is_valid, counts) = counted(|| bounded.next().expect("never fails"));
        is_valid.then(|| counts.of(Moment::Compare))
    })
    .collect();
    // The bounds with each other, two keys and the first one inside with the lower, and that one with the upper.
    assert_eq!(compared, [1 + 2 + 1 + 1, 1, 1, 1, 1]);
}

/// What is broken behind the bound does not matter.
#[test]
fn a_failure_behind_the_bound_is_not_met() {
    let entries = tombstones(10);
    // Step 3 is the one to the entry that shows the bound; step 4 is behind it.
    let fails_behind = Arc::new(Failures::none().and(0, 4, FOR_EVER));
    let bounded = HostileIterator::new(&entries, 0, fails_behind, &[]).between(Unbounded, Excluded(key(3)));
    assert_eq!(run_without_errors("between", bounded).len(), 3);

    let fails_at_it = Arc::new(Failures::none().and(0, 3, FOR_EVER));
    let mut bounded = HostileIterator::new(&entries, 0, fails_at_it, &[]).between(Unbounded, Excluded(key(3)));
    let mut entries = 0;
    while let Ok(is_valid) = bounded.next() {
        assert!(is_valid, "an error looks like the bound");
        entries += 1;
    }
    assert_eq!(entries, 3);
}

quickcheck! {
    fn between_agrees_with_the_oracle(layers: Layers, bounds: Bounds) -> bool {
        let (lower, upper) = bounds.as_slices();
        layers.0.iter().all(|layer| {
            let bounded = HostileIterator::harmless(layer).between(bounds.lower.clone(), bounds.upper.clone());
            run_without_errors("between", bounded) == oracles::between(layer, lower, upper)
        })
    }

    /// Bounds that are keys of the input, which random ones seldom are.
    fn between_its_own_keys(layers: Layers, lower: usize, upper: usize, kinds: (bool, bool)) -> bool {
        let entries = oracles::newest(&layers.0);
        let Some(last) = entries.len().checked_sub(1) else { return true };
        let bound = |index: usize, included| {
            let key = entries[index % (last + 1)].0.as_slice();
            if included { Included(key) } else { Excluded(key) }
        };
        let (lower, upper) = (bound(lower, kinds.0), bound(upper, kinds.1));
        let merged = MergeIterator::new(layers.0.iter().map(|layer| HostileIterator::harmless(layer)));
        run_without_errors("between", merged.between(lower, upper)) == oracles::between(&entries, lower, upper)
    }

    /// Bounds below a merge, above it, and at the source are the same.
    fn bounds_may_stand_at_every_level(layers: Layers, bounds: Bounds) -> bool {
        let (lower, upper) = bounds.as_slices();
        let leaves = || layers.0.iter().map(|layer| HostileIterator::harmless(layer));
        let expected = oracles::between(&oracles::newest(&layers.0), lower, upper);

        let above = MergeIterator::new(leaves()).between(lower, upper);
        let below = MergeIterator::new(leaves().map(|leaf| leaf.between(lower, upper)));
        let runs: Vec<SortedRun> = leaves().map(|leaf| leaf.collect().expect("never fails")).collect();
        let at_the_source = MergeIterator::new(runs.iter().map(|run| run.scan(lower, upper)));
        run_without_errors("above", above) == expected
            && run_without_errors("below", below) == expected
            && run_without_errors("at the source", at_the_source) == expected
    }
}

#[cfg(feature = "mem-table")]
quickcheck! {
    fn bounds_of_mem_tables(layers: Layers, bounds: Bounds) -> bool {
        let (lower, upper) = bounds.as_slices();
        let tables: Vec<MemTable> = layers.0.iter().map(|layer| {
            let table = MemTable::new();
            layer.iter().for_each(|(key, value)| table.put(key, value));
            table
        }).collect();
        let merged = MergeIterator::new(tables.iter().map(|table| table.scan(lower, upper)));
        run_without_errors("tables", merged) == oracles::between(&oracles::newest(&layers.0), lower, upper)
    }
}

/// Bounds that leave no room are known from the first call on, whichever that is, and the child is not asked.
#[test]
fn without_room_a_cursor_never_asks_its_child() {
    let entries = tombstones(10);
    let operations = || {
        let key = key(3);
        [
            Operation::Next,
            Operation::Prev,
            Operation::SeekToFirst,
            Operation::SeekToLast,
            Operation::Seek(key.clone()),
            Operation::SeekForPrev(key),
        ]
    };
    for first in 0..operations().len() {
        let broken = FailPoint::failing_at(0, FOR_EVER);
        let mut bounded =
            HostileIterator::disturbed(&entries, &broken, &[]).between(Included(key(7)), Excluded(key(2)));
        for operation in operations().iter().cycle().skip(first).take(2 * operations().len()) {
            let result = operation.as_ref().map_key(Vec::as_slice).apply(&mut bounded);
            assert_eq!(result, Ok(false), "{operation:?}");
            assert!(!bounded.is_valid());
        }
    }
}
