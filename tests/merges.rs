//! Promises 4, 7 and 10: every merge against two oracles that share nothing with the library.

mod support;

use std::cmp::Reverse;
use std::fmt::Debug;

use quickcheck::quickcheck;
use storage_iter::testing::CursorModel;
use storage_iter::{
    BidirectionalIterator, ChildError, Descending, Key, MergeAllIterator, MergeIterator, SeekableIterator,
    SliceIterator, SortedRun, StorageIterator, TwoMergeIterator,
};
use support::{
    ByLength, Composition, Entry, Failure, Fault, FaultScript, Faults, HostileIterator, Layers, Operation, Operations,
    TIES, WatchedKey, behind_ties, layers_of, oracles, run, run_without_errors,
};

fn hostile(layers: &Layers) -> impl Iterator<Item = HostileIterator> {
    layers.0.iter().map(|layer| HostileIterator::harmless(layer))
}

/// Every entry with the index of the child that it came from, as `source_index` tells.
macro_rules! with_sources {
    ($merged:expr) => {{
        let mut merged = $merged;
        let mut entries = vec![];
        assert_eq!(merged.source_index(), None);
        while merged.next().expect("no child fails") {
            let entry = (merged.key().to_owned(), merged.value().to_owned());
            entries.push((merged.source_index().expect("on an entry"), entry));
        }
        assert_eq!(merged.source_index(), None);
        entries
    }};
}

fn split<E>(tagged: Vec<(usize, E)>) -> (Vec<usize>, Vec<E>) {
    tagged.into_iter().unzip()
}

/// Moves a cursor over `entries` and then shows the rest by `for_each` and, up to a number of entries, by `for_each_while`.
fn show_what_is_left<I>(
    entries: &[Entry],
    operations: &[Operation<Vec<u8>>],
    faults: &FaultScript,
    enough: usize,
    make: impl Fn(&Faults) -> I,
) where
    I: BidirectionalIterator<Key = [u8], Value = [u8], Error = ChildError<Failure>>,
{
    // Panics are the matter of other tests.
    let errors = FaultScript(faults.0.iter().map(|&(calls, _)| (calls, Fault::Error)).collect());
    let moved = || {
        let mut cursor = make(&Faults::new(&errors));
        let mut model = CursorModel::new(entries);
        for operation in operations {
            match operation.apply(&mut cursor) {
                Ok(is_valid) => assert_eq!(model.apply(operation), is_valid),
                Err(_) => model.fail(operation),
            }
        }
        let mut left = vec![];
        while model.apply(&Operation::Next) {
            left.extend(model.entry().cloned());
        }
        (cursor, left)
    };
    let (cursor, left) = moved();
    let mut shown = vec![];
    match cursor.for_each(|key, value| shown.push((key.to_vec(), value.to_vec()))) {
        Ok(()) => assert_eq!(shown, left),
        Err(_) => assert!(left.starts_with(&shown) && !errors.0.is_empty()),
    }
    let (cursor, left) = moved();
    let mut shown: Vec<Entry> = vec![];
    let result = cursor.for_each_while(|key, value| {
        shown.push((key.to_vec(), value.to_vec()));
        shown.len() < enough
    });
    match result {
        Ok(true) => assert!(shown == left && (shown.is_empty() || shown.len() < enough)),
        Ok(false) => assert!(left.starts_with(&shown) && shown.len() == enough.max(1)),
        Err(_) => assert!(left.starts_with(&shown) && !errors.0.is_empty()),
    }
}

