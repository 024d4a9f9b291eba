//! Forward scans over a merge of layers, which only goes forward; with failures everywhere; and snapshots side by side.

use std::ops::{Bound, RangeBounds};

use quickcheck::quickcheck;
use storage_iter::{
    FoldError, MergeIterator, OwnedVersionedKey, SortedRun, StorageIterator, Versioned, VersionedKey,
    VersionedKeysError,
};

use super::append::Append;
use super::history::History;
use super::random_history::LATEST;
use super::source::{Source, bytes, every_call_fails, source};
use super::support::{Composition, Entry, Faults, oracles, run};

/// The history in layers, as flushes would have made them: the newest versions in the first.
fn layers(history: &History, faults: &Faults) -> Vec<Source> {
    let of = |layer: u64| {
        let entries = history.entries().into_iter().filter(|(key, _)| key.sequence() % 3 == layer);
        source(&entries.collect::<Vec<_>>(), faults)
    };
    (0..3).map(of).collect()
}

quickcheck! {
    fn at_shows_what_a_snapshot_sees(history: History) -> bool {
        (0..=LATEST + 1).all(|snapshot| {
            let seen = MergeIterator::new(layers(&history, &Faults::harmless())).at(snapshot);
            let seen: Vec<Entry> = seen.collect().expect("nothing fails");
            let expected = history.at(snapshot);
            let live = MergeIterator::new(layers(&history, &Faults::harmless())).at(snapshot).skip_tombstones();
            let live: Vec<Entry> = live.collect().expect("nothing fails");
            seen == expected && live == oracles::live(&expected)
        })
    }

    fn fold_versions_applies_operands_to_what_is_below(history: History) -> bool {
        (0..=LATEST + 1).all(|snapshot| {
            let versions = MergeIterator::new(layers(&history, &Faults::harmless()));
            let folded = versions.fold_versions(snapshot, Append::default());
            folded.collect::<Vec<Entry>>().expect("nothing fails") == history.folded(snapshot)
        })
    }

    fn mask_hides_what_ranges_delete(history: History) -> bool {
        (0..=LATEST + 1).all(|snapshot| {
            let tombstones = history.tombstones();
            let versions = MergeIterator::new(layers(&history, &Faults::harmless())).mask(&tombstones, snapshot);
            let versions: Vec<(OwnedVersionedKey, Vec<u8>)> = versions.collect().expect("nothing fails");
            let seen = MergeIterator::new(layers(&history, &Faults::harmless())).mask(&tombstones, snapshot).at(snapshot);
            *versions == *history.unmasked(snapshot).entries()
                && seen.collect::<Vec<Entry>>() == Ok(history.unmasked(snapshot).at(snapshot))
        })
    }

    /// Every call fails once, those of the operator as well.
    fn scans_resume_after_every_call(history: History, snapshot: u64) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let composition = Composition::of("versions");
        let mut at = MergeIterator::new(layers(&history, &every_call_fails(1))).mask(history.tombstones(), snapshot).at(snapshot);
        let at = run(composition, &mut at, 1000);
        let faults = every_call_fails(1);
        let mut folded = MergeIterator::new(layers(&history, &faults)).fold_versions(snapshot, Append(faults));
        let folded = run(composition, &mut folded, 1000);
        at.ended && at.entries == history.unmasked(snapshot).at(snapshot)
            && folded.ended && folded.entries == history.folded(snapshot)
    }

    fn versions_of_are_all_of_one_key(history: History) -> bool {
        history.seen(u64::MAX).into_iter().all(|(user_key, versions)| {
            let found = MergeIterator::new(layers(&history, &Faults::harmless())).versions_of(&user_key);
            let found: Vec<(OwnedVersionedKey, Vec<u8>)> = found.collect().expect("nothing fails");
            found.iter().map(|(key, value)| (key.sequence(), value.clone())).eq(versions)
        })
    }

    fn bounds_of_user_keys_bound_their_versions(history: History, low: Vec<u8>, high: Vec<u8>, kinds: u8) -> bool {
        let bound = |kind, key| match kind % 3 {
            0 => Bound::Included(key),
            1 => Bound::Excluded(key),
            _ => Bound::Unbounded,
        };
        let (lower, upper) = (bound(kinds, low.as_slice()), bound(kinds / 3, high.as_slice()));
        let entries = history.entries();
        let versions = source(&entries, &Faults::harmless());
        let found = versions.between(VersionedKey::lower_bound(lower), VersionedKey::upper_bound(upper));
        let is_inside = |user_key: &[u8]| RangeBounds::<[u8]>::contains(&(lower, upper), user_key);
        let expected = entries.iter().filter(|(key, _)| is_inside(key.user_key()));
        found.count() == Ok(expected.count())
    }

    fn a_run_of_versions_is_scanned_as_its_source(history: History, snapshot: u64) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let versions = source(&history.entries(), &Faults::harmless());
        let run: SortedRun<VersionedKey, [u8]> = versions.collect().expect("nothing fails");
        let mut shown = vec![];
        let Ok(()) = run.iter().for_each(|key, value| shown.push((key.to_owned(), value.to_vec())));
        shown == history.entries() && run.iter().at(snapshot).collect::<Vec<Entry>>() == Ok(history.at(snapshot))
    }
}

