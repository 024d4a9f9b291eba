//! Merges: of many, of two, and with all duplicates.

use std::sync::Arc;

use storage_iter::{MergeAllIterator, MergeIterator, SliceIterator, StorageIterator};

use super::case::Case;
use super::support::{self, Composition, Entry, Failures, HostileIterator, run, run_without_errors};

pub(crate) fn merge(case: &Case) {
    let layers = case.layers();
    let slices = layers.iter().map(|layer| HostileIterator::harmless(layer));
    assert_eq!(run_without_errors("merge", MergeIterator::new(slices)), case.expected(), "{}", case.name());

    #[cfg(feature = "mem-table")]
    {
        use std::ops::Bound;

        let tables = super::case::tables(&layers);
        let scans = tables.iter().map(|table| table.scan(Bound::Unbounded, Bound::Unbounded));
        assert_eq!(run_without_errors("merge", MergeIterator::new(scans)), case.expected(), "{}", case.name());
    }
}

/// Must report the error before the end, without a panic. Ours can go on behind it as well: nothing is lost.
pub(crate) fn merge_with_an_error(case: &Case) {
    let layers = case.layers();
    let (source, step) = case.error().expect("an error");
    let failures = Arc::new(Failures::none().and(source, step, 1));
    let children = layers
        .iter()
        .enumerate()
        .map(|(index, layer)| HostileIterator::new(layer, index, Arc::clone(&failures), &[index]));
    let run = run(Composition::of("merge"), &mut MergeIterator::new(children), 1);
    assert_eq!(run.errors.iter().map(|error| error.child).collect::<Vec<_>>(), [source], "{}", case.name());
    assert!(run.ended);
    assert_eq!(run.entries, support::oracles::newest(&layers), "{}", case.name());
}

pub(crate) fn two_merge(case: &Case) {
    let layers = case.layers();
    let [a, b] = layers.as_slice() else { panic!("{}: two inputs", case.name()) };
    let merged = HostileIterator::harmless(a).two_merge(HostileIterator::harmless(b));
    assert_eq!(run_without_errors("two_merge", merged), case.expected(), "{}", case.name());
}

pub(crate) fn merge_all(case: &Case) {
    let layers = case.layers();
    let slices = layers.iter().map(|layer| SliceIterator::new(layer));
    let entries: Vec<Entry> = MergeAllIterator::new(slices).collect().expect("slices do not fail");
    assert_eq!(entries, case.expected(), "{}", case.name());
}
