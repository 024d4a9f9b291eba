//! Promise 15: a panic in a child, a comparison or a closure leaves the step open.

mod support;

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use quickcheck::quickcheck;
use storage_iter::testing::CountingIterator;
use storage_iter::{
    BidirectionalIterator, FuseError, Key, MergeAllIterator, MergeIterator, ResultPairsIterator, SliceIterator,
    StorageIterator,
};
use support::moments::{Moment, catch, counted, happened, panic_after, panic_no_more};
use support::{
    Composition, Layers, Origin, Visitor, WatchedKey, WatchedLeaves, sample_layers, visit_every_composition,
    visit_owned_compositions,
};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Runs to the end and calls again whatever panics.
fn run_through_panics<I>(composition: Composition, iterator: &mut I) -> Entries
where
    I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
{
    // Two panics are set at most.
    const PATIENCE: usize = 3;
    fn insist<T>(mut f: impl FnMut() -> Option<T>) -> T {
        (0..PATIENCE).find_map(|_| f()).expect("more panics than were set")
    }

    let mut entries = vec![];
    loop {
        let is_valid = insist(|| {
            let result = catch(|| iterator.next().unwrap_or_else(|_| panic!("never fails")));
            if result.is_none() {
                let is_valid = insist(|| catch(|| iterator.is_valid()));
                assert!(!is_valid, "{}: valid while its step is open", composition.name);
            }
            result
        });
        if !is_valid {
            return entries;
        }
        assert!(insist(|| catch(|| iterator.is_valid())), "{}: not on its entry", composition.name);
        let key = insist(|| catch(|| iterator.key().0.clone()));
        let value = insist(|| catch(|| iterator.value().to_vec()));
        entries.push((key, value));
    }
}

/// Lets the n-th moment panic, for every n, and with each `gap` one more moment behind it.
struct Panicking {
    leaves: WatchedLeaves,
    first: Box<dyn Fn(usize) -> Vec<usize>>,
    gaps: Vec<Option<usize>>,
}

impl Visitor<WatchedLeaves> for Panicking {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&WatchedLeaves) -> I)
    where
        I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
    {
        let (undisturbed, moments) = counted(|| run_through_panics(composition, &mut make(&self.leaves)));
        for first in (self.first)(moments.sum()) {
            for &gap in &self.gaps {
                let mut iterator = make(&self.leaves);
                panic_after(first, gap);
                let disturbed = run_through_panics(composition, &mut iterator);
                panic_no_more();
                assert_eq!(disturbed, undisturbed, "{}: panic at moment {first}, then {gap:?}", composition.name);
            }
        }
    }
}

#[test]
fn a_panic_anywhere_leaves_the_step_open() {
    let leaves = WatchedLeaves(sample_layers());
    let gaps = vec![None, Some(0), Some(1), Some(2), Some(3), Some(5), Some(8)];
    visit_every_composition(&mut Panicking { leaves, first: Box::new(|moments| (0..moments).collect()), gaps });
}

/// Many sources, most of which have a key that comes.
fn layers_of_many<K>(key: impl Fn(u8) -> K) -> Vec<Vec<(K, usize)>> {
    let held = |layer| (0..30_u8).filter(move |&number| (usize::from(number) * 7 + layer * 5) % 11 < 6);
    (0..9).map(|layer| held(layer).map(|number| (key(number), layer)).collect()).collect()
}

/// A source that has the key that comes as well moves, and plays several matches on its way up.
#[test]
fn a_panic_among_many_duplicates_leaves_the_step_open() {
    fn check<K: Key + Clone>(key: impl Fn(u8) -> K) {
        let layers = layers_of_many(key);
        let sources = || layers.iter().map(|layer| CountingIterator::new(SliceIterator::new(layer)));
        let shown = |mut merged: MergeIterator<CountingIterator<SliceIterator<'_, K, usize>>>| {
            let mut entries = vec![];
            while catch(|| merged.next()).unwrap_or_else(|| merged.next()).expect("never fails") {
                let key = catch(|| K::clone(merged.key())).unwrap_or_else(|| merged.key().clone());
                let value = catch(|| *merged.value()).unwrap_or_else(|| *merged.value());
                entries.push((key, value));
            }
            entries
        };
        let (undisturbed, moments) = counted(|| shown(MergeIterator::new(sources())));
        for first in 0..moments.sum() {
            let merged = MergeIterator::new(sources());
            panic_after(first, None);
            let disturbed = shown(merged);
            panic_no_more();
            assert!(disturbed == undisturbed, "panic at moment {first}");
        }
    }
    check(|number| WatchedKey(vec![number]));
    check(u64::from);
    // Keys of which less and less is the same.
    check(|number| [[number / 10].as_slice(), &[0; 20], &[number]].concat());
    // Keys whose first bytes are the same, so that their codes tie.
    check(|number| if number == 0 { vec![0] } else { [[0; 20].as_slice(), &[number]].concat() });
}

