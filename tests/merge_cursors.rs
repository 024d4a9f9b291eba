//! Merges as cursors: any operations, with errors and panics in any place, duplicates in any place, and merges in merges,
//! against a position in a list.

mod support;

use std::cmp::Reverse;
use std::fmt::Debug;
use std::iter;
use std::rc::Rc;

use quickcheck::quickcheck;
use storage_iter::testing::{FailingIterator, PanickingIterator};
use storage_iter::{
    BidirectionalIterator, ChildError, Descending, Key, MergeAllIterator, MergeIterator, SliceIterator, SortedRun,
    StorageIterator, TwoMergeIterator,
};
use support::{
    ByLength, Composition, Entry, FOR_EVER, Failure, Fault, FaultScript, Faults, HostileIterator, Layers, Operation,
    Operations, WatchedKey, check_cursor, layers_of, oracles,
};

/// Operations with targets near the keys of all layers.
fn near<K>(layers: &Layers, operations: &Operations, key: impl Fn(&[u8]) -> K) -> Vec<Operation<K>> {
    let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    operations.near(&keys, key)
}

/// Cursors over layers, whose sources are struck by faults.
struct Disturbed {
    layers: Layers,
    script: FaultScript,
    operations: Vec<Operation<Vec<u8>>>,
}

impl Disturbed {
    fn new(layers: Layers, operations: &Operations, script: FaultScript) -> Self {
        Disturbed { operations: near(&layers, operations, <[u8]>::to_vec), layers, script }
    }

    fn check<I>(&self, name: &'static str, make: impl Fn(&[HostileIterator]) -> I, entries: &[Entry])
    where
        I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Debug>,
    {
        for script in [&self.script, &FaultScript::default()] {
            let faults = Rc::new(Faults::new(script));
            let leaves: Vec<_> =
                self.layers.0.iter().map(|layer| HostileIterator::disturbed(layer, &faults, &[])).collect();
            check_cursor(Composition::of(name), make(&leaves), &faults, entries, &self.operations);
        }
    }
}

/// The leaves in groups of any sizes, for merges of merges. Their order is kept.
fn groups(leaves: &[HostileIterator], sizes: &[u8]) -> Vec<Vec<HostileIterator>> {
    let mut groups = vec![];
    let mut rest = leaves;
    for &size in sizes {
        let (group, others) = rest.split_at(usize::from(size % 5).min(rest.len()));
        groups.push(group.to_vec());
        rest = others;
    }
    groups.push(rest.to_vec());
    groups
}

quickcheck! {
    fn merges(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let newest = oracles::newest(&layers.0);
        Disturbed::new(layers, &operations, script).check("merge", |leaves| MergeIterator::new(leaves.to_vec()), &newest);
        true
    }

    fn merges_of_all(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(&layers.0).into_iter().unzip();
        Disturbed::new(layers, &operations, script).check("merge_all", |leaves| MergeAllIterator::new(leaves.to_vec()), &all);
        true
    }

    fn two_merges(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let layers = Layers(vec![layers.layer(0).to_vec(), layers.layer(1).to_vec()]);
        let newest = oracles::newest(&layers.0);
        let make = |leaves: &[HostileIterator]| TwoMergeIterator::new(leaves[0].clone(), leaves[1].clone());
        Disturbed::new(layers, &operations, script).check("two_merge", make, &newest);
        true
    }

    fn merges_of_merges(layers: Layers, sizes: Vec<u8>, operations: Operations, script: FaultScript) -> bool {
        let newest = oracles::newest(&layers.0);
        let disturbed = Disturbed::new(layers, &operations, script);
        let merge_of = |leaves: &[HostileIterator]| groups(leaves, &sizes).into_iter().map(MergeIterator::new);
        disturbed.check("merge of merges", |leaves| MergeIterator::new(merge_of(leaves)), &newest);
        disturbed.check("merge_all of one merge of merges", |leaves| {
            MergeAllIterator::new([MergeIterator::new(merge_of(leaves))])
        }, &newest);
        true
    }

    fn merges_of_two_merges(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let newest = oracles::newest(&layers.0);
        let disturbed = Disturbed::new(layers, &operations, script);
        let nothing = HostileIterator::harmless(&[]);
        disturbed.check("merge of two_merges", |leaves| {
            let pairs = leaves.chunks(2).map(|pair| {
                TwoMergeIterator::new(pair[0].clone(), pair.get(1).unwrap_or(&nothing).clone())
            });
            MergeIterator::new(pairs)
        }, &newest);
        disturbed.check("two_merge of a merge and a two_merge", |leaves| {
            let (older, newer) = match leaves {
                [] => (nothing.clone(), leaves),
                [newer @ .., oldest] => (oldest.clone(), newer),
            };
            TwoMergeIterator::new(MergeIterator::new(newer.to_vec()), TwoMergeIterator::new(nothing.clone(), older))
        }, &newest);
        true
    }
}

/// All merges over keys of another type.
fn merges_of_keys<K: Key + Clone + Debug>(layers: &Layers, operations: &Operations, key: impl Fn(&[u8]) -> K) -> bool {
    let operations = near(layers, operations, &key);
    let layers = layers_of(layers, &key);
    let pair = [layers.first().cloned().unwrap_or_default(), layers.last().cloned().unwrap_or_default()];
    let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
    let two_merge = TwoMergeIterator::new(SliceIterator::new(&pair[0]), SliceIterator::new(&pair[1]));
    let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(&layers).into_iter().unzip();
    let (of, faults) = (Composition::of, Faults::default());
    check_cursor(of("merge"), MergeIterator::new(sources()), &faults, &oracles::newest(&layers), &operations);
    check_cursor(of("merge_all"), MergeAllIterator::new(sources()), &faults, &all, &operations);
    check_cursor(of("two_merge"), two_merge, &faults, &oracles::newest(&pair), &operations);
    true
}

fn integer(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0_u64, |number, &byte| number.wrapping_mul(7) + u64::from(byte)) % 50
}

