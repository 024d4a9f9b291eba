//! Promises 2 and 9: constructors touch nothing, and only what moves compares.

mod support;

use std::ops::Bound;

#[cfg(feature = "mem-table")]
use storage_iter::MemTable;
use storage_iter::{
    EmptyIterator, MergeAllIterator, MergeIterator, OnceIterator, PairsIterator, ResultPairsIterator, SliceIterator,
    SortedRun, StorageIterator, TwoMergeIterator,
};
use support::moments::{Counts, Moment, counted};
use support::{
    Composition, Layers, Origin, Visitor, WatchedKey, WatchedLeaves, sample_layers, visit_every_composition, watched,
};

const NOTHING: Counts = Counts::NONE;

/// Making, asking, cloning and dropping without a step.
struct Making(WatchedLeaves);

impl Visitor<WatchedLeaves> for Making {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&WatchedLeaves) -> I)
    where
        I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
    {
        let (iterator, counts) = counted(|| make(&self.0));
        assert_eq!(counts, NOTHING, "{}: its constructor", composition.name);
        if !composition.passes_is_valid_on {
            let (is_valid, counts) = counted(|| iterator.is_valid());
            assert!(!is_valid);
            assert_eq!(counts, NOTHING, "{}: `is_valid` before the first step", composition.name);
        }
        let ((), counts) = counted(|| drop(iterator));
        assert_eq!(counts, NOTHING, "{}: its destructor", composition.name);
    }
}

#[test]
fn constructors_touch_nothing() {
    visit_every_composition(&mut Making(WatchedLeaves(sample_layers())));
}

/// Std iterators are not asked either.
#[test]
fn constructors_ask_no_std_iterator() {
    let pairs = std::iter::from_fn(|| -> Option<(u64, u64)> { panic!("asked") });
    let results = std::iter::from_fn(|| -> Option<Result<(u64, u64), ()>> { panic!("asked") });
    let pairs = PairsIterator::new(pairs);
    let results = ResultPairsIterator::new(results);
    assert!(!pairs.is_valid() && !results.is_valid());
    let merged = TwoMergeIterator::new(pairs.lift_err(), results).filter(|_, _| true);
    assert!(!merged.is_valid());
    drop(merged);
}

/// `take(2)` reads two entries, not three; bounds without room read none.
#[test]
fn nothing_is_read_that_is_not_needed() {
    let entries = || watched(sample_layers().layer(1));
    let reads = |f: &mut dyn FnMut()| counted(f).1.of(Moment::Next);
    let key = |bytes: &[u8]| WatchedKey(bytes.to_vec());

    assert_eq!(reads(&mut || assert_eq!(entries().take(2).count(), Ok(2))), 2);
    assert_eq!(reads(&mut || assert_eq!(entries().take(0).count(), Ok(0))), 0);
    let inverted = || entries().between(Bound::Included(key(b"b")), Bound::Included(key(b"a")));
    assert_eq!(reads(&mut || assert_eq!(inverted().count(), Ok(0))), 0);
    let without_room = || entries().between(Bound::Excluded(key(b"b")), Bound::Included(key(b"b")));
    assert_eq!(reads(&mut || assert_eq!(without_room().count(), Ok(0))), 0);
    // One past the bound, and not again after that.
    let up_to_b = || {
        let mut bounded = entries().between(Bound::Unbounded, Bound::Included(key(b"b")));
        while bounded.next().unwrap() {}
        assert!(!bounded.next().unwrap());
    };
    assert_eq!(reads(&mut || up_to_b()), 3);
}

#[test]
fn no_children_is_no_error() {
    fn assert_empty<I: StorageIterator>(mut iterator: I) {
        assert!(!iterator.is_valid());
        for _ in 0..3 {
            assert!(matches!(iterator.next(), Ok(false)));
            assert!(!iterator.is_valid());
        }
    }
    type Empty = EmptyIterator<[u8], [u8]>;

    assert_empty(Empty::new());
    assert_empty(MergeIterator::<Empty>::new([]));
    assert_empty(MergeAllIterator::<Empty>::new([]));
    assert_empty(MergeIterator::from_iter(Vec::<Empty>::new()));
    assert_empty(MergeIterator::new([MergeIterator::<Empty>::new([]), MergeIterator::new([])]));
    for children in 1..=17 {
        assert_empty(MergeIterator::new((0..children).map(|_| Empty::new())));
        assert_empty(MergeAllIterator::new((0..children).map(|_| Empty::new())));
    }
    assert_empty(TwoMergeIterator::new(Empty::new(), Empty::new()));
    assert_empty(Empty::new().skip_tombstones().between(Bound::<&[u8]>::Unbounded, Bound::Unbounded).take(3).fuse());
    assert_empty(Empty::new().filter(|_, _| true).inspect(|_, _| {}).check_order().map_value(|value| value));
    assert_empty(SliceIterator::<u64, u64>::new(&[]));
    assert_empty(PairsIterator::new(Vec::<(u64, u64)>::new()));
    assert_empty(ResultPairsIterator::new(Vec::<Result<(u64, u64), ()>>::new()));
    assert_empty(<SortedRun>::default().iter());
    #[cfg(feature = "mem-table")]
    {
        let table = MemTable::new();
        assert_empty(MergeIterator::new([table.scan(Bound::Unbounded, Bound::Unbounded)]));
    }
}