quickcheck! {
    fn merge_yields_the_newest_of_every_key(layers: Layers) -> bool {
        let entries = run_without_errors("merge", MergeIterator::new(hostile(&layers)));
        entries == oracles::newest(&layers.0) && entries == oracles::newest_by_itertools(&layers.0)
    }

    fn merge_tells_the_source(layers: Layers) -> bool {
        let (sources, entries) = split(with_sources!(MergeIterator::new(hostile(&layers))));
        sources == oracles::newest_sources(&layers.0) && entries == oracles::newest(&layers.0)
    }

    fn merge_all_yields_every_entry_the_newest_first(layers: Layers) -> bool {
        let entries = with_sources!(MergeAllIterator::new(hostile(&layers)));
        entries == oracles::all_versions(&layers.0) && entries == oracles::all_versions_by_itertools(&layers.0)
    }

    fn merge_all_keeps_the_contract(layers: Layers) -> bool {
        let composition = Composition { keeps_duplicates: true, ..Composition::of("merge_all") };
        let run = run(composition, &mut MergeAllIterator::new(hostile(&layers)), 0);
        run.ended && run.entries == split(oracles::all_versions(&layers.0)).1
    }

    fn two_merge_yields_the_newest_of_every_key(layers: Layers) -> bool {
        let pair = [layers.layer(0).to_vec(), layers.layer(1).to_vec()];
        let merged = || TwoMergeIterator::new(HostileIterator::harmless(&pair[0]), HostileIterator::harmless(&pair[1]));
        let (sources, entries) = split(with_sources!(merged()));
        entries == run_without_errors("two_merge", merged())
            && entries == oracles::newest(&pair)
            && entries == oracles::newest_by_itertools(&pair)
            && sources == oracles::newest_sources(&pair)
    }

    /// A merge of merges is the merge of all: where the borders between them lie does not matter.
    fn merging_is_associative(layers: Layers, border: usize) -> bool {
        let (newer, older) = layers.0.split_at(border % (layers.0.len() + 1));
        let merge = |layers: &[Vec<Entry>]| MergeIterator::new(layers.iter().map(|layer| HostileIterator::harmless(layer)).collect::<Vec<_>>());
        run_without_errors("two_merge of merges", merge(newer).two_merge(merge(older))) == oracles::newest(&layers.0)
    }

    /// A fold of two-merges is a merge. Each level is a run of its own, since each would be another type.
    fn a_chain_of_two_merges_is_a_merge(layers: Layers) -> bool {
        let folded = layers.0.iter().fold(SortedRun::default(), |newer: SortedRun, older| {
            newer.iter().lift_err().two_merge(HostileIterator::harmless(older)).collect().expect("no child fails")
        });
        run_without_errors("run", folded.iter()) == oracles::newest(&layers.0)
    }

    /// Children that were used before are merged with what they have left.
    fn half_consumed_children_are_merged_with_what_is_left(layers: Layers, consumed: Vec<u8>) -> bool {
        let consumed = |child: usize| consumed.get(child).map_or(0, |&count| usize::from(count % 5));
        let children = hostile(&layers).enumerate().map(|(index, mut child)| {
            for _ in 0..consumed(index) {
                child.next().expect("never fails");
            }
            child
        });
        let left: Vec<Vec<Entry>> =
            layers.0.iter().enumerate().map(|(index, layer)| layer.iter().skip(consumed(index)).cloned().collect()).collect();
        run_without_errors("merge of used children", MergeIterator::new(children)) == oracles::newest(&left)
    }

    /// From anywhere in a walk, after steps back as well, and over children that fail: it shows what is left, or its first part and
    /// then an error.
    fn for_each_shows_what_is_left(layers: Layers, operations: Operations, faults: FaultScript, enough: u8) -> bool {
        for count in [1, 2, 3, layers.0.len()] {
            let layers: Vec<_> = (0..count).map(|index| layers.layer(index).to_vec()).collect();
            let (newest, all) = (oracles::newest(&layers), split(oracles::all_versions(&layers)).1);
            let operations = operations.near(&newest.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(), <[u8]>::to_vec);
            let children = |point: &Faults| -> Vec<HostileIterator> {
                layers.iter().map(|layer| HostileIterator::disturbed(layer, point, &[])).collect()
            };
            for faults in [&FaultScript::default(), &faults] {
                let enough = usize::from(enough);
                show_what_is_left(&newest, &operations, faults, enough, |point| MergeIterator::new(children(point)));
                show_what_is_left(&all, &operations, faults, enough, |point| MergeAllIterator::new(children(point)));
            }
        }
        true
    }

    /// A clone goes on where the original stands, and neither moves the other.
    fn a_clone_goes_on_by_itself(layers: Layers, steps: u8) -> bool {
        let expected = oracles::newest(&layers.0);
        let mut merged = MergeIterator::new(hostile(&layers));
        for _ in 0..steps % 30 {
            merged.next().expect("no child fails");
        }
        let position = expected.len().min(usize::from(steps % 30));
        let mut clone = merged.clone();
        clone.is_valid() == merged.is_valid()
            && (!clone.is_valid() || clone.key() == merged.key())
            && rest(&mut clone) == expected[position..]
            && rest(&mut merged) == expected[position..]
    }

    fn merges_count_their_leaves(layers: Layers) -> bool {
        let merge = || MergeIterator::new(hostile(&layers));
        merge().num_active_iterators() == layers.0.len()
            && merge().two_merge(merge()).skip_tombstones().take(1).num_active_iterators() == 2 * layers.0.len()
    }

    fn byte_strings(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, <[u8]>::to_vec)
    }

    fn strings(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, latin_1)
    }

    fn integers(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, integer)
    }

    fn signed_integers(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| integer(bytes) as i64)
    }

    fn tuples(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| (bytes.len() as u32 % 3, latin_1(bytes)))
    }

    fn reversed_integers(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| Reverse(integer(bytes)))
    }

    fn reversed_byte_strings(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| Reverse(bytes.to_vec()))
    }

    fn descending_integers(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| Descending(integer(bytes) as i64))
    }

    fn descending_byte_strings(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| Descending(bytes.to_vec()))
    }

    fn descending_keys_of_somebody_else(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| Descending(ByLength(bytes.to_vec())))
    }

    fn keys_reversed_twice(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| Descending(Reverse(latin_1(bytes))))
            && merges_agree_with_the_oracles(&layers, |bytes| Reverse(Descending(Reverse(bytes.to_vec()))))
            && merges_agree_with_the_oracles(&layers, |bytes| Descending(Descending(integer(bytes))))
    }

    fn borrowed_descending_byte_strings(layers: Layers) -> bool {
        let layers = layers_of(&layers, |bytes| Descending(bytes.to_vec()));
        let sources = layers.iter().map(|layer| SliceIterator::new(layer).borrowed::<Descending<[u8]>, [u8]>());
        run_without_errors("merge of descending", MergeIterator::new(sources)) == oracles::newest(&layers)
    }

    fn byte_arrays(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| -> [u8; 4] { std::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0)) })
    }

    fn vectors_of_integers(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| bytes.iter().map(|&byte| u16::from(byte) << 4).collect::<Vec<u16>>())
    }

    fn optional_byte_strings(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| (!bytes.is_empty()).then(|| bytes.to_vec()))
    }

    fn unit_keys(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |_| ())
    }

    fn keys_of_somebody_else(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, |bytes| ByLength(bytes.to_vec()))
            && merges_agree_with_the_oracles(&layers, |bytes| WatchedKey(bytes.to_vec()))
    }

    fn borrowed_strings(layers: Layers) -> bool {
        let layers = layers_of(&layers, latin_1);
        let runs: Vec<SortedRun<str, [u8]>> = layers.iter().map(|layer| SliceIterator::new(layer).borrowed().collect().unwrap()).collect();
        run_without_errors("merge of str", MergeIterator::new(runs.iter().map(SortedRun::iter))) == oracles::newest(&layers)
    }
}

