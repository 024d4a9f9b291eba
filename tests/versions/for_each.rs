//! `for_each_while`: what a loop around `next` shows, wherever it begins, until there is enough or the source fails.

use std::fmt::Debug;

use quickcheck::quickcheck;
use storage_iter::{BidirectionalIterator, OwnedVersionedKey, StorageIterator, Versioned, VersionedKey};

use super::append::Append;
use super::cursors::near_user_keys;
use super::history::History;
use super::random_history::LATEST;
use super::source::{bytes, encoded, source};
use super::support::moments::catch;
use super::support::{Entry, Fault, FaultScript, Faults, Operations};

/// What was shown, and how it ended; `None` is a panic.
type Shown = (Vec<Entry>, Option<Result<bool, String>>);

fn by_next<I>(mut iterator: I, enough: usize, to_entry: impl Fn(&I::Key, &I::Value) -> Entry) -> Shown
where
    I: StorageIterator<Error: Debug>,
{
    let mut shown = vec![];
    let result = catch(|| {
        while iterator.next()? {
            shown.push(to_entry(iterator.key(), iterator.value()));
            if shown.len() == enough {
                return Ok(false);
            }
        }
        Ok(true)
    });
    (shown, result.map(|result: Result<_, I::Error>| result.map_err(|error| format!("{error:?}"))))
}

fn by_for_each<I>(iterator: I, enough: usize, to_entry: impl Fn(&I::Key, &I::Value) -> Entry) -> Shown
where
    I: StorageIterator<Error: Debug>,
{
    let mut shown = vec![];
    let result = catch(|| {
        iterator.for_each_while(|key, value| {
            shown.push(to_entry(key, value));
            shown.len() < enough
        })
    });
    (shown, result.map(|result| result.map_err(|error| format!("{error:?}"))))
}

fn assert_same<I>(make: impl Fn() -> I, enough: usize, to_entry: impl Fn(&I::Key, &I::Value) -> Entry)
where
    I: StorageIterator<Error: Debug>,
{
    assert_eq!(by_for_each(make(), enough, &to_entry), by_next(make(), enough, &to_entry));
}

/// From where the operations lead.
fn assert_same_after<I>(
    make: impl Fn(&Faults) -> I,
    (operations, script): (&Operations, &FaultScript),
    enough: usize,
    to_key: impl Fn(&[u8]) -> <I::Key as ToOwned>::Owned,
    to_entry: impl Fn(&I::Key, &I::Value) -> Entry,
) where
    I: BidirectionalIterator<Key: ToOwned, Error: Debug>,
{
    let moved = || {
        let mut cursor = make(&Faults::new(script));
        let mut is_cut_short = false;
        for operation in near_user_keys(operations, &to_key) {
            if !is_cut_short || operation.is_seek() {
                let result = catch(|| operation.apply(&mut cursor));
                is_cut_short = result.is_none() && operation.is_seek();
            }
        }
        if is_cut_short {
            while catch(|| cursor.seek_to_first()).is_none() {}
        }
        cursor
    };
    assert_same(moved, enough, to_entry);
}

fn newest(user_key: &[u8]) -> storage_iter::OwnedVersionedKey {
    VersionedKey::version_of(user_key, LATEST)
}

fn version(key: &VersionedKey, value: &[u8]) -> Entry {
    (key.as_bytes().to_vec(), value.to_vec())
}

fn entry(key: &[u8], value: &[u8]) -> Entry {
    (key.to_vec(), value.to_vec())
}

/// The versions as bytes. At `malformed`, if there are as many, is a key that encodes none.
fn malformed_at(history: &History, malformed: usize) -> Vec<Entry> {
    let mut bytes = encoded(&history.entries());
    if let Some((key, _)) = bytes.get_mut(malformed) {
        key.truncate(1);
    }
    bytes
}

