//! How often a merge looks at keys: in place of keys with bytes, and of integers, it compares codes, and looks at no key but that of the
//! child that has moved, except where codes tie.

use std::fmt::Debug;

use storage_iter::testing::CountingIterator;
use storage_iter::testing::events::{Event, count_events};
use storage_iter::{Descending, Key, MergeIterator, SeekableIterator, SliceIterator, StorageIterator};

/// Keys that ascend, made of the numbers from 1 on, in as many sources: which one has a key is left to chance.
fn turns<K: Key + Debug>(sources: usize, entries: u32, key: impl Fn(u32) -> K) -> Vec<Vec<(K, ())>> {
    let mut layers: Vec<Vec<(K, ())>> = (0..sources).map(|_| vec![]).collect();
    let mut state = 7_u64;
    for number in 1..=entries {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        layers[(state >> 33) as usize % sources].push((key(number), ()));
    }
    assert!(layers.iter().all(|layer| layer.is_sorted_by(|(one, ()), (other, ())| one < other)));
    layers
}

/// The same in runs of so many keys.
fn runs<K: Key + Debug>(sources: usize, entries: u32, run: u32, key: impl Fn(u32) -> K) -> Vec<Vec<(K, ())>> {
    let mut layers: Vec<Vec<(K, ())>> = (0..sources).map(|_| vec![]).collect();
    for number in 1..=entries {
        layers[(number / run * 7) as usize % sources].push((key(number), ()));
    }
    layers
}

/// The same with their order reversed.
fn reversed<K: Key>(layers: Vec<Vec<(K, ())>>) -> Vec<Vec<(Descending<K>, ())>> {
    let reversed = |layer: Vec<(K, ())>| layer.into_iter().rev().map(|(key, ())| (Descending(key), ())).collect();
    layers.into_iter().map(reversed).collect()
}

/// How often `next` looks at a key, from the first entry to the end: over sources that tell what a key shares with the one before, and
/// over others.
fn looks<K: Key + Debug>(layers: &[Vec<(K, ())>]) -> [usize; 2] {
    let slices = || layers.iter().map(|layer| SliceIterator::new(layer));
    let telling = MergeIterator::new(slices().map(CountingIterator::new));
    let silent = MergeIterator::new(slices().map(|slice| CountingIterator::new(slice.filter(|_, ()| true))));
    let entries = layers.iter().map(Vec::len).sum();
    [looks_of(telling, entries), looks_of(silent, entries)]
}

fn looks_of(mut merged: impl StorageIterator, entries: usize) -> usize {
    let mut steps = 0;
    let ((), counts) = count_events(|| {
        while merged.next().is_ok_and(|is_valid| is_valid) {
            steps += 1;
        }
    });
    assert_eq!(steps, entries);
    counts.of(Event::Key)
}

/// The same of an asynchronous merge, over sources that tell what a key shares with the one before.
#[cfg(feature = "async")]
fn asynchronous_looks(layers: &[Vec<(Vec<u8>, ())>]) -> usize {
    use storage_iter::async_iter::{self, AsyncStorageIterator, FromSync};

    let telling = layers.iter().map(|layer| FromSync::new(CountingIterator::new(SliceIterator::new(layer))));
    let merged = async_iter::MergeIterator::new(telling);
    let (count, counts) = count_events(|| storage_iter::testing::block_on(merged.count()));
    assert_eq!(count, Ok(layers.iter().map(Vec::len).sum()));
    counts.of(Event::Key)
}

/// Behind bytes that all keys begin with, these differ in the next 8: one look at each, and a few at the first keys.
#[test]
fn keys_that_differ_in_few_bytes_are_looked_at_once() {
    for k in [3_u32, 8, 32] {
        let entries = 200 * k;
        let most = (entries + 12 * k) as usize;
        for beginning in [0, 3, 8, 12, 16, 17, 40, 60, 64] {
            let key = |number: u32| [vec![b'b'; beginning].as_slice(), &number.to_be_bytes()].concat();
            let layers = turns(k as usize, entries, key);
            for looks in looks(&layers).into_iter().chain(looks(&reversed(layers))) {
                assert!(looks <= most, "k = {k}, {beginning} bytes in common: {looks} looks, at most {most}");
            }
        }
        for looks in looks(&turns(k as usize, entries, u64::from)) {
            assert!(looks <= most, "k = {k}, integers: {looks} looks, at most {most}");
        }
    }
}

