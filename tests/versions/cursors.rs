//! Any sequence of operations, with failures and panics anywhere, against a model with a position.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::rc::Rc;
use std::sync::Once;

use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::{BidirectionalIterator, StorageIterator, VersionedKey};

use super::history::{History, LATEST, user_key};
use super::models::{self, Append, Operation, Position};
use super::source::{Bang, Fault, Plan, Source};
use super::support::{Entry, below};

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        match below(g, 12) {
            0 => Operation::Seek(user_key(g)),
            1 => Operation::SeekForPrev(user_key(g)),
            2 if bool::arbitrary(g) => Operation::SeekToFirst,
            2 => Operation::SeekToLast,
            3..=6 => Operation::Prev,
            _ => Operation::Next,
        }
    }
}

/// What is done, and at which calls of the source something happens.
#[derive(Clone, Debug)]
struct Script {
    operations: Vec<Operation>,
    faults: Vec<(usize, Fault)>,
}

impl Arbitrary for Script {
    fn arbitrary(g: &mut Gen) -> Self {
        let operations = (0..1 + below(g, 30)).map(|_| Operation::arbitrary(g)).collect();
        let fault = |g: &mut Gen| if below(g, 3) == 0 { Fault::Panic } else { Fault::Error };
        let faults = (0..below(g, 12)).map(|_| (below(g, 60), fault(g))).collect();
        Script { operations, faults }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let (one, other) = (self.clone(), self.clone());
        let fewer_faults = (0..self.faults.len()).map(move |index| {
            let mut fewer = one.clone();
            fewer.faults.remove(index);
            fewer
        });
        let fewer_operations = (0..self.operations.len()).map(move |index| {
            let mut fewer = other.clone();
            fewer.operations.remove(index);
            fewer
        });
        Box::new(fewer_operations.chain(fewer_faults))
    }
}

/// Panics that are meant to happen print nothing.
fn keep_quiet_about_bangs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            if !info.payload().is::<Bang>() {
                hook(info);
            }
        }));
    });
}

/// `None` is a panic.
fn operate<I>(cursor: &mut I, operation: &Operation) -> Option<Result<bool, I::Error>>
where
    I: BidirectionalIterator<Key = [u8]>,
{
    let operated = catch_unwind(AssertUnwindSafe(|| match operation {
        Operation::Next => cursor.next(),
        Operation::Prev => cursor.prev(),
        Operation::Seek(key) => cursor.seek(key),
        Operation::SeekForPrev(key) => cursor.seek_for_prev(key),
        Operation::SeekToFirst => cursor.seek_to_first(),
        Operation::SeekToLast => cursor.seek_to_last(),
    }));
    match operated {
        Ok(result) => Some(result),
        Err(payload) if payload.is::<Bang>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

fn is_step(operation: &Operation) -> bool {
    matches!(operation, Operation::Next | Operation::Prev)
}

/// Does as the script says, and compares with the model after every operation.
fn follow<I>(mut cursor: I, entries: Vec<Entry>, script: &Script)
where
    I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Debug>,
{
    keep_quiet_about_bangs();
    let mut position = Position::new(entries);
    let mut is_cut_short = false;
    assert!(!cursor.is_valid());
    for operation in &script.operations {
        if is_cut_short && is_step(operation) {
            let refused = catch_unwind(AssertUnwindSafe(|| match operation {
                Operation::Next => cursor.next().map_err(drop),
                _ => cursor.prev().map_err(drop),
            }));
            let message = refused.expect_err("a step after a seek that was cut short");
            let message = message.downcast_ref::<&str>().copied().unwrap_or_default();
            assert_eq!(message, "a seek was cut short; seek again");
            assert!(!cursor.is_valid());
            continue;
        }
        let result = operate(&mut cursor, operation);
        is_cut_short = result.is_none() && !is_step(operation);
        position.apply(operation, !matches!(result, Some(Ok(_))));
        if let Some(Ok(found)) = result {
            assert_eq!(found, cursor.is_valid(), "{operation:?}");
            let entry = found.then(|| (cursor.key().to_vec(), cursor.value().to_vec()));
            assert_eq!(entry.as_ref(), position.entry(), "{operation:?}");
        } else {
            assert!(!cursor.is_valid(), "valid after {operation:?} has failed");
        }
    }
}

fn source(history: &History, plan: &Rc<Plan>) -> Source<VersionedKey> {
    Source::new(&history.entries(), plan)
}

quickcheck! {
    fn at_is_a_cursor(history: History, snapshot: u64, script: Script) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let cursor = source(&history, &Plan::new(script.faults.clone())).at(snapshot);
        follow(cursor, models::at(&history, snapshot), &script);
        true
    }

    fn fold_versions_is_a_cursor(history: History, snapshot: u64, script: Script) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let plan = Plan::new(script.faults.clone());
        let cursor = source(&history, &plan).fold_versions(snapshot, Append(Rc::clone(&plan)));
        follow(cursor, models::folded(&history, snapshot), &script);
        true
    }

    fn at_over_mask_is_a_cursor(history: History, snapshot: u64, script: Script) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let cursor = source(&history, &Plan::new(script.faults.clone())).mask(history.tombstones(), snapshot).at(snapshot);
        follow(cursor, models::at(&history.unmasked(snapshot), snapshot), &script);
        true
    }

    fn fold_over_mask_over_bytes_is_a_cursor(history: History, snapshot: u64, script: Script) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let plan = Plan::new(script.faults.clone());
        let bytes: Rc<[Entry]> =
            history.entries().iter().map(|(key, value)| (key.as_bytes().to_vec(), value.clone())).collect();
        let versions = Source::<[u8]>::new(&bytes, &plan).versioned_keys().mask(history.tombstones(), snapshot);
        let cursor = versions.fold_versions(snapshot, Append(Rc::clone(&plan)));
        follow(cursor, models::folded(&history.unmasked(snapshot), snapshot), &script);
        true
    }

    fn prefixes_is_a_cursor(history: History, snapshot: u64, script: Script) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let cursor = source(&history, &Plan::new(script.faults.clone())).at(snapshot).prefixes(|key| key.get(..1));
        follow(cursor, models::at(&history, snapshot), &script);
        true
    }
}

quickcheck! {
    /// The tests' own source keeps the contract that they rely on. Only it must not be asked whether it is valid.
    fn the_source_is_a_cursor(history: History, script: Script) -> bool {
        let entries: Rc<[Entry]> = models::at(&history, LATEST).into();
        let cursor = Source::<[u8]>::new(&entries, &Plan::new(script.faults.clone()));
        follow(NotAsked(cursor, false), entries.to_vec(), &script);
        true
    }
}

/// Answers `is_valid` by itself.
struct NotAsked<I>(I, bool);

impl<I: StorageIterator> NotAsked<I> {
    fn moved(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        self.1 = false;
        self.1 = step(&mut self.0)?;
        Ok(self.1)
    }
}

impl<I: StorageIterator> StorageIterator for NotAsked<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.moved(I::next)
    }

    fn is_valid(&self) -> bool {
        self.1
    }

    fn key(&self) -> &I::Key {
        self.0.key()
    }

    fn value(&self) -> &I::Value {
        self.0.value()
    }
}

impl<I: BidirectionalIterator> storage_iter::SeekableIterator for NotAsked<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.moved(|cursor| cursor.seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.moved(I::seek_to_first)
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for NotAsked<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.moved(I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.moved(I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.moved(|cursor| cursor.seek_for_prev(key))
    }
}
