//! Promise 14: sources whose keys do not ascend.

mod support;

use std::cell::Cell;
use std::cmp::Ordering;
use std::convert::Infallible;
use std::ops::Bound;

use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, Key, MergeAllIterator, MergeIterator, OrderError, SeekableIterator, SliceIterator,
    StorageIterator, TwoMergeIterator,
};
use support::moments::{Moment, counted};
use support::{
    Composition, Entry, Layers, Operation, Operations, Origin, Visitor, WatchedKey, WatchedLeaves,
    visit_owned_compositions,
};

/// Drives a composition over leaves in disorder, and counts.
struct Enduring(WatchedLeaves);

impl Visitor<WatchedLeaves> for Enduring {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&WatchedLeaves) -> I)
    where
        I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
    {
        let name = composition.name;
        let mut iterator = make(&self.0);
        let entries = self.0.0.entry_count();
        // Each step that comes out moves a leaf. An error (of `check_order`) may repeat, so three are enough.
        let (mut yielded, mut errors) = (0, 0);
        let ((), counts) = counted(|| {
            while errors < 3 {
                match iterator.next() {
                    Ok(true) => {
                        yielded += 1;
                        assert!(iterator.is_valid(), "{name}");
                        let _ = (iterator.key(), iterator.value());
                    }
                    Ok(false) => break,
                    Err(_) => errors += 1,
                }
            }
        });
        assert!(yielded <= entries, "{name}: {yielded} entries of {entries}");
        // Every entry once, and the end of each leaf once for each time that somebody above asks again.
        let most = entries + 4 * (self.0.0.0.len() + 6);
        assert!(counts.of(Moment::Next) <= most, "{name}: {} calls for {entries} entries", counts.of(Moment::Next));
    }
}

/// The same entries in another order, chosen by `seed`.
fn shuffled(layer: &[Entry], mut seed: u64) -> Vec<Entry> {
    let mut entries = layer.to_vec();
    for index in (1..entries.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        entries.swap(index, (seed >> 33) as usize % (index + 1));
    }
    entries
}

quickcheck! {
    fn unsorted_children_end_without_a_panic(layers: Layers, seed: u64) -> bool {
        let shuffled = |layer: &Vec<Entry>| shuffled(layer, seed);
        let reversed = |layer: &Vec<Entry>| layer.iter().rev().cloned().collect();
        let doubled = |layer: &Vec<Entry>| layer.iter().flat_map(|entry| [entry.clone(), entry.clone()]).collect();
        let again = |layer: &Vec<Entry>| layer.iter().chain(layer).cloned().collect();
        for broken in [&shuffled as &dyn Fn(&Vec<Entry>) -> Vec<Entry>, &reversed, &doubled, &again] {
            let leaves = WatchedLeaves(Layers(layers.0.iter().map(broken).collect()));
            visit_owned_compositions(&mut Enduring(leaves));
        }
        true
    }

    /// Everything before the first key out of order comes out, then the error with that key and the one before it.
    fn check_order_stops_at_the_first_key_out_of_order(keys: Vec<u8>) -> bool {
        // Ascending as a rule, with steps of nothing and steps back.
        let mut last = 0_u8;
        let keys: Vec<u8> = keys
            .iter()
            .map(|key| {
                last = if key.is_multiple_of(16) { last.wrapping_sub(key / 16 % 2) } else { last.wrapping_add(1) };
                last
            })
            .collect();
        let entries: Vec<(u8, usize)> = keys.iter().copied().zip(0..).collect();
        let mut checked = SliceIterator::new(&entries).check_order();
        let sorted = keys.windows(2).position(|pair| pair[0] >= pair[1]).map_or(keys.len(), |index| index + 1);
        for &(key, value) in &entries[..sorted] {
            assert_eq!(checked.next(), Ok(true));
            assert_eq!((*checked.key(), *checked.value()), (key, value));
        }
        let end = if sorted == keys.len() {
            Ok(false)
        } else {
            Err(OrderError::NotAscending { previous: keys[sorted - 1], key: keys[sorted] })
        };
        (0..3).all(|_| checked.next() == end && !checked.is_valid())
    }
}

/// A source that a seek leads anywhere.
#[derive(Clone, Debug)]
struct Astray<'a>(SliceIterator<'a, Vec<u8>, Vec<u8>>);

impl StorageIterator for Astray<'_> {
    type Key = Vec<u8>;
    type Value = Vec<u8>;
    type Error = Infallible;

    fn next(&mut self) -> Result<bool, Infallible> {
        self.0.next()
    }

    fn is_valid(&self) -> bool {
        self.0.is_valid()
    }

    fn key(&self) -> &Vec<u8> {
        self.0.key()
    }

    fn value(&self) -> &Vec<u8> {
        self.0.value()
    }
}

impl SeekableIterator for Astray<'_> {
    fn seek(&mut self, key: &Vec<u8>) -> Result<bool, Infallible> {
        if key.len().is_multiple_of(3) { self.0.seek_to_first() } else { Ok(self.is_valid()) }
    }

    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        self.0.seek_to_first()
    }
}

