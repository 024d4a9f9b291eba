//! How often a merge compares keys: counted by a key type whose order counts.

use std::collections::BTreeMap;

use quickcheck::{QuickCheck, TestResult};
use storage_iter::testing::events::{Event, count_events};
use storage_iter::testing::{CountingIterator, CountingKey};
use storage_iter::{
    BidirectionalIterator, MergeAllIterator, MergeIterator, SeekableIterator, SliceIterator, StorageIterator,
    TwoMergeIterator,
};

/// The comparisons that `f` makes.
fn comparisons_of<T>(f: impl FnOnce() -> T) -> usize {
    count_events(f).1.of(Event::Compare)
}

/// What a source holds: keys that ascend.
type Source = Vec<(CountingKey<u16>, ())>;

fn source(keys: impl IntoIterator<Item = u16>) -> Source {
    // A map of plain numbers: sorting counting keys would count.
    let sorted: BTreeMap<u16, ()> = keys.into_iter().map(|key| (key, ())).collect();
    sorted.into_keys().map(|key| (CountingKey(key), ())).collect()
}

fn merge(sources: &[Source]) -> MergeIterator<SliceIterator<'_, CountingKey<u16>, ()>> {
    sources.iter().map(|source| SliceIterator::new(source)).collect()
}

/// ⌈log₂ k⌉.
fn levels(k: usize) -> usize {
    k.next_power_of_two().trailing_zeros() as usize
}

#[test]
fn the_first_step_takes_less_than_k_comparisons() {
    fn property(sources: Vec<Vec<u16>>) -> bool {
        let sources: Vec<Source> = sources.into_iter().map(source).collect();
        let mut merged = merge(&sources);
        comparisons_of(|| merged.next()) <= sources.len().saturating_sub(1)
    }
    QuickCheck::new().quickcheck(property as fn(Vec<Vec<u16>>) -> bool);
}

/// A step moves past the entry before it and its duplicates. For each of these one comparison a level at the most, none of them to
/// find out that a duplicate is one; and what it takes to line the sources up, or to let them take turns again, which happens not
/// more often than every *k* entries.
#[test]
fn steps_take_at_most_log_k_comparisons_for_each_entry_they_move_past() {
    fn property(sources: Vec<Vec<u8>>) -> TestResult {
        // Bytes as keys, so that there are many duplicates.
        let sources: Vec<Source> = sources.into_iter().map(|keys| source(keys.into_iter().map(u16::from))).collect();
        let holders = |key: u16| sources.iter().flatten().filter(|(other, ())| other.0 == key).count();
        let levels = levels(sources.len());
        let mut merged = merge(&sources);
        let change = sources.len() * (levels + 2);
        let mut most = sources.len().saturating_sub(1);
        let (mut in_all, mut entries) = (0, 0);
        loop {
            let mut is_valid = false;
            let comparisons = comparisons_of(|| is_valid = merged.next() == Ok(true));
            in_all += comparisons;
            let changes = entries / sources.len().max(1) * change;
            if in_all > most + changes {
                return TestResult::error(format!("{in_all} comparisons so far, at most {most} and {changes}"));
            }
            if !is_valid {
                return TestResult::passed();
            }
            most += holders(merged.key().0) * levels;
            entries += holders(merged.key().0);
        }
    }
    QuickCheck::new().quickcheck(property as fn(Vec<Vec<u8>>) -> TestResult);
}

/// The worst that can be done to a merge that expects who has won to win again: runs that end just when it does.
#[test]
fn runs_of_any_length_take_at_most_log_k_comparisons_an_entry() {
    for k in [2, 3, 4, 8, 32] {
        for run in 1..=12 {
            let mut sources: Vec<Vec<u16>> = vec![vec![]; k];
            for key in 0..2000 {
                sources[usize::from(key) / run * 7 % k].push(key);
            }
            let sources: Vec<Source> = sources.into_iter().map(source).collect();
            let comparisons = comparisons_of(|| merge(&sources).count());
            let most = k - 1 + (2000 + 2) * levels(k);
            assert!(comparisons <= most, "k = {k}, runs of {run}: {comparisons} comparisons, at most {most}");
        }
    }
}