#[cfg(feature = "bytes")]
quickcheck! {
    fn shared_byte_strings(layers: Layers) -> bool {
        merges_agree_with_the_oracles(&layers, bytes::Bytes::copy_from_slice)
    }
}

/// More children than the generator makes, at sizes on both sides of the powers of two.
#[test]
fn many_children() {
    for children in [18, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1_000] {
        // Child `c` holds the multiples of a number of its own, so small keys tie often.
        let layers: Vec<Vec<(u64, Vec<u8>)>> = (0..children)
            .map(|child: u64| {
                (0..20).map(|i| (i * (1 + child % 37) + child / 37, child.to_be_bytes().to_vec())).collect()
            })
            .collect();
        let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
        let merged: Vec<_> = MergeIterator::new(sources()).collect().expect("slices do not fail");
        assert_eq!(merged, oracles::newest(&layers), "{children}");
        assert_eq!(with_sources!(MergeAllIterator::new(sources())), oracles::all_versions(&layers), "{children}");
    }
}

/// Keys that differ only behind a prefix of any length, in one byte, in length, or in trailing zeros.
#[test]
fn very_long_shared_prefixes() {
    for length in [7, 8, 9, 15, 16, 17, 255, 256, 257, 4_095, 4_096, 65_535, 65_536, 70_000] {
        let prefix = vec![0xAB; length];
        let suffixes: [&[u8]; 9] = [b"", b"\0", b"\0\0", b"\0\x01", b"\x01", b"a", b"a\0", b"aa", b"\xFF"];
        // Layer `l` holds each suffix whose number has bit `l`, and every layer a few keys that are shorter.
        let layers: Vec<Vec<Entry>> = (0..4_usize)
            .map(|layer| {
                let chosen = suffixes.iter().enumerate().filter(|(number, _)| (number + 1) >> layer & 1 == 1);
                let long = chosen.map(|(_, suffix)| ([&prefix, *suffix].concat(), vec![layer as u8]));
                let short = (prefix[..length / (layer + 1) - 1].to_vec(), vec![layer as u8]);
                std::iter::once(short).chain(long).collect()
            })
            .collect();
        let merged = MergeIterator::new(layers.iter().map(|layer| HostileIterator::harmless(layer)));
        assert_eq!(run_without_errors("merge", merged), oracles::newest(&layers), "{length}");
        let merged = HostileIterator::harmless(&layers[0]).two_merge(HostileIterator::harmless(&layers[1]));
        assert_eq!(run_without_errors("two_merge", merged), oracles::newest(&layers[..2]), "{length}");

        let descending = layers_of(&Layers(layers), |bytes| Descending(bytes.to_vec()));
        let merged: Vec<_> = MergeIterator::new(descending.iter().map(|layer| SliceIterator::new(layer)))
            .collect()
            .expect("slices do not fail");
        assert_eq!(merged, oracles::newest(&descending), "{length}");
    }
}

