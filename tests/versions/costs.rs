//! What versions cost: calls of the child, allocations, and nothing before the first step.

use allocation_counter::measure;
use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, MergeOperator, Operands, OwnedVersionedKey, RangeTombstone, RangeTombstones,
    SeekableIterator, SortedRun, StorageIterator, VersionedKey,
};

use super::append::Append;
use super::history::History;
use super::random_history::LATEST;
use super::source::{bytes, source};
use super::support::Faults;

quickcheck! {
    /// Every version is read once, in either direction, and the end once: nothing is read twice, and nothing ahead of
    /// need.
    fn every_version_is_read_once(history: History, snapshot: u64) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let entries = history.entries();
        let faults = Faults::harmless();
        let forward = source(&entries, &faults).at(snapshot).count();
        let forward_calls = faults.passed();

        let faults = Faults::harmless();
        let mut at = source(&entries, &faults).at(snapshot);
        let mut backward = 0;
        let mut found = at.seek_to_last().expect("nothing fails");
        while found {
            backward += 1;
            found = at.prev().expect("nothing fails");
        }
        // One more when the beginning was found by looking before the last entry that is shown.
        let backward_calls = faults.passed();
        let folding = Faults::harmless();
        let versions = source(&entries, &folding);
        let folded = versions.fold_versions(snapshot, Append::default()).count();
        forward == Ok(backward)
            && folded.ok() == forward.ok()
            && forward_calls == entries.len() + 1
            && (entries.len()..=entries.len() + 2).contains(&backward_calls)
            && (entries.len() + 1..=entries.len() + 2).contains(&folding.passed())
    }
}

#[test]
fn constructors_touch_nothing() {
    let faults = Faults::harmless();
    let source = || source(&[], &faults);
    let bytes = || bytes(&[], &faults);
    let at = source().at(1);
    let folded = source().fold_versions(1, Append(faults.clone()));
    let masked = source().mask(RangeTombstones::new(), 1);
    let collected = source().collect_garbage(1, |_| unreachable!("nothing is to be asked"));
    let (prefixes, versions) = (bytes().prefixes(|_| unreachable!("nothing is to be asked")), bytes().versioned_keys());
    assert!(!at.is_valid() && !folded.is_valid() && !masked.is_valid() && !collected.is_valid());
    assert!(!prefixes.is_valid() && !versions.is_valid());
    assert_eq!(faults.passed(), 0);
}

/// `at` stops at the entry that it shows: it does not read on to see where its key ends.
#[test]
fn at_reads_no_further_than_what_it_shows() {
    let versions = [("a", 5), ("a", 3), ("b", 9), ("b", 2)];
    let entries = versions.map(|(key, sequence)| (OwnedVersionedKey::new(key.as_bytes(), sequence), vec![]));
    let faults = Faults::harmless();
    let mut at = source(&entries, &faults).at(4);
    assert_eq!((at.next(), faults.passed()), (Ok(true), 2));
    assert_eq!((at.next(), faults.passed()), (Ok(true), 4));
    assert_eq!(at.seek(b"a"), Ok(true));
    assert_eq!(faults.passed(), 5, "a seek goes to the version itself");
}

/// Keeps the sum of lengths, without allocating.
#[derive(Clone, Debug)]
struct Longest;

impl MergeOperator<[u8], [u8]> for Longest {
    type Error = std::convert::Infallible;

    fn is_operand(&self, value: &[u8]) -> bool {
        value.starts_with(b"+")
    }

    fn merge(
        &mut self,
        _: &[u8],
        base: Option<&[u8]>,
        operands: Operands<'_, [u8]>,
        merged: &mut Vec<u8>,
    ) -> Result<(), Self::Error> {
        let longest = base.into_iter().chain(operands).max_by_key(|value| value.len()).unwrap_or_default();
        longest.clone_into(merged);
        Ok(())
    }
}

/// A run of versions: `keys` user keys of one length, four versions each, the lengths of values equal.
fn run(keys: u32) -> SortedRun<VersionedKey, [u8]> {
    let versions = (0..keys).flat_map(|key| {
        let kinds: [&[u8]; 4] = [b"+ab", b"+cd", b"efg", b"hij"];
        (0..).zip(kinds).map(move |(age, value)| {
            (OwnedVersionedKey::new(format!("{key:08}").as_bytes(), 100 - age), value.to_vec())
        })
    });
    storage_iter::PairsIterator::new(versions).borrowed().collect().expect("never fails")
}

/// Makes three steps, in which buffers grow, then counts what all others allocate.
fn check<I: StorageIterator>(name: &str, mut iterator: I) {
    for _ in 0..3 {
        assert!(matches!(iterator.next(), Ok(true)), "{name}");
    }
    let mut steps = 0;
    let allocated = measure(|| {
        while let Ok(true) = iterator.next() {
            std::hint::black_box((iterator.key(), iterator.value()));
            steps += 1;
        }
    });
    assert!(steps > 10, "{name}");
    assert_eq!(allocated.count_total, 0, "{name}: {steps} steps");
}

#[test]
fn steps_do_not_allocate() {
    let run = run(50);
    let range = RangeTombstone { start: b"00000007".to_vec(), end: b"00000009".to_vec(), sequence: 99 };
    let tombstones: RangeTombstones = [range].into_iter().collect();
    check("at", run.iter().at(98));
    check("fold_versions", run.iter().fold_versions(100, Longest));
    check("mask", run.iter().mask(&tombstones, 100));
    check("mask and at", run.iter().mask(&tombstones, 100).at(99));
    check("group_versions", run.iter().group_versions());
    check("collect_garbage", run.iter().collect_garbage(99, |_| true).with_operands(|value| value.starts_with(b"+")));
    let bytes: SortedRun = {
        let pairs = (0..50_u8).map(|key| (OwnedVersionedKey::new(&[key; 4], 1).into_bytes(), vec![1]));
        storage_iter::PairsIterator::new(pairs).borrowed().collect().expect("never fails")
    };
    check("versioned_keys", bytes.iter().versioned_keys());
    check("prefixes", bytes.iter().prefixes(|key| key.get(..2)));
}

/// Backwards as well, and seeks.
#[test]
fn steps_back_and_seeks_do_not_allocate() {
    let entries: Vec<_> = (0..50_u64)
        .flat_map(|key| [9, 5, 2].map(|sequence| ((key, std::cmp::Reverse(sequence)), Some(key * sequence))))
        .collect();
    let mut at = storage_iter::SliceIterator::new(&entries).at(5);
    assert_eq!((at.seek_to_last(), at.prev(), at.prev(), at.seek(&7)), (Ok(true), Ok(true), Ok(true), Ok(true)));
    let mut steps = 0;
    let allocated = measure(|| {
        for key in [3, 49, 20] {
            assert_eq!(at.seek_for_prev(&key), Ok(true));
            while at.prev() == Ok(true) {
                assert_eq!(*at.value(), Some(at.key() * 5));
                steps += 1;
            }
            assert_eq!(at.seek(&key), Ok(true));
        }
    });
    assert_eq!((steps, allocated.count_total), (72, 0));
}