#[test]
fn a_whole_merge_takes_at_most_log_k_comparisons_an_entry() {
    for k in [1, 2, 3, 5, 8, 13, 32, 100, 128] {
        let sources: Vec<Source> =
            (0..k).map(|index| source((0..50).map(|key| key * 131 + index * 37 % 131))).collect();
        let entries = 50 * usize::from(k);
        let comparisons = comparisons_of(|| merge(&sources).count());
        let most = usize::from(k) - 1 + entries * levels(k.into());
        assert!(comparisons <= most, "k = {k}: {comparisons} comparisons, at most {most}");
        // A merge that compares nothing would not merge: at least as many as it takes to tell the orders apart.
        assert!(k == 1 || comparisons >= entries - 50, "k = {k}: {comparisons} comparisons");
    }
}

/// A merge as it walks forward, or backward over the same keys in the other order.
struct Walk<'a> {
    merged: MergeIterator<SliceIterator<'a, CountingKey<u16>, ()>>,
    is_forward: bool,
}

impl<'a> Walk<'a> {
    const WAYS: [bool; 2] = [true, false];

    /// A key, or what takes its place on the way back.
    fn mirrored(is_forward: bool, key: u16) -> u16 {
        if is_forward { key } else { u16::MAX - key }
    }

    /// On its first entry.
    fn start(sources: &'a [Source], is_forward: bool) -> Self {
        let mut merged = merge(sources);
        assert_eq!(if is_forward { merged.next() } else { merged.seek_to_last() }, Ok(true));
        Walk { merged, is_forward }
    }

    fn step(&mut self) -> bool {
        (if self.is_forward { self.merged.next() } else { self.merged.prev() }) == Ok(true)
    }

    fn key(&self) -> u16 {
        Self::mirrored(self.is_forward, self.merged.key().0)
    }
}

/// Sources that take turns in runs: the one whose turn it is stays ahead of a runner-up that does not change.
#[test]
fn a_run_takes_one_comparison_an_entry() {
    let ways = Walk::WAYS.into_iter();
    for (is_forward, k) in ways.flat_map(|is_forward| [2, 3, 8, 32, 128].map(|k| (is_forward, k))) {
        let run = 100;
        let keys = |index| ((index * run)..((index + 1) * run)).map(|key| Walk::mirrored(is_forward, key));
        let sources: Vec<Source> = (0..k).map(|index| source(keys(index))).collect();
        let mut walk = Walk::start(&sources, is_forward);
        loop {
            let mut is_valid = false;
            let comparisons = comparisons_of(|| is_valid = walk.step());
            if !is_valid {
                break;
            }
            // It takes the merge so many entries to be sure that these are runs, and then to line the sources up.
            let key = walk.key();
            let is_lined_up = k < 3 || key > 3 * k;
            let may_turn = key % run < 2;
            assert!(!is_lined_up || may_turn || comparisons <= 1, "k = {k}, key {key}: {comparisons} comparisons");
        }
    }
}

/// A source that has the keys of another one as well: each of the two moves once for an entry.
#[test]
fn a_run_with_duplicates_takes_one_comparison_for_each_that_moves() {
    for k in [3, 8, 32] {
        for givers in [[0, 1], [k / 2, k - 1], [k - 2, k - 1]] {
            let sources: Vec<Source> = (0..k)
                .map(|index| if givers.contains(&index) { source(0..300) } else { source([10_000 + index]) })
                .collect();
            let mut merged = merge(&sources);
            // It takes the merge so many entries to be sure that these are runs, and then to line the sources up.
            while merged.next() == Ok(true) && merged.key().0 < 3 * k {}
            while merged.key().0 < 299 {
                let mut is_valid = Ok(false);
                let comparisons = comparisons_of(|| is_valid = merged.next());
                assert_eq!(is_valid, Ok(true));
                assert!(comparisons <= 2, "k = {k}, {givers:?}: {comparisons} comparisons");
            }
        }
    }
}

/// Three sources with the same keys, in front of others: once lined up, ⌈log₂ k⌉ for each that moves, wherever the three are.
#[test]
fn a_run_with_two_duplicates_takes_at_most_log_k_comparisons_for_each_that_moves() {
    for k in [4, 5, 8, 9, 16, 32] {
        for givers in [[0, 1, 2], [0, k / 2, k - 1], [k - 3, k - 2, k - 1]] {
            let sources: Vec<Source> = (0..k)
                .map(|index| if givers.contains(&index) { source(0..300) } else { source([10_000 + index]) })
                .collect();
            let (mut merged, levels) = (merge(&sources), levels(k.into()));
            // It takes the merge so many entries to be sure that these are runs, and then to line the sources up.
            while merged.next() == Ok(true) && merged.key().0 < 3 * k {}
            while merged.key().0 < 299 {
                let mut is_valid = Ok(false);
                let comparisons = comparisons_of(|| is_valid = merged.next());
                assert_eq!(is_valid, Ok(true));
                assert!(comparisons <= 3 * levels, "k = {k}, {givers:?}: {comparisons} comparisons");
            }
        }
    }
}

