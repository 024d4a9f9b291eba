//! Cursors: any sequence of `next`, `prev` and seeks, with errors and panics in any place, against a position in a list.

mod support;

use std::rc::Rc;

use quickcheck::quickcheck;
use storage_iter::SliceIterator;
use support::{Composition, Entry, FaultScript, Faults, HostileIterator, Layers, Operation, Operations, check_cursor};

/// All keys of all layers, to seek near them.
fn keys(layers: &Layers) -> Vec<Vec<u8>> {
    layers.0.iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn byte_operations(layers: &Layers, operations: &Operations) -> Vec<Operation<Vec<u8>>> {
    operations.near(&keys(layers), <[u8]>::to_vec)
}

quickcheck! {
    fn slices(layers: Layers, operations: Operations) -> bool {
        let entries: &[Entry] = layers.layer(0);
        let operations = byte_operations(&layers, &operations);
        check_cursor(Composition::of("slice"), SliceIterator::new(entries), &Faults::default(), entries, &operations);
        true
    }

    /// What all other tests rest on: the hostile source keeps the contract itself.
    fn hostile_sources(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let faults = Rc::new(Faults::new(&script));
        let cursor = HostileIterator::disturbed(layers.layer(0), &faults, &[]);
        let composition = Composition { passes_is_valid_on: true, ..Composition::of("hostile source") };
        check_cursor(composition, cursor, &faults, layers.layer(0), &byte_operations(&layers, &operations));
        true
    }
}
