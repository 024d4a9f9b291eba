//! Any calls that move a cursor, over sources that fail and panic, with a model.

use std::ops::Bound;

use storage_iter::testing::{Contract, Entry, FailPoint, FailingIterator, Fault, Layers, oracle};
use storage_iter::{MergeAllIterator, MergeIterator, SliceIterator, SortedRun, StorageIterator, TwoMergeIterator};

use super::course::Course;
use super::input::Input;

/// Reads an input and compares.
///
/// # Panics
///
/// Where a cursor is wrong.
pub fn cursors(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let family = input.byte();
    let faults = input.faults(&[Fault::Error, Fault::Error, Fault::Forget, Fault::Panic]);
    let layers = input.layers();
    let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    let course = Course::new(faults, &keys, &mut input);
    let newest = oracle::newest(&layers.0);
    let contract = Contract::new().reporting_every_failure();
    match family % 9 {
        0 => course.drive(contract, &layers.0, &newest, MergeIterator::new),
        1 => {
            let all: Vec<Entry> = oracle::all_versions(&layers.0).into_iter().map(|(_, entry)| entry).collect();
            course.drive(contract, &layers.0, &all, MergeAllIterator::new);
        }
        2 => {
            let pair = Layers(vec![layers.layer(0).to_vec(), layers.layer(1).to_vec()]);
            course.drive(contract, &pair.0, &oracle::newest(&pair.0), |sources| {
                let [a, b] = sources.try_into().expect("two layers");
                TwoMergeIterator::new(a, b)
            });
        }
        3 => {
            let border = input.below(layers.0.len() + 1);
            course.drive(contract, &layers.0, &newest, |mut newer| {
                let older = newer.split_off(border);
                TwoMergeIterator::new(MergeIterator::new(newer), MergeIterator::new(older))
            });
        }
        4 => {
            let live = oracle::live(&newest, Vec::is_empty);
            course.drive(contract, &layers.0, &live, |sources| MergeIterator::new(sources).skip_tombstones());
        }
        5 => {
            let (lower, upper) = (input.key(), input.key());
            let bounds = (Bound::Included(lower.as_slice()), Bound::Excluded(upper.as_slice()));
            let between = oracle::between(&newest, bounds.0, bounds.1);
            course.drive(contract, &layers.0, &between, |sources| {
                MergeIterator::new(sources).between(bounds.0, bounds.1)
            });
        }
        6 => course.drive(contract.fused(), &layers.0, &newest, |sources| MergeIterator::new(sources).fuse()),
        7 => {
            let point = FailPoint::new(&course.without_forgetting());
            let cursor = FailingIterator::new(SliceIterator::new(&newest), point.clone());
            contract.check_operations(cursor, &newest, course.operations(), &point).unwrap();
        }
        _ => {
            let run: SortedRun = SliceIterator::new(&newest).borrowed::<[u8], [u8]>().collect().unwrap();
            contract.check_operations(run.iter(), &newest, course.operations(), &FailPoint::harmless()).unwrap();
        }
    }
}