/// Keys in groups, whose members differ far behind what tells the group: where too many of them tie, offset-value codes take over, for
/// which the key before is looked at as well, unless the sources tell what the two share.
#[test]
fn keys_that_differ_in_two_places_seldom_tie() {
    for (k, size) in [(3_u32, 50), (8, 50), (32, 200)] {
        let entries = 4 * size * k;
        for beginning in [0, 40, 70] {
            let key = |number: u32| {
                let (group, member) = ((number / size).to_be_bytes(), number.to_be_bytes());
                [vec![b'b'; beginning].as_slice(), &group, &[b'c'; 20], &member].concat()
            };
            let layers = turns(k as usize, entries, key);
            #[cfg(feature = "async")]
            assert_eq!(asynchronous_looks(&layers), looks(&layers)[0], "k = {k}, {beginning} bytes in common");
            let shown = looks(&layers).into_iter().chain(looks(&reversed(layers)));
            for (looks, is_told) in shown.zip([true, false].into_iter().cycle()) {
                let most = entries as usize * if is_told { 3 } else { 5 } / 2;
                assert!(looks <= most, "k = {k}, {beginning} bytes in common: {looks} looks, at most {most}");
            }
        }
    }
}

/// One key in ten ties with the one before it, or only the first ones do: that is not worth the look at the key before, for which
/// offset-value codes ask.
#[test]
fn few_ties_change_nothing() {
    for k in [3_u32, 8, 32] {
        let entries = 1_000 * k;
        for tie in [|number: u32| number % 10 == 1, |number| number <= 20] {
            let key = |number: u32| {
                let group = number - u32::from(tie(number));
                [b"beginning".as_slice(), &group.to_be_bytes(), &[b'c'; 20], &number.to_be_bytes()].concat()
            };
            let most = entries as usize * 3 / 2;
            for looks in looks(&turns(k as usize, entries, key)) {
                assert!(looks <= most, "k = {k}: {looks} looks, at most {most}");
            }
        }
    }
}

/// What keys begin with is less and less: each time all keys are looked at.
#[test]
fn codes_are_made_anew_where_keys_have_less_in_common() {
    for k in [3_u32, 8] {
        let of_a_length = 20 * k;
        let entries = 64 * of_a_length;
        let key = |number: u32| {
            let length = 64 - (number / of_a_length) as usize;
            [vec![b'a'; length].as_slice(), b"b", &number.to_be_bytes()].concat()
        };
        let most = (entries + 64 * 5 * k) as usize;
        for looks in looks(&turns(k as usize, entries, key)) {
            assert!(looks <= most, "k = {k}: {looks} looks, at most {most}");
        }
    }
}

/// Seeks from each key to the next: one look to find that it lies ahead, and three at the one child that lags.
#[test]
fn seeks_look_at_the_child_that_lags() {
    let (k, size) = (8, 50);
    let entries = 4 * size * k;
    let key = |number: u32| [(number / size).to_be_bytes().as_slice(), &[b'c'; 20], &number.to_be_bytes()].concat();
    let layers = turns(k as usize, entries, key);
    let mut merged = MergeIterator::new(layers.iter().map(|layer| CountingIterator::new(SliceIterator::new(layer))));
    assert_eq!(merged.next(), Ok(true));
    let ((), counts) = count_events(|| {
        for number in 2..=entries {
            assert_eq!(merged.seek(&key(number)), Ok(true));
        }
    });
    assert_eq!(merged.key(), &key(entries));
    let (looks, most) = (counts.of(Event::Key), 5 * entries as usize);
    assert!(looks <= most, "{looks} looks, at most {most}");
}

/// In runs as well, where what all keys begin with is short, and while it becomes less.
#[test]
fn keys_in_runs_are_looked_at_once() {
    for (k, run) in [(3_u32, 50), (8, 20), (8, 100), (32, 100)] {
        let entries = 10 * run * k;
        let most = entries as usize * 23 / 20;
        for (beginning, gap) in [0, 4, 8, 12].into_iter().flat_map(|length| [(length, 1), (length, 100_000)]) {
            let key = |number: u32| [vec![b'b'; beginning].as_slice(), &(number * gap).to_be_bytes()].concat();
            let layers = runs(k as usize, entries, run, key);
            for looks in looks(&layers).into_iter().chain(looks(&reversed(layers))) {
                assert!(looks <= most, "k = {k}, {beginning} bytes in common: {looks} looks, at most {most}");
            }
        }
        for looks in looks(&runs(k as usize, entries, run, u64::from)) {
            assert!(looks <= most, "k = {k}, integers: {looks} looks, at most {most}");
        }
    }
}
