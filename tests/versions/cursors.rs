//! Any sequence of operations, with failures and panics anywhere, against a model with a position.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt::Debug;

use quickcheck::quickcheck;
use storage_iter::testing::PanickingIterator;
use storage_iter::{
    BidirectionalIterator, Key, MergeOperator, Operands, RangeTombstone, RangeTombstones, SliceIterator,
    StorageIterator, Tombstone,
};

use super::append::Append;
use super::history::History;
use super::random_history::{LATEST, USER_KEYS};
use super::source::{bytes, encoded, source};
use super::support::moments::{Moment, happened};
use super::support::{Composition, Entry, Fault, FaultScript, Faults, Operation, Operations, check_cursor};

/// Operations with targets near the user keys that there may be.
pub(super) fn near_user_keys<K>(operations: &Operations, make: impl Fn(&[u8]) -> K) -> Vec<Operation<K>> {
    operations.near(&USER_KEYS.map(<[u8]>::to_vec), make)
}

/// Does the operations, and compares with the model after every one.
fn follow<I>(cursor: I, entries: &[Entry], operations: &Operations, faults: &Faults)
where
    I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Debug>,
{
    let operations = near_user_keys(operations, <[u8]>::to_vec);
    check_cursor(Composition::of("a cursor over versions"), cursor, faults, entries, &operations);
}

quickcheck! {
    fn at_is_a_cursor(history: History, snapshot: u64, operations: Operations, script: FaultScript) -> bool {
        let (snapshot, faults) = (snapshot % (LATEST + 2), Faults::new(&script));
        let cursor = source(&history.entries(), &faults).at(snapshot);
        follow(cursor, &history.at(snapshot), &operations, &faults);
        true
    }

    fn fold_versions_is_a_cursor(history: History, snapshot: u64, operations: Operations, script: FaultScript) -> bool {
        let (snapshot, faults) = (snapshot % (LATEST + 2), Faults::new(&script));
        let cursor = source(&history.entries(), &faults).fold_versions(snapshot, Append(faults.clone()));
        follow(cursor, &history.folded(snapshot), &operations, &faults);
        true
    }

    fn at_over_mask_is_a_cursor(history: History, snapshot: u64, operations: Operations, script: FaultScript) -> bool {
        let (snapshot, faults) = (snapshot % (LATEST + 2), Faults::new(&script));
        let cursor = source(&history.entries(), &faults).mask(history.tombstones(), snapshot).at(snapshot);
        follow(cursor, &history.unmasked(snapshot).at(snapshot), &operations, &faults);
        true
    }

    /// With nothing between the encoded keys and the mask.
    fn fold_over_mask_over_bytes_is_a_cursor(
        history: History, snapshot: u64, operations: Operations, script: FaultScript
    ) -> bool {
        let (snapshot, faults) = (snapshot % (LATEST + 2), Faults::new(&script));
        let versions = bytes(&encoded(&history.entries()), &faults).versioned_keys().mask(history.tombstones(), snapshot);
        let cursor = versions.fold_versions(snapshot, Append(faults.clone()));
        follow(cursor, &history.unmasked(snapshot).folded(snapshot), &operations, &faults);
        true
    }

    fn prefixes_is_a_cursor(history: History, snapshot: u64, operations: Operations, script: FaultScript) -> bool {
        let (snapshot, faults) = (snapshot % (LATEST + 2), Faults::new(&script));
        let cursor = source(&history.entries(), &faults).at(snapshot).prefixes(|key| key.get(..1));
        follow(cursor, &history.at(snapshot), &operations, &faults);
        true
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
fn follow_through_panics<I>(cursor: I, entries: Vec<Entry>, operations: &Operations, script: &FaultScript)
where
    I: BidirectionalIterator<Key = Touchy, Value = Touchy, Error: Debug>,
{
    let script = FaultScript(script.0.iter().map(|&(events, _)| (events, Fault::Panic)).collect());
    let faults = Faults::new(&script);
    let entries: Vec<_> = entries.into_iter().map(|(key, value)| (Touchy(key), Touchy(value))).collect();
    let operations = near_user_keys(operations, |key| Touchy(key.to_vec()));
    let cursor = PanickingIterator::new(cursor, faults.clone());
    check_cursor(Composition::of("a cursor over versions"), cursor, &faults, &entries, &operations);
}

quickcheck! {
    fn panics_of_keys_and_values_leave_the_step_open(
        history: History, snapshot: u64, operations: Operations, script: FaultScript, masks: bool
    ) -> bool {
        let snapshot = snapshot % (LATEST + 2);
        let versions: Vec<_> = history
            .versions
            .iter()
            .map(|((user_key, sequence), value)| ((Touchy(user_key.clone()), *sequence), Touchy(value.clone())))
            .collect();
        let slice = || SliceIterator::new(&versions);
        if !masks {
            follow_through_panics(slice().at(snapshot), history.at(snapshot), &operations, &script);
            let folded = slice().fold_versions(snapshot, AppendTouchy);
            follow_through_panics(folded, history.folded(snapshot), &operations, &script);
            return true;
        }
        let ranges = history.ranges.iter().map(|range| RangeTombstone {
            start: Touchy(range.start.clone()),
            end: Touchy(range.end.clone()),
            sequence: range.sequence,
        });
        let ranges: RangeTombstones<Touchy> = ranges.collect();
        let cursor = slice().mask(&ranges, snapshot).at(snapshot);
        follow_through_panics(cursor, history.unmasked(snapshot).at(snapshot), &operations, &script);
        true
    }
}