/// An offset-value code counts the columns that two keys have in common up to a number. These have as many, one less, and more; and they
/// differ in zeros at their ends, behind a border of columns and before it.
#[test]
fn shared_prefixes_and_offset_value_codes() {
    const COLUMN: usize = 7;
    const COUNTED: usize = 255 * COLUMN;
    let few = (1..4 * COLUMN).chain(7 * COLUMN..9 * COLUMN);
    let many = COUNTED - 2 * COLUMN..COUNTED + 2 * COLUMN;
    for length in few.chain(many) {
        let key = |suffix: &[u8]| ([&vec![0xAB; length], suffix].concat(), vec![]);
        let suffixes: [&[&[u8]]; 5] = [
            &[b"", b"\0\0", b"b", b"bbbbbbbbd"],
            &[b"\0", b"\0\0\0\0\0\0\0\0\0", b"a", b"bbbbbbbbc"],
            &[b"\0\0\0", b"b", b"c"],
            &[b"a", b"a\0", b"bbbbbbbbb"],
            &[b"", b"\0", b"\x01", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"],
        ];
        let layers = behind_ties(Layers(
            suffixes.iter().map(|suffixes| suffixes.iter().map(|suffix| key(suffix)).collect()).collect(),
        ));
        let newest = oracles::newest(&layers.0);
        let slices = || layers.0.iter().map(|layer| SliceIterator::new(layer));
        assert!(MergeIterator::new(slices()).collect::<Vec<_>>().as_ref() == Ok(&newest), "{length}");
        let silent = slices().map(|slice| slice.filter(|_, _| true));
        assert!(MergeIterator::new(silent).collect::<Vec<_>>().as_ref() == Ok(&newest), "{length}, not told");
        // From key to key by seeks, and all the way back.
        let mut cursor = MergeIterator::new(slices());
        for (index, (key, _)) in newest.iter().enumerate() {
            let is_valid = if index < TIES { cursor.next() } else { cursor.seek(key) };
            assert_eq!((is_valid, cursor.key() == key), (Ok(true), true), "{length}, entry {index}");
        }
        for (key, _) in newest.iter().rev().skip(1) {
            assert_eq!((cursor.prev(), cursor.key() == key), (Ok(true), true), "{length}, backward");
        }
        // The ties are the last keys now: there and back, as before.
        let descending = layers_of(&layers, |bytes| Descending(bytes.to_vec()));
        let newest = oracles::newest(&descending);
        let slices = || descending.iter().map(|layer| SliceIterator::new(layer));
        let mut cursor = MergeIterator::new(slices());
        assert_eq!(cursor.seek_to_last(), Ok(true));
        for (key, _) in newest.iter().rev().skip(1) {
            assert_eq!((cursor.prev(), cursor.key() == key), (Ok(true), true), "{length}, descending, backward");
        }
        for (key, _) in newest.iter().skip(1) {
            assert_eq!((cursor.next(), cursor.key() == key), (Ok(true), true), "{length}, descending");
        }
    }
}

/// Keys whose codes differ in two places, and in the same way in both halves of a code: the first eight bytes tell the order, what comes
/// behind them would tell another.
#[test]
fn codes_that_differ_alike_in_both_halves_are_no_ties() {
    let low = u64::from_be_bytes(*b"aaaaaaaa");
    for bit in 0..16 {
        // One bit in the last two bytes, and the one that has its place in the other half.
        let high = low ^ 1 << bit ^ 1 << (36 + bit);
        let keys = [(low, b"z"), (high, b"a")].map(|(column, rest)| [&column.to_be_bytes(), rest.as_slice()].concat());
        let layers = [vec![(keys[0].clone(), 0)], vec![(keys[1].clone(), 1)], vec![]];
        for layers in [layers.clone(), [layers[1].clone(), layers[2].clone(), layers[0].clone()]] {
            let merged = MergeIterator::new(layers.iter().map(|layer| SliceIterator::new(layer)));
            assert_eq!(merged.collect::<Vec<_>>(), Ok(oracles::newest(&layers)), "bit {bit}");
        }
    }
}

/// All three merges over keys of another type.
fn merges_agree_with_the_oracles<K: Key + Clone + Debug>(layers: &Layers, key: impl Fn(&[u8]) -> K) -> bool {
    let layers = layers_of(layers, key);
    let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
    let pair = [layers.first().cloned().unwrap_or_default(), layers.last().cloned().unwrap_or_default()];
    let two_merge = TwoMergeIterator::new(SliceIterator::new(&pair[0]), SliceIterator::new(&pair[1]));

    split(with_sources!(MergeIterator::new(sources())))
        == (oracles::newest_sources(&layers), oracles::newest_by_itertools(&layers))
        && MergeIterator::new(sources()).collect::<Vec<_>>().unwrap() == oracles::newest(&layers)
        && with_sources!(MergeAllIterator::new(sources())) == oracles::all_versions(&layers)
        && split(with_sources!(two_merge)) == (oracles::newest_sources(&pair), oracles::newest(&pair))
}

/// One character for each byte, so the order stays and some characters take two bytes.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// From the smallest to the largest.
fn integer(bytes: &[u8]) -> u64 {
    if bytes.starts_with(&[0xFF]) {
        return u64::MAX - bytes.len() as u64 % 2;
    }
    bytes.iter().fold(0_u64, |number, &byte| number.wrapping_mul(7) + u64::from(byte)) % 50
}

/// Drives an iterator whose position is known to the caller only.
fn rest<I: StorageIterator<Key = [u8], Value = [u8]>>(iterator: &mut I) -> Vec<Entry> {
    let mut entries = vec![];
    while iterator.next().is_ok_and(|is_valid| is_valid) {
        entries.push((iterator.key().to_vec(), iterator.value().to_vec()));
    }
    entries
}