quickcheck! {
    fn integers(layers: Layers, operations: Operations) -> bool {
        merges_of_keys(&layers, &operations, |bytes| integer(bytes) as i64 - 20)
    }

    fn byte_strings(layers: Layers, operations: Operations) -> bool {
        merges_of_keys(&layers, &operations, <[u8]>::to_vec)
    }

    fn descending_keys(layers: Layers, operations: Operations) -> bool {
        merges_of_keys(&layers, &operations, |bytes| Descending(bytes.to_vec()))
            && merges_of_keys(&layers, &operations, |bytes| Reverse(integer(bytes)))
    }

    fn keys_of_somebody_else(layers: Layers, operations: Operations) -> bool {
        merges_of_keys(&layers, &operations, |bytes| ByLength(bytes.to_vec()))
    }

    fn runs(layers: Layers, operations: Operations) -> bool {
        let run = |layer: &Vec<Entry>| -> SortedRun { SliceIterator::new(layer).borrowed().collect().expect("no error") };
        let runs: Vec<SortedRun> = layers.0.iter().map(run).collect();
        let merged = MergeIterator::new(runs.iter().map(SortedRun::iter));
        let operations = near(&layers, &operations, <[u8]>::to_vec);
        check_cursor(Composition::of("merge of runs"), merged, &Faults::default(), &oracles::newest(&layers.0), &operations);
        true
    }
}

quickcheck! {
    fn sources_that_tell_what_keys_share(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let newest = oracles::newest(&layers.0);
        let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(&layers.0).into_iter().unzip();
        let disturbed = Disturbed::new(layers, &operations, script);
        let telling = |leaves: &[HostileIterator]| {
            leaves.iter().map(|source| source.clone().telling_shared_prefixes()).collect::<Vec<_>>()
        };
        disturbed.check("merge", |leaves| MergeIterator::new(telling(leaves)), &newest);
        disturbed.check("merge_all", |leaves| MergeAllIterator::new(telling(leaves)), &all);
        true
    }
}

/// Lets faults strike the comparisons that the cursor makes, and not those of the model.
fn check_through_panics<I, V>(
    name: &'static str,
    cursor: I,
    script: &FaultScript,
    entries: &[(WatchedKey, V)],
    operations: &[Operation<WatchedKey>],
) where
    I: BidirectionalIterator<Key = WatchedKey, Value = V>,
    V: PartialEq,
{
    let faults = Faults::new(script);
    check_cursor(Composition::of(name), PanickingIterator::new(cursor, faults.clone()), &faults, entries, operations);
}

