//! Merges as cursors: any operations, with errors and panics in any place, duplicates in any place, and merges in merges,
//! against a position in a list.

mod support;

use std::fmt::Debug;
use std::rc::Rc;

use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, Descending, Key, MergeAllIterator, MergeIterator, SliceIterator, TwoMergeIterator,
};
use support::{
    ByLength, Composition, Entry, FaultScript, Faults, HostileIterator, Layers, Operation, Operations, check_cursor,
    layers_of, oracles,
};

/// Operations with targets near the keys of all layers.
fn near<K>(layers: &Layers, operations: &Operations, key: impl Fn(&[u8]) -> K) -> Vec<Operation<K>> {
    let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    operations.near(&keys, key)
}

/// Cursors over layers, whose sources are struck by faults.
struct Disturbed {
    layers: Layers,
    script: FaultScript,
    operations: Vec<Operation<Vec<u8>>>,
}

impl Disturbed {
    fn new(layers: Layers, operations: &Operations, script: FaultScript) -> Self {
        Disturbed { operations: near(&layers, operations, <[u8]>::to_vec), layers, script }
    }

    fn check<I>(&self, name: &'static str, make: impl Fn(&[HostileIterator]) -> I, entries: &[Entry])
    where
        I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Debug>,
    {
        for script in [&self.script, &FaultScript::default()] {
            let faults = Rc::new(Faults::new(script));
            let leaves: Vec<_> =
                self.layers.0.iter().map(|layer| HostileIterator::disturbed(layer, &faults, &[])).collect();
            check_cursor(Composition::of(name), make(&leaves), &faults, entries, &self.operations);
        }
    }
}

quickcheck! {
    fn merges(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let newest = oracles::newest(&layers.0);
        Disturbed::new(layers, &operations, script).check("merge", |leaves| MergeIterator::new(leaves.to_vec()), &newest);
        true
    }

    fn merges_of_all(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let (_, all): (Vec<_>, Vec<_>) = oracles::all_versions(&layers.0).into_iter().unzip();
        Disturbed::new(layers, &operations, script).check("merge_all", |leaves| MergeAllIterator::new(leaves.to_vec()), &all);
        true
    }
}