/// A merge that has lined its sources up for a run does not go on so where they take turns: all of them, or two while the others stand
/// behind these.
#[test]
fn turns_behind_a_run_take_at_most_log_k_comparisons_an_entry() {
    let (run, turns) = (500, 4_000);
    let shapes = [(4, 4), (8, 8), (32, 32), (4, 2), (8, 2), (32, 2)];
    for (is_forward, (k, takers)) in
        Walk::WAYS.into_iter().flat_map(|is_forward| shapes.map(|shape| (is_forward, shape)))
    {
        let sources: Vec<Source> = (0..k)
            .map(|index| {
                let first = (0..run).filter(|_| index == 0);
                let then = (run..run + turns).filter(|key| key % takers == index);
                source(first.chain(then).chain([10_000 + index]).map(|key| Walk::mirrored(is_forward, key)))
            })
            .collect();
        let (k, mut walk) = (usize::from(k), Walk::start(&sources, is_forward));
        while walk.step() && walk.key() < run {}
        let mut is_valid = true;
        let comparisons = comparisons_of(|| {
            while is_valid && walk.key() < 9_999 {
                is_valid = walk.step();
            }
        });
        // Two changes, for the first turns may still look like runs.
        let most = (usize::from(turns) + 2 * k) * levels(k) + 4 * k;
        assert!(comparisons <= most, "{takers} of k = {k}: {comparisons} comparisons, at most {most}");
    }
}

/// Not before *k* entries have come in a row are the sources lined up, which takes more comparisons than a step may.
#[test]
fn the_first_entries_of_a_run_take_at_most_log_k_comparisons() {
    for k in [8, 32] {
        let sources: Vec<Source> = (0..k).map(|index| source((100 * index)..(100 * index + 100))).collect();
        let mut merged = merge(&sources);
        assert_eq!(merged.next(), Ok(true));
        for entry in 1..=k {
            let comparisons = comparisons_of(|| merged.next());
            assert!(comparisons <= levels(k.into()), "k = {k}: {comparisons} comparisons for entry {entry}");
        }
    }
}

#[test]
fn the_two_merge_takes_one_comparison_a_step() {
    fn property(newer: Vec<u8>, older: Vec<u8>) -> bool {
        let [newer, older] = [newer, older].map(|keys| source(keys.into_iter().map(u16::from)));
        let mut merged = TwoMergeIterator::new(SliceIterator::new(&newer), SliceIterator::new(&older));
        loop {
            let mut is_valid = false;
            let comparisons = comparisons_of(|| is_valid = merged.next() == Ok(true));
            if comparisons > 1 {
                return false;
            }
            if !is_valid {
                return true;
            }
        }
    }
    QuickCheck::new().quickcheck(property as fn(Vec<u8>, Vec<u8>) -> bool);
}

#[test]
fn one_source_or_none_takes_no_comparison() {
    assert_eq!(comparisons_of(|| merge(&[]).count()), 0);
    assert_eq!(comparisons_of(|| merge(&[source(0..100)]).count()), 0);
}

/// Sources that count how often they are moved and sought, but not the comparisons by which they find their targets: those counted
/// are the merge's own.
fn counting(sources: &[Source]) -> Vec<CountingIterator<SliceIterator<'_, CountingKey<u16>, ()>>> {
    sources.iter().map(|entries| CountingIterator::new(SliceIterator::new(entries)).hiding_comparisons()).collect()
}

/// The comparisons that `f` makes, and how many sources it seeks and moves.
fn counted<T>(f: impl FnOnce() -> T) -> (usize, usize, usize) {
    let (_, counts) = count_events(f);
    let seeks = counts.of(Event::Seek);
    (counts.of(Event::Compare), seeks, seeks + counts.of(Event::Next) + counts.of(Event::Prev))
}

/// How many children of a merge that stands on `key` have their next entry before `target`.
fn lagging(sources: &[Source], key: u16, target: u16) -> usize {
    let below = |source: &Source, key| source.partition_point(|(entry, ())| entry.0 < key);
    let lags = |source: &&Source| below(source, key) < below(source, target);
    sources.iter().filter(lags).count()
}