quickcheck! {
    fn at(history: History, snapshot: u64, operations: Operations, script: FaultScript, enough: u8) -> bool {
        let (snapshot, enough) = (snapshot % (LATEST + 2), 1 + usize::from(enough % 16));
        for enough in [enough, usize::MAX] {
            assert_same_after(|faults| source(&history.entries(), faults).at(snapshot), (&operations, &script), enough, <[u8]>::to_vec, entry);
        }
        true
    }

    fn fold_versions(history: History, snapshot: u64, operations: Operations, script: FaultScript, enough: u8) -> bool {
        let folded = |faults: &Faults| source(&history.entries(), faults).fold_versions(snapshot, Append(faults.clone()));
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            assert_same_after(folded, (&operations, &script), enough, <[u8]>::to_vec, entry);
            assert_same(|| folded(&Faults::harmless()), enough, entry);
        }
        true
    }

    fn mask(history: History, snapshot: u64, operations: Operations, script: FaultScript, enough: u8) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let tombstones = history.tombstones();
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let masked = |faults: &Faults| source(&history.entries(), faults).mask(&tombstones, snapshot);
            assert_same_after(masked, (&operations, &script), enough, newest, version);
        }
        true
    }

    /// While a prefix or a user key is being passed over as well.
    fn groups(history: History, operations: Operations, script: FaultScript, enough: u8) -> bool {
        let enough = 1 + usize::from(enough);
        let grouped = |faults: &Faults| source(&history.entries(), faults).group_versions();
        assert_same_after(grouped, (&operations, &script), enough, newest, version);
        let prefixes = |faults: &Faults| source(&history.entries(), faults).at(LATEST).prefixes(|key| key.get(..1));
        assert_same_after(prefixes, (&operations, &script), enough, <[u8]>::to_vec, entry);
        let passing_over = || {
            let mut grouped = grouped(&Faults::new(&script));
            for _ in near_user_keys(&operations, |_| ()) {
                let _ = catch(|| grouped.next_user_key());
            }
            grouped
        };
        assert_same(passing_over, enough, version);
        let passing_over = || {
            let mut prefixes = prefixes(&Faults::new(&script));
            for _ in near_user_keys(&operations, |_| ()) {
                let _ = catch(|| prefixes.next_prefix());
            }
            prefixes
        };
        assert_same(passing_over, enough, entry);
        true
    }

    fn versioned_keys(history: History, malformed: usize, operations: Operations, script: FaultScript, enough: u8) -> bool {
        let malformed = malformed_at(&history, malformed % 16);
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let keys = |faults: &Faults| bytes(&malformed, faults).versioned_keys();
            assert_same_after(keys, (&operations, &script), enough, newest, version);
        }
        true
    }

    fn collect_garbage(history: History, watermark: u64, operations: Operations, script: FaultScript, enough: u8) -> bool {
        let watermark = watermark % (LATEST + 2);
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let moved = || {
                let versions = source(&history.entries(), &Faults::new(&script));
                let mut kept = versions.collect_garbage(watermark, |user_key| user_key.len() % 2 == 0);
                for _ in near_user_keys(&operations, |_| ()) {
                    let _ = catch(|| kept.next());
                }
                kept
            };
            assert_same(moved, enough, version);
        }
        true
    }
}

/// The operator fails, or the source, at each place of a history in which entries of all kinds come behind each other.
#[test]
fn folded_versions_that_fail_in_any_place() {
    let versions = [
        ("a", 2, "newest"),
        ("a", 1, "older"),
        ("b", 3, "+y"),
        ("b", 2, "+z"),
        ("b", 1, "base"),
        ("c", 5, "other"),
        ("d", 4, "+p"),
        ("e", 7, "+q"),
        ("f", 6, ""),
        ("g", 8, "last"),
    ];
    let versions = versions
        .map(|(user_key, sequence, value)| (OwnedVersionedKey::new(user_key.as_bytes(), sequence), value.into()));
    for (calls, fault) in (0..40).flat_map(|calls| [(calls, Fault::Error), (calls, Fault::Panic)]) {
        let folded = || {
            let faults = Faults::new(&FaultScript(vec![(calls, fault)]));
            source(&versions, &faults).fold_versions(LATEST, Append(faults))
        };
        for enough in [1, 2, usize::MAX] {
            assert_same(folded, enough, entry);
        }
    }
}