impl BidirectionalIterator for Astray<'_> {
    fn prev(&mut self) -> Result<bool, Infallible> {
        self.0.prev()
    }

    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        self.0.seek_to_last()
    }

    fn seek_for_prev(&mut self, key: &Vec<u8>) -> Result<bool, Infallible> {
        if key.len().is_multiple_of(2) { self.0.seek_to_last() } else { Ok(self.is_valid()) }
    }
}

/// Calls whatever moves a cursor, and reads where it says that it stands on an entry.
fn wander<I>(mut cursor: I, operations: &[Operation<Vec<u8>>])
where
    I: BidirectionalIterator<Key = Vec<u8>, Value = Vec<u8>, Error: std::fmt::Debug>,
{
    for operation in operations {
        let is_valid = match operation {
            Operation::Next => cursor.next(),
            Operation::Prev => cursor.prev(),
            Operation::Seek(key) => cursor.seek(key),
            Operation::SeekForPrev(key) => cursor.seek_for_prev(key),
            Operation::SeekToFirst => cursor.seek_to_first(),
            Operation::SeekToLast => cursor.seek_to_last(),
        };
        assert_eq!(is_valid.expect("no error"), cursor.is_valid());
        if cursor.is_valid() {
            let _ = (cursor.key(), cursor.value());
        }
    }
}

quickcheck! {
    /// Nor do the seeks of a merge go on for ever.
    fn cursors_over_broken_sources_end_without_a_panic(layers: Layers, seed: u64, operations: Operations) -> bool {
        let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
        let operations = operations.near(&keys, <[u8]>::to_vec);
        let broken: Vec<Vec<Entry>> = layers.0.iter().map(|layer| shuffled(layer, seed)).collect();
        for layers in [&layers.0, &broken] {
            let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
            wander(MergeIterator::new(sources()), &operations);
            wander(MergeAllIterator::new(sources()), &operations);
            wander(MergeIterator::new(sources().map(Astray)), &operations);
            wander(MergeAllIterator::new(sources().map(Astray)), &operations);
            if let [a, b, ..] = &layers[..] {
                wander(TwoMergeIterator::new(Astray(SliceIterator::new(a)), Astray(SliceIterator::new(b))), &operations);
            }
        }
        true
    }
}

thread_local! {
    static MOOD: Cell<u64> = const { Cell::new(1) };
}

/// A key whose order is another at each comparison.
#[derive(Clone, Debug)]
struct Fickle;

impl Key for Fickle {}

impl PartialEq for Fickle {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fickle {}

impl PartialOrd for Fickle {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fickle {
    fn cmp(&self, _: &Self) -> Ordering {
        MOOD.set(MOOD.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        [Ordering::Less, Ordering::Equal, Ordering::Greater][(MOOD.get() >> 33) as usize % 3]
    }
}

/// Not even an `Ord` that breaks its own contract does more harm than wrong entries.
#[test]
fn an_order_that_contradicts_itself_ends_without_a_panic() {
    let entries: Vec<(Fickle, u64)> = (0..20).map(|value| (Fickle, value)).collect();
    for seed in 0..500 {
        MOOD.set(seed);
        let slices = || (0..seed % 18).map(|_| SliceIterator::new(&entries));
        let most = 20 * (seed % 18) as usize;
        assert!(MergeIterator::new(slices()).count().expect("slices do not fail") <= most);
        assert_eq!(MergeAllIterator::new(slices()).count(), Ok(most));
        assert!(SliceIterator::new(&entries).two_merge(SliceIterator::new(&entries)).count().expect("the same") <= 40);
        let bounded = SliceIterator::new(&entries).between(Bound::Included(Fickle), Bound::Excluded(Fickle));
        assert!(bounded.count().expect("the same") <= 20);
    }
}

#[test]
fn check_order_names_both_keys() {
    fn error_of<K: Key + Clone>(keys: &[K]) -> String {
        let entries: Vec<(K, ())> = keys.iter().map(|key| (key.clone(), ())).collect();
        SliceIterator::new(&entries).check_order().count().expect_err("out of order").to_string()
    }
    assert_eq!(error_of(&["a", "c", "b"]), r#"key "b" does not come after "c""#);
    assert_eq!(error_of(&[b"a\xFF".to_vec(), b"a\n".to_vec()]), r#"key "a\n" does not come after "a\xff""#);
    assert_eq!(error_of(&[7_u64, 7]), "key 7 does not come after 7");
    assert_eq!(
        error_of(&[(1_u32, "b".to_string()), (1, "a".to_string())]),
        r#"key (1, "a") does not come after (1, "b")"#
    );
    assert_eq!(error_of(&[String::new(), String::new()]), r#"key "" does not come after """#);
}

/// Below a merge it names the child as well.
#[test]
fn check_order_below_a_merge_names_the_child() {
    let layers = [vec![(1, 'a'), (2, 'a')], vec![(5, 'b'), (4, 'b')]];
    let mut merged = MergeIterator::new(layers.iter().map(|layer| SliceIterator::new(layer).check_order()));
    assert_eq!(merged.next(), Ok(true));
    assert_eq!(merged.next(), Ok(true));
    assert_eq!(merged.next(), Ok(true), "the entry before the one out of order is right");
    let error = merged.next().expect_err("out of order");
    assert_eq!(error.to_string(), "child 1: key 4 does not come after 5");
}
