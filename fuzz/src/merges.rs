//! Merges in several shapes and over several key types, with the oracle.

use std::cmp::Reverse;
use std::fmt::Debug;
use std::ops::Bound;

use storage_iter::testing::{Contract, Entry, FailPoint, Fault, HostileIterator, Layers, oracle};
use storage_iter::{Key, MergeAllIterator, MergeIterator, SliceIterator, SortedRun, StorageIterator, TwoMergeIterator};

use super::input::Input;

/// Reads an input and compares.
///
/// # Panics
///
/// Where a merge is wrong.
pub fn merges(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let shape = input.byte();
    let layers = input.layers();
    let faults = input.faults(&[Fault::Error]);
    match shape % 4 {
        0 | 1 => failing_sources(&layers, &FailPoint::new(&faults), &mut input),
        2 => other_keys(&layers, &mut input),
        _ => runs(&layers, &mut input),
    }
}

/// Sources that fail, and overwrite what they have lent.
fn failing_sources(layers: &Layers, point: &FailPoint, input: &mut Input<'_>) {
    let sources = |layers: &[Vec<Entry>]| -> Vec<HostileIterator> {
        layers.iter().map(|layer| HostileIterator::disturbed(layer, point, &[])).collect()
    };
    let newest = oracle::newest(&layers.0);
    match input.below(5) {
        0 => check(MergeIterator::new(sources(&layers.0)), false, &newest),
        1 => {
            let all: Vec<Entry> = oracle::all_versions(&layers.0).into_iter().map(|(_, entry)| entry).collect();
            check(MergeAllIterator::new(sources(&layers.0)), true, &all);
        }
        2 => {
            let (newer, older) = layers.0.split_at(input.below(layers.0.len() + 1));
            let merged = TwoMergeIterator::new(MergeIterator::new(sources(newer)), MergeIterator::new(sources(older)));
            check(merged, false, &newest);
        }
        3 => {
            let parts = layers.0.chunks(1 + input.below(4)).map(|part| MergeIterator::new(sources(part)));
            check(MergeIterator::new(parts), false, &newest);
        }
        _ => {
            let (lower, upper) = (input.key(), input.key());
            let bounds = match input.below(4) {
                0 => (Bound::Included(lower), Bound::Included(upper)),
                1 => (Bound::Excluded(lower), Bound::Unbounded),
                2 => (Bound::Unbounded, Bound::Excluded(upper)),
                _ => (Bound::Included(lower), Bound::Excluded(upper)),
            };
            let slices = (bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice));
            let expected = oracle::live(&oracle::between(&newest, slices.0, slices.1), Vec::is_empty);
            check(
                MergeIterator::new(sources(&layers.0)).between(bounds.0, bounds.1).skip_tombstones(),
                false,
                &expected,
            );
        }
    }
}

#[track_caller]
fn check<I>(mut merged: I, keeps_duplicates: bool, expected: &[Entry])
where
    I: StorageIterator<Key = [u8], Value = [u8]>,
{
    let contract = if keeps_duplicates { Contract::new().keeping_duplicates() } else { Contract::new() };
    let scan = contract.scan(&mut merged).unwrap();
    assert!(scan.ended);
    assert_eq!(scan.entries, expected);
}

/// Keys that are compared in other ways.
fn other_keys(layers: &Layers, input: &mut Input<'_>) {
    match input.below(6) {
        0 => keys_of(layers, |bytes| bytes.iter().fold(bytes.len() as u64, |sum, &byte| (sum << 8) ^ u64::from(byte))),
        1 => keys_of(layers, |bytes| (bytes.len() as i8, bytes.to_vec())),
        2 => keys_of(layers, |bytes| Reverse(bytes.to_vec())),
        3 => keys_of(layers, |bytes| bytes.iter().map(|&byte| char::from(byte)).collect::<String>()),
        4 => {
            keys_of(layers, |bytes| -> [u8; 9] { std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0)) });
        }
        _ => keys_of(layers, |bytes| bytes.iter().fold(0_i64, |sum, &byte| sum.wrapping_mul(-257) + i64::from(byte))),
    }
}

fn keys_of<K: Key + Clone + Debug>(layers: &Layers, key: impl Fn(&[u8]) -> K) {
    let layers = layers.with_keys(key);
    let sources = || layers.iter().map(|layer| SliceIterator::new(layer));
    let merged: Vec<_> = MergeIterator::new(sources()).collect().unwrap();
    assert_eq!(merged, oracle::newest(&layers));
    let mut all = MergeAllIterator::new(sources());
    let mut tagged = vec![];
    while all.next().unwrap() {
        tagged.push((all.source_index().unwrap(), (all.key().clone(), all.value().clone())));
    }
    assert_eq!(tagged, oracle::all_versions(&layers));
}

/// Runs, whose keys know how many bytes they share.
fn runs(layers: &Layers, input: &mut Input<'_>) {
    let runs: Vec<SortedRun> =
        layers.0.iter().map(|layer| SliceIterator::new(layer).borrowed::<[u8], [u8]>().collect().unwrap()).collect();
    let merged = MergeIterator::new(runs.iter().map(SortedRun::iter));
    check(merged, false, &oracle::newest(&layers.0));
    let used = runs.iter().map(|run| {
        let mut iterator = run.iter();
        let steps = input.below(4);
        (0..steps).for_each(|_| _ = iterator.next());
        (iterator, steps)
    });
    let (used, steps): (Vec<_>, Vec<usize>) = used.unzip();
    let left: Vec<Vec<Entry>> =
        layers.0.iter().zip(steps).map(|(layer, steps)| layer.iter().skip(steps).cloned().collect()).collect();
    check(MergeIterator::new(used), false, &oracle::newest(&left));
}