/// Seeks the children that lag, each of them once, and compares ⌈log₂ k⌉ + 1 times for each.
fn check_seeks<I>(sources: &[Source], mut merged: I, targets: &[u8]) -> TestResult
where
    I: BidirectionalIterator<Key = CountingKey<u16>, Value = (), Error: std::fmt::Debug>,
{
    let k = sources.len();
    let mut in_all = 0;
    // What an expectation costs has been saved before.
    let mut most_in_all = 4 * levels(k.max(2)) + k;
    merged.seek_to_first().expect("no error");
    for &target in targets {
        let target = u16::from(target);
        let standing = merged.is_valid().then(|| merged.key().0);
        let (comparisons, seeks, moves) = counted(|| merged.seek(&CountingKey(target)));
        let (lagging, rebuilds) = match standing {
            Some(key) if key <= target => (lagging(sources, key, target), 0),
            _ => (k, k),
        };
        if (seeks, moves) != (lagging, lagging) {
            return TestResult::error(format!("{moves} moves, {seeks} of them seeks, for {lagging} that lag"));
        }
        in_all += comparisons;
        most_in_all += 1 + rebuilds + lagging * (levels(k) + 1);
        if in_all > most_in_all {
            return TestResult::error(format!("{in_all} comparisons in all, at most {most_in_all}"));
        }
        if merged.is_valid() && target % 3 == 0 {
            in_all += comparisons_of(|| merged.next());
            most_in_all += k * levels(k);
        }
    }
    TestResult::passed()
}

#[test]
fn a_seek_ahead_moves_the_children_that_lag_only() {
    fn property((sources, targets): (Vec<Vec<u8>>, Vec<u8>)) -> TestResult {
        let sources: Vec<Source> = sources.into_iter().map(|keys| source(keys.into_iter().map(u16::from))).collect();
        // One child alone is simply asked.
        let [a, b, ..] = &counting(&sources)[..] else { return TestResult::discard() };
        let of_two = check_seeks(&sources[..2], TwoMergeIterator::new(a.clone(), b.clone()), &targets);
        if of_two.is_failure() {
            return of_two;
        }
        let of_pair = check_seeks(&sources[..2], MergeIterator::new([a.clone(), b.clone()]), &targets);
        if of_pair.is_failure() {
            return of_pair;
        }
        check_seeks(&sources, MergeIterator::new(counting(&sources)), &targets)
    }
    QuickCheck::new().quickcheck(property as fn((Vec<Vec<u8>>, Vec<u8>)) -> TestResult);
}

#[test]
fn a_merge_of_all_seeks_the_children_that_lag_only() {
    let sources: Vec<Source> = (0..9).map(|index| source((0..100).map(|key| key * 9 + index))).collect();
    let mut merged = MergeAllIterator::new(counting(&sources));
    assert_eq!(merged.seek_to_first(), Ok(true));
    let (comparisons, seeks, moves) = counted(|| merged.seek(&CountingKey(3)));
    assert_eq!((merged.key().0, seeks, moves), (3, 3, 3));
    assert!(comparisons <= 1 + 3 * (levels(9) + 1), "{comparisons} comparisons");
}

/// A change of direction moves every child once and compares as often as the first step; a step back is as good as one ahead.
#[test]
fn steps_back_take_at_most_log_k_comparisons_an_entry() {
    for k in [2, 3, 5, 8, 13, 32, 100] {
        let sources: Vec<Source> =
            (0..k).map(|index| source((0..50).map(|key| key * 131 + index * 37 % 131))).collect();
        let k = usize::from(k);
        let mut merged = MergeIterator::new(counting(&sources));
        assert_eq!(merged.seek(&CountingKey(50 * 131 / 2)), Ok(true));
        for is_forward in [false, true, false] {
            let (comparisons, seeks, moves) = counted(|| if is_forward { merged.next() } else { merged.prev() });
            assert_eq!((seeks, moves), (0, k));
            assert!(comparisons < k, "k = {k}: {comparisons} comparisons to turn round");
        }
        assert_eq!(merged.seek_to_last(), Ok(true));
        let mut entries = 1;
        let comparisons = comparisons_of(|| {
            while merged.prev() == Ok(true) {
                entries += 1;
            }
        });
        assert_eq!(entries, 50 * k);
        let most = (entries + 2) * levels(k);
        assert!(comparisons <= most, "k = {k}: {comparisons} comparisons, at most {most}");
    }
}