/// One child with entries among empty ones, at every place.
#[test]
fn empty_children_take_nothing_away() {
    for children in 1..=17 {
        for full in 0..children {
            let entries = [(1, 'a'), (2, 'b')];
            let slices = (0..children).map(|child| if child == full { entries.as_slice() } else { &[] });
            let merged: Vec<_> = MergeIterator::new(slices.map(SliceIterator::new)).collect().unwrap();
            assert_eq!(merged, entries);
        }
    }
}

/// Everything but `next`, at every position.
struct Comparing(WatchedLeaves);

impl Visitor<WatchedLeaves> for Comparing {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&WatchedLeaves) -> I)
    where
        I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
    {
        let name = composition.name;
        let mut iterator = make(&self.0);
        let mut steps = 0;
        loop {
            let (is_valid, counts) = counted(|| iterator.is_valid());
            assert_eq!(counts.of(Moment::Compare), 0, "{name}: `is_valid` compares");
            assert_eq!(counts.of(Moment::Next), 0, "{name}: `is_valid` moves");
            if is_valid {
                let ((), counts) = counted(|| {
                    let _ = iterator.key();
                    let _ = iterator.value();
                    let _ = iterator.num_active_iterators();
                });
                assert_eq!(counts.of(Moment::Compare), 0, "{name}: `key` or `value` compares");
                assert_eq!(counts.of(Moment::Next), 0, "{name}: `key` or `value` moves");
            }
            // Dropped in the middle of its entries.
            let mut other = make(&self.0);
            for _ in 0..steps {
                assert!(other.next().is_ok());
            }
            let ((), counts) = counted(|| drop(other));
            assert_eq!(counts, NOTHING, "{name}: its destructor after {steps} steps");

            steps += 1;
            if !iterator.next().unwrap_or_else(|_| panic!("{name}: failed")) {
                return;
            }
        }
    }
}

#[test]
fn only_next_compares() {
    visit_every_composition(&mut Comparing(WatchedLeaves(sample_layers())));
    visit_every_composition(&mut Comparing(WatchedLeaves(Layers(vec![]))));
}

/// The sources, whose keys are compared by nobody at all.
#[test]
fn sources_do_not_compare() {
    let pairs: Vec<(WatchedKey, u64)> = [3, 1, 2].map(|byte| (WatchedKey(vec![byte]), 7)).into();
    let ((), counts) = counted(|| {
        assert_eq!(SliceIterator::new(&pairs).count(), Ok(3));
        assert_eq!(PairsIterator::new(pairs.clone()).count(), Ok(3));
        assert_eq!(ResultPairsIterator::new(pairs.clone().into_iter().map(Ok::<_, ()>)).count(), Ok(3));
        assert_eq!(OnceIterator::new(WatchedKey(Vec::<u8>::new()), 1).count(), Ok(1));
        let run: SortedRun<WatchedKey, u64> = SliceIterator::new(&pairs).collect().unwrap();
        assert_eq!(run.iter().count(), Ok(3));
    });
    assert_eq!(counts.of(Moment::Compare), 0);
}

/// What the pages of the merges promise: *k* - 1 comparisons for the first step, then a path of the tree on the average, and
/// never more than two.
#[test]
fn merges_compare_as_little_as_they_say() {
    for children in 1..=17_usize {
        let layers: Vec<Vec<_>> = (0..children)
            .map(|child| (0..20).map(|i| ((i * children + child % 7).to_be_bytes().to_vec(), vec![])).collect())
            .collect();
        let mut merged = MergeAllIterator::new(layers.iter().map(|layer| watched(layer)));
        let compared = |merged: &mut MergeAllIterator<_>| {
            let (is_valid, counts) = counted(|| merged.next().expect("never fails"));
            (is_valid, counts.of(Moment::Compare))
        };
        assert_eq!(compared(&mut merged), (true, children - 1), "the first step of {children}");
        let levels = children.next_power_of_two().ilog2() as usize;
        let (mut entries, mut in_all) = (1, 0);
        loop {
            let (is_valid, comparisons) = compared(&mut merged);
            assert!(comparisons <= 2 * levels, "{comparisons} comparisons for one of {children}");
            in_all += comparisons;
            if !is_valid {
                break;
            }
            entries += 1;
        }
        assert_eq!(entries, 20 * children);
        assert!(in_all <= entries * levels, "{in_all} comparisons for {entries} entries of {children}");
    }

    let [a, b] = [1, 2].map(|start| (0..50).map(|i| (vec![3 * i + start % 2], vec![])).collect::<Vec<_>>());
    let mut merged = TwoMergeIterator::new(watched(&a), watched(&b));
    loop {
        let (is_valid, counts) = counted(|| merged.next().expect("never fails"));
        assert!(counts.of(Moment::Compare) <= 1);
        if !is_valid {
            break;
        }
    }
}