quickcheck! {
    fn comparisons_that_panic(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let operations = near(&layers, &operations, |bytes| WatchedKey(bytes.to_vec()));
        let layers = layers_of(&layers, |bytes| WatchedKey(bytes.to_vec()));
        let pair = [layers.first().cloned().unwrap_or_default(), layers.last().cloned().unwrap_or_default()];
        let newest = oracles::newest(&layers);
        let newest_of_pair = oracles::newest(&pair);
        let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(&layers).into_iter().unzip();
        let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
        // All faults are panics.
        let script = FaultScript(script.0.iter().map(|&(calls, _)| (calls, Fault::Panic)).collect());
        check_through_panics("merge", MergeIterator::new(sources()), &script, &newest, &operations);
        check_through_panics("merge_all", MergeAllIterator::new(sources()), &script, &all, &operations);
        let two_merge = TwoMergeIterator::new(SliceIterator::new(&pair[0]), SliceIterator::new(&pair[1]));
        check_through_panics("two_merge", two_merge, &script, &newest_of_pair, &operations);
        true
    }
}

/// Layers over which a walk is long enough for a merge to line its children up.
fn long_layers<K>(key: impl Fn(u8) -> K) -> [Vec<(K, Vec<u8>)>; 4] {
    // Each value tells its layer.
    [("pqrstuvwxyz", 0), ("agpz", 1), ("abcdefghijkp", 2), ("kp", 3)]
        .map(|(keys, layer)| keys.bytes().map(|letter| (key(letter), vec![letter, layer])).collect())
}

/// Walks over so many entries, with a change of direction behind each step, and others behind that.
fn long_walks<K: Clone>(entries: usize) -> impl Iterator<Item = Vec<Operation<K>>> {
    let ways = [
        (Operation::SeekToFirst, Operation::Next, Operation::Prev),
        (Operation::SeekToLast, Operation::Prev, Operation::Next),
    ];
    ways.into_iter().flat_map(move |(start, ahead, back)| {
        (1..=entries).flat_map(move |steps| {
            let walk = iter::once(start.clone()).chain(iter::repeat_n(ahead.clone(), steps));
            let (back, ahead) = (&back, &ahead);
            [[back, back, ahead, ahead], [back, ahead, back, ahead]]
                .map(|turns| walk.clone().chain(turns.into_iter().cloned()).collect())
        })
    })
}

/// With a panic in each comparison. (Three children without codes are merged in a way of their own.)
#[test]
fn comparisons_that_panic_in_long_walks() {
    let layers = long_layers(|letter| WatchedKey(vec![letter]));
    for layers in [&layers[..], &layers[..3]] {
        let newest = oracles::newest(layers);
        let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(layers).into_iter().unzip();
        let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
        for calls in 0..80 {
            let script = FaultScript(vec![(calls, Fault::Panic)]);
            for operations in long_walks(newest.len()) {
                check_through_panics("merge", MergeIterator::new(sources()), &script, &newest, &operations);
            }
            for operations in long_walks(all.len()) {
                check_through_panics("merge_all", MergeAllIterator::new(sources()), &script, &all, &operations);
            }
        }
    }
}

/// The same three children with an error or a panic in each of their calls.
#[test]
fn three_sources_that_fail_in_long_walks() {
    let layers = &long_layers(|letter| ByLength(vec![letter]))[..3];
    let newest = oracles::newest(layers);
    let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(layers).into_iter().unzip();
    for (calls, fault) in (0..60).flat_map(|calls| [(calls, Fault::Error), (calls, Fault::Panic)]) {
        let script = FaultScript(vec![(calls, fault)]);
        let sources = |faults: &Faults| {
            let layers = layers.iter().map(|layer| SliceIterator::new(layer));
            layers.map(|layer| FailingIterator::new(layer, faults.clone())).collect::<Vec<_>>()
        };
        for operations in long_walks(newest.len()) {
            let faults = Faults::new(&script);
            let merged = MergeIterator::new(sources(&faults));
            check_cursor(Composition::of("merge"), merged, &faults, &newest, &operations);
        }
        for operations in long_walks(all.len()) {
            let faults = Faults::new(&script);
            let merged = MergeAllIterator::new(sources(&faults));
            check_cursor(Composition::of("merge_all"), merged, &faults, &all, &operations);
        }
    }
}

