//! Any sequence of operations, with failures and panics anywhere, against a model with a position.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::{
    BidirectionalIterator, Key, MergeOperator, Operands, RangeTombstone, RangeTombstones, SliceIterator,
    StorageIterator, Tombstone, VersionedKey,
};

use super::history::{History, LATEST, user_key};
use super::models::{self, Append, Operation, Position};
use super::source::{Fault, Plan, Source};
use super::support::moments::{Moment, catch, happened, panic_after, panic_no_more};
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
pub(super) struct Script {
    pub(super) operations: Vec<Operation>,
    pub(super) faults: Vec<(usize, Fault)>,
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

/// `None` is a panic.
pub(super) fn operate<I>(
    cursor: &mut I,
    operation: &Operation,
    to_key: impl Fn(&[u8]) -> <I::Key as ToOwned>::Owned,
) -> Option<Result<bool, I::Error>>
where
    I: BidirectionalIterator<Key: ToOwned>,
{
    catch(|| match operation {
        Operation::Next => cursor.next(),
        Operation::Prev => cursor.prev(),
        Operation::Seek(key) => cursor.seek(to_key(key).borrow()),
        Operation::SeekForPrev(key) => cursor.seek_for_prev(to_key(key).borrow()),
        Operation::SeekToFirst => cursor.seek_to_first(),
        Operation::SeekToLast => cursor.seek_to_last(),
    })
}

pub(super) fn is_step(operation: &Operation) -> bool {
    matches!(operation, Operation::Next | Operation::Prev)
}

/// Does as the script says, and compares with the model after every operation.
fn follow<I>(cursor: I, entries: Vec<Entry>, script: &Script)
where
    I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Debug>,
{
    follow_with(cursor, entries, script, <[u8]>::to_vec, |key, value| (key.to_vec(), value.to_vec()));
}

/// The same for keys and values of other types.
fn follow_with<I>(
    mut cursor: I,
    entries: Vec<Entry>,
    script: &Script,
    to_key: impl Fn(&[u8]) -> <I::Key as ToOwned>::Owned,
    to_entry: impl Fn(&I::Key, &I::Value) -> Entry,
) where
    I: BidirectionalIterator<Key: ToOwned, Error: Debug>,
{
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
        let result = operate(&mut cursor, operation, &to_key);
        is_cut_short = result.is_none() && !is_step(operation);
        position.apply(operation, !matches!(result, Some(Ok(_))));
        if let Some(Ok(found)) = result {
            assert_eq!(found, cursor.is_valid(), "{operation:?}");
            let entry = found.then(|| to_entry(cursor.key(), cursor.value()));
            assert_eq!(entry.as_ref(), position.entry(), "{operation:?}");
        } else {
            assert!(!cursor.is_valid(), "valid after {operation:?} has failed");
        }
    }
}

pub(super) fn source(history: &History, plan: &Rc<Plan>) -> Source<VersionedKey> {
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
        let versions = source(&history, &Plan::new(script.faults.clone()));
        let cursor = versions.mask(history.tombstones(), snapshot).at(snapshot);
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

/// A user key, or a value, that may panic whenever it is compared or copied.
#[derive(Debug)]
struct Touchy(Vec<u8>);

impl Clone for Touchy {
    fn clone(&self) -> Self {
        happened(Moment::Closure);
        Touchy(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        // Half of the copy is there when it panics.
        self.0.clear();
        self.0.extend_from_slice(&source.0[..source.0.len() / 2]);
        happened(Moment::Closure);
        self.0.clone_from(&source.0);
    }
}

impl PartialEq for Touchy {
    fn eq(&self, other: &Self) -> bool {
        happened(Moment::Compare);
        self.0 == other.0
    }
}

impl Eq for Touchy {}

impl PartialOrd for Touchy {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Touchy {
    fn cmp(&self, other: &Self) -> Ordering {
        happened(Moment::Compare);
        self.0.cmp(&other.0)
    }
}

impl Key for Touchy {}

impl Tombstone for Touchy {
    fn is_tombstone(&self) -> bool {
        happened(Moment::Closure);
        self.0.is_empty()
    }
}

/// [`Append`] for values that may panic.
struct AppendTouchy;

impl MergeOperator<Touchy, Touchy> for AppendTouchy {
    type Error = Infallible;

    fn is_operand(&self, value: &Touchy) -> bool {
        happened(Moment::Closure);
        value.0.starts_with(b"+")
    }

    fn merge(
        &mut self,
        _: &Touchy,
        base: Option<&Touchy>,
        operands: Operands<'_, Touchy>,
        merged: &mut Touchy,
    ) -> Result<(), Infallible> {
        merged.0.clear();
        happened(Moment::Closure);
        merged.0.extend(base.map_or(&[][..], |base| &base.0));
        operands.for_each(|operand| merged.0.extend_from_slice(&operand.0[1..]));
        Ok(())
    }
}

/// What is compared and copied, rather than moved, may panic as well.
fn follow_through_panics<I>(cursor: I, entries: Vec<Entry>, script: &Script, after: [usize; 2])
where
    I: BidirectionalIterator<Key = Touchy, Value = Touchy, Error: Debug>,
{
    panic_after(after[0] % 80, Some(after[1] % 20));
    let to_key = |key: &[u8]| Touchy(key.to_vec());
    follow_with(cursor, entries, script, to_key, |key, value| (key.0.clone(), value.0.clone()));
    panic_no_more();
}

quickcheck! {
    fn panics_of_keys_and_values_leave_the_step_open(
        history: History, snapshot: u64, script: Script, after: (usize, usize), masks: bool
    ) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let versions: Vec<_> = history
            .versions
            .iter()
            .map(|((user_key, sequence), value)| ((Touchy(user_key.clone()), *sequence), Touchy(value.clone())))
            .collect();
        let slice = || SliceIterator::new(&versions);
        let after = [after.0, after.1];
        if !masks {
            follow_through_panics(slice().at(snapshot), models::at(&history, snapshot), &script, after);
            let folded = slice().fold_versions(snapshot, AppendTouchy);
            follow_through_panics(folded, models::folded(&history, snapshot), &script, after);
            return true;
        }
        let ranges = history.ranges.iter().map(|range| RangeTombstone {
            start: Touchy(range.start.clone()),
            end: Touchy(range.end.clone()),
            sequence: range.sequence,
        });
        let ranges: RangeTombstones<Touchy> = ranges.collect();
        let cursor = slice().mask(&ranges, snapshot).at(snapshot);
        follow_through_panics(cursor, models::at(&history.unmasked(snapshot), snapshot), &script, after);
        true
    }
}