/// What is open is a step back, so a step forward leads to where that began, whoever has moved already.
#[test]
fn a_step_back_that_panicked_is_taken_back_by_a_step_forward() {
    fn check<I>(make: impl Fn() -> I)
    where
        I: BidirectionalIterator<Key = WatchedKey, Value = usize>,
    {
        let at = |cursor: &I| {
            let key = catch(|| cursor.key().0.clone()).unwrap_or_else(|| cursor.key().0.clone());
            (key, catch(|| *cursor.value()).unwrap_or_else(|| *cursor.value()))
        };
        let mut entries = vec![];
        let mut cursor = make();
        while cursor.next().is_ok_and(|is_valid| is_valid) {
            entries.push(at(&cursor));
        }
        let mut first = 0;
        loop {
            let mut cursor = make();
            assert!(cursor.seek_to_last().is_ok_and(|is_valid| is_valid));
            let mut entry = at(&cursor);
            panic_after(first, None);
            let has_panicked = loop {
                match catch(|| cursor.prev().unwrap_or_else(|_| panic!("never fails"))) {
                    Some(true) => entry = at(&cursor),
                    Some(false) => break false,
                    None => break true,
                }
            };
            panic_no_more();
            assert!(cursor.next().is_ok_and(|is_valid| is_valid));
            assert_eq!(at(&cursor), entry, "panic at moment {first}");
            let place = entries.iter().position(|other| *other == entry).expect("one of the entries");
            assert!(cursor.prev().is_ok_and(|is_valid| is_valid == (place > 0)));
            assert!(place == 0 || at(&cursor) == entries[place - 1], "back again after a panic at moment {first}");
            if !has_panicked {
                assert!(first > 60, "{first} comparisons");
                return;
            }
            first += 1;
        }
    }
    let layers = layers_of_many(|number| WatchedKey(vec![number]));
    // Keys panic, and sources do not, which would have to remember the way of a step that is open.
    let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
    check(|| MergeIterator::new(sources()));
    check(|| MergeAllIterator::new(sources()));
    // A run at the end, long enough for the sources to be lined up just where two of them have one key.
    for both in 40..58 {
        let numbers = [0..both, 0..60, 0..1, 0..1, 0..1];
        let layer =
            |(source, numbers): (usize, Range<u8>)| numbers.map(|number| (WatchedKey(vec![number]), source)).collect();
        let layers: Vec<Vec<_>> = numbers.into_iter().enumerate().map(layer).collect();
        let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
        check(|| MergeIterator::new(sources()));
        check(|| MergeAllIterator::new(sources()));
    }
}

/// A source over a std iterator that panicked: nobody knows what that one does next, so it is not taken for the end.
#[test]
fn a_std_iterator_that_panicked_is_not_asked_again() {
    let pairs = (0..3).map(|key| {
        if key == 1 {
            happened(Moment::Closure);
        }
        Ok::<_, ()>((key, 'a'))
    });
    let mut entries = ResultPairsIterator::new(pairs);
    assert_eq!(entries.next(), Ok(true));
    panic_after(0, None);
    assert_eq!(catch(|| entries.next()), None);
    for _ in 0..3 {
        assert!(!entries.is_valid());
        assert_eq!(entries.next(), Err(FuseError::Again));
    }
}

quickcheck! {
    fn a_panic_over_any_input_leaves_the_step_open(layers: Layers, first: u32, gap: Option<u8>) -> bool {
        visit_owned_compositions(&mut Panicking {
            leaves: WatchedLeaves(layers),
            first: Box::new(move |moments| (moments > 0).then(|| first as usize % moments).into_iter().collect()),
            gaps: vec![gap.map(|gap| usize::from(gap % 50))],
        });
        true
    }
}

/// A key that panics when it is cloned for the n-th time from now.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PanicsInClone(u64);

thread_local! {
    static CLONES_LEFT: Cell<u32> = const { Cell::new(0) };
}

impl Clone for PanicsInClone {
    fn clone(&self) -> Self {
        let left = CLONES_LEFT.get();
        CLONES_LEFT.set(left.saturating_sub(1));
        assert_ne!(left, 1, "told to panic");
        PanicsInClone(self.0)
    }
}

impl Key for PanicsInClone {}

#[test]
fn an_entry_whose_copy_panics_is_not_lost() {
    let entries = [1, 2, 3].map(|key| (PanicsInClone(key), key));
    let mut copies = SliceIterator::new(&entries).entries();
    assert_eq!(copies.next().unwrap().unwrap().1, 1);
    CLONES_LEFT.set(1);
    assert!(catch_unwind(AssertUnwindSafe(|| copies.next())).is_err());
    assert_eq!(copies.next().unwrap().unwrap().1, 2);
    assert_eq!(copies.next().unwrap().unwrap().1, 3);
    assert!(copies.next().is_none());
}

#[test]
fn a_key_whose_copy_panics_is_not_compared_with() {
    // Copied half, the second key over the first is greater than the second.
    let entries = [(1, 9), (2, 1), (3, 0)].map(|(high, low)| (vec![PanicsInClone(high), PanicsInClone(low)], high));
    let mut checked = SliceIterator::new(&entries).check_order();
    assert!(checked.next().is_ok());
    CLONES_LEFT.set(2);
    assert!(catch_unwind(AssertUnwindSafe(|| checked.next())).is_err());
    for key in [2, 3] {
        assert_eq!(checked.next().ok(), Some(true));
        assert_eq!(checked.value(), &key);
    }
}