/// Three children that have no entries yet, or no more: nothing is known of their keys then.
#[test]
fn a_long_walk_from_behind_the_end() {
    fn check<K: Key + Clone + Debug>(key: impl Fn(u8) -> K) {
        let layers: Vec<Vec<_>> =
            ["adgjklmn", "behz", "cfi"].map(|keys| keys.bytes().map(|letter| (key(letter), ())).collect()).to_vec();
        let merged = MergeIterator::new(layers.iter().map(|layer| SliceIterator::new(layer)));
        let operations = [Operation::Seek(key(b'~')), Operation::SeekToFirst]
            .into_iter()
            .chain(iter::repeat_n(Operation::Next, 40))
            .collect::<Vec<_>>();
        check_cursor(Composition::of("merge"), merged, &Faults::default(), &oracles::newest(&layers), &operations);
    }
    check(|letter| vec![letter]);
    check(u64::from);
    check(|letter| ByLength(vec![letter]));
}

/// With an error in each call of a source.
#[test]
fn sources_that_fail_in_long_walks() {
    let layers = Layers(long_layers(|letter| vec![letter]).to_vec());
    let newest = oracles::newest(&layers.0);
    let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(&layers.0).into_iter().unzip();
    for (calls, fault) in (0..60).flat_map(|calls| [(calls, Fault::Error), (calls, Fault::Panic)]) {
        let script = FaultScript(vec![(calls, fault)]);
        let check = |entries: &[Entry], check: &dyn Fn(&Disturbed)| {
            for operations in long_walks(entries.len()) {
                check(&Disturbed { layers: layers.clone(), script: script.clone(), operations });
            }
        };
        check(&newest, &|disturbed| disturbed.check("merge", |leaves| MergeIterator::new(leaves.to_vec()), &newest));
        check(&all, &|disturbed| disturbed.check("merge_all", |leaves| MergeAllIterator::new(leaves.to_vec()), &all));
    }
}

/// A seek tells every child, whichever fails, and of several errors returns the first.
#[test]
fn of_several_errors_the_first_is_returned() {
    let broken = Rc::new(Faults::failing_at(0, FOR_EVER));
    let leaf = |child: usize| HostileIterator::disturbed(&[], &broken, &[child]);
    fn check<I: BidirectionalIterator<Key = [u8], Error = ChildError<Failure>>>(mut cursor: I, children: usize) {
        let seeks = [
            I::seek_to_first as fn(&mut I) -> Result<bool, I::Error>,
            I::seek_to_last,
            |cursor| cursor.seek(b"a"),
            |cursor| cursor.seek_for_prev(b"a"),
        ];
        for seek in seeks {
            let error = seek(&mut cursor).expect_err("every child fails");
            assert_eq!((error.child, &*error.error.path), (0, [0].as_slice()), "of {children}");
        }
    }
    check(leaf(0).two_merge(leaf(1)), 2);
    for children in [1, 2, 3, 8] {
        check(MergeIterator::new((0..children).map(leaf)), children);
        check(MergeAllIterator::new((0..children).map(leaf)), children);
    }
}

/// A step back that has failed is completed by one call of the child that failed. None has to go forward for that.
#[test]
fn a_failed_step_back_is_completed_by_one_move() {
    let entries = [["a", "c"], ["b", "d"]].map(|keys| keys.map(|key| (key.as_bytes().to_vec(), vec![])));
    fn check<I>(make: impl Fn(&dyn Fn(usize) -> HostileIterator) -> I, entries: &[[Entry; 2]; 2])
    where
        I: BidirectionalIterator<Key = [u8], Error = ChildError<Failure>>,
    {
        // The last entries of both children, and a failure of the one that shows the greater.
        let faults = Rc::new(Faults::new(&FaultScript(vec![(2, Fault::Error)])));
        let mut cursor = make(&|child| HostileIterator::disturbed(&entries[child], &faults, &[child]));
        assert!(cursor.seek_to_last().is_ok() && cursor.prev().is_err());
        assert_eq!(faults.passed(), 2);
        assert!(cursor.prev().is_ok());
        assert_eq!((cursor.key(), faults.passed()), (b"c".as_slice(), 3));
    }
    check(|leaf| leaf(0).two_merge(leaf(1)), &entries);
    check(|leaf| MergeIterator::new([leaf(0), leaf(1)]), &entries);
    check(|leaf| MergeAllIterator::new([leaf(0), leaf(1)]), &entries);
}