/// A newer version that is not visible must not hide an older one, and a tombstone must.
#[test]
fn visibility_comes_before_the_choice_of_a_version_and_tombstones_after_it() {
    let versions = [("k", 9, "new"), ("k", 5, ""), ("k", 2, "old")];
    let entries = versions
        .map(|(key, sequence, value)| (OwnedVersionedKey::new(key.as_bytes(), sequence), value.as_bytes().to_vec()));
    let at = |snapshot| {
        let live = source(&entries, &Faults::harmless()).at(snapshot).skip_tombstones();
        live.collect::<Vec<Entry>>().expect("nothing fails").pop().map(|(_, value)| value)
    };
    assert_eq!(
        [9, 8, 5, 4, 2, 1].map(at),
        [Some(b"new".to_vec()), None, None, Some(b"old".to_vec()), Some(b"old".to_vec()), None]
    );
}

/// The operator's error is told from the child's, comes again while it lasts, and costs no entry.
#[test]
fn an_error_of_the_operator_costs_no_entry() {
    let entries = [("a", 2, "+2"), ("a", 1, "1"), ("b", 3, "b")]
        .map(|(key, sequence, value)| (OwnedVersionedKey::new(key.as_bytes(), sequence), value.as_bytes().to_vec()));
    let operator = Faults::failing_at(0, 2);
    let versions = source(&entries, &Faults::harmless());
    let mut folded = versions.fold_versions(u64::MAX, Append(operator));
    for time in 1..=2 {
        let Err(FoldError::Operator(failure)) = folded.next() else { panic!("an error of the operator") };
        assert_eq!(failure.time, time);
        assert!(!folded.is_valid());
    }
    assert_eq!(folded.next(), Ok(true));
    assert_eq!((folded.key(), folded.value()), (b"a".as_slice(), b"12".as_slice()));
    assert_eq!(folded.next(), Ok(true));
    assert_eq!((folded.key(), folded.value()), (b"b".as_slice(), b"b".as_slice()));
    assert_eq!(folded.next(), Ok(false));
}

/// A key that encodes no version is an error for ever, and what came before it was right.
#[test]
fn a_malformed_key_is_no_end() {
    let entries: [Entry; 3] = [
        (OwnedVersionedKey::new(b"a", 1).into_bytes(), b"1".to_vec()),
        (b"b".to_vec(), b"2".to_vec()),
        (OwnedVersionedKey::new(b"c", 1).into_bytes(), b"3".to_vec()),
    ];
    let mut at = bytes(&entries, &Faults::harmless()).versioned_keys().at(9);
    assert_eq!(at.next(), Ok(true));
    for _ in 0..3 {
        assert_eq!(at.next(), Err(VersionedKeysError::Malformed { key: b"b".to_vec() }));
    }
}
