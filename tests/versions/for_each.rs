//! `for_each_while`: what a loop around `next` shows, wherever it begins, until there is enough or the source fails.

use std::fmt::Debug;
use std::rc::Rc;

use quickcheck::quickcheck;
use storage_iter::{BidirectionalIterator, StorageIterator, Versioned, VersionedKey};

use super::cursors::{Script, is_step, operate, source};
use super::history::{History, LATEST};
use super::models::Append;
use super::source::{Plan, Source};
use super::support::Entry;
use super::support::moments::catch;

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

/// From where the script leads.
fn assert_same_after<I>(
    make: impl Fn(&Rc<Plan>) -> I,
    script: &Script,
    enough: usize,
    to_key: impl Fn(&[u8]) -> <I::Key as ToOwned>::Owned,
    to_entry: impl Fn(&I::Key, &I::Value) -> Entry,
) where
    I: BidirectionalIterator<Key: ToOwned, Error: Debug>,
{
    let moved = || {
        let mut cursor = make(&Plan::new(script.faults.clone()));
        let mut is_cut_short = false;
        for operation in &script.operations {
            if !is_cut_short || !is_step(operation) {
                let result = operate(&mut cursor, operation, &to_key);
                is_cut_short = result.is_none() && !is_step(operation);
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
fn bytes(history: &History, malformed: usize) -> Rc<[Entry]> {
    let mut bytes: Vec<Entry> =
        history.entries().iter().map(|(key, value)| (key.as_bytes().to_vec(), value.clone())).collect();
    if let Some((key, _)) = bytes.get_mut(malformed) {
        key.truncate(1);
    }
    bytes.into()
}

quickcheck! {
    fn at(history: History, snapshot: u64, script: Script, enough: u8) -> bool {
        let (snapshot, enough) = (snapshot % (LATEST + 2), 1 + usize::from(enough % 16));
        for enough in [enough, usize::MAX] {
            assert_same_after(|plan| source(&history, plan).at(snapshot), &script, enough, <[u8]>::to_vec, entry);
        }
        true
    }

    fn fold_versions(history: History, snapshot: u64, script: Script, enough: u8) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let folded = |plan: &Rc<Plan>| source(&history, plan).fold_versions(snapshot, Append(Rc::clone(plan)));
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            assert_same_after(folded, &script, enough, <[u8]>::to_vec, entry);
            assert_same(|| folded(&Plan::none()), enough, entry);
        }
        true
    }

    fn mask(history: History, snapshot: u64, script: Script, enough: u8) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let tombstones = history.tombstones();
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let masked = |plan: &Rc<Plan>| source(&history, plan).mask(&tombstones, snapshot);
            assert_same_after(masked, &script, enough, newest, version);
        }
        true
    }

    /// While a prefix or a user key is being passed over as well.
    fn groups(history: History, script: Script, enough: u8) -> bool {
        let enough = 1 + usize::from(enough);
        let grouped = |plan: &Rc<Plan>| source(&history, plan).group_versions();
        assert_same_after(grouped, &script, enough, newest, version);
        let prefixes = |plan: &Rc<Plan>| source(&history, plan).at(LATEST).prefixes(|key| key.get(..1));
        assert_same_after(prefixes, &script, enough, <[u8]>::to_vec, entry);
        let passing_over = || {
            let mut grouped = grouped(&Plan::new(script.faults.clone()));
            for _ in 0..script.operations.len() {
                let _ = catch(|| grouped.next_user_key());
            }
            grouped
        };
        assert_same(passing_over, enough, version);
        let passing_over = || {
            let mut prefixes = prefixes(&Plan::new(script.faults.clone()));
            for _ in 0..script.operations.len() {
                let _ = catch(|| prefixes.next_prefix());
            }
            prefixes
        };
        assert_same(passing_over, enough, entry);
        true
    }

    fn versioned_keys(history: History, malformed: usize, script: Script, enough: u8) -> bool {
        let bytes = bytes(&history, malformed % 16);
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let keys = |plan: &Rc<Plan>| Source::<[u8]>::new(&bytes, plan).versioned_keys();
            assert_same_after(keys, &script, enough, newest, version);
        }
        true
    }

    fn collect_garbage(history: History, watermark: u64, script: Script, enough: u8) -> bool {
        let watermark = watermark % (LATEST + 2);
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let moved = || {
                let versions = source(&history, &Plan::new(script.faults.clone()));
                let mut kept = versions.collect_garbage(watermark, |user_key| user_key.len() % 2 == 0);
                for _ in &script.operations {
                    let _ = catch(|| kept.next());
                }
                kept
            };
            assert_same(moved, enough, version);
        }
        true
    }
}
