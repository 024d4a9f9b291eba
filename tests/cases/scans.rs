//! Scans and look-ups of the layers of a store, without versions.

use storage_iter::{MergeIterator, StorageIterator};

use super::case::{Case, runs};
use super::support::{HostileIterator, Layer, run_without_errors};

/// Live entries between the bounds, with the bounds at the source and above the merge.
pub(crate) fn scan(case: &Case) {
    let layers = case.layers();
    let bounds = (case.bound("lower"), case.bound("upper"));
    let (lower, upper) = (bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice));

    let leaves = layers.iter().map(|layer| HostileIterator::harmless(layer));
    let above = MergeIterator::new(leaves).between(lower, upper).skip_tombstones();
    assert_eq!(run_without_errors("scan", above), case.expected(), "{}", case.name());

    let runs = runs(&layers);
    let scans = runs.iter().map(|run| run.scan(lower, upper));
    let of_runs = MergeIterator::new(scans).skip_tombstones();
    assert_eq!(run_without_errors("scan of runs", of_runs), case.expected(), "{}", case.name());

    #[cfg(feature = "mem-table")]
    {
        let tables = super::case::tables(&layers);
        let scans = tables.iter().map(|table| table.scan(lower, upper));
        let of_tables = MergeIterator::new(scans).skip_tombstones();
        assert_eq!(run_without_errors("scan of tables", of_tables), case.expected(), "{}", case.name());
    }
}

/// The first layer that knows the key decides; a tombstone there means that there is no value.
pub(crate) fn get(case: &Case) {
    let layers = case.layers();
    let key = case.key();
    let check = |value: Option<Vec<u8>>| {
        let live = value.filter(|value| !value.is_empty());
        assert_eq!(Layer::from_iter(live.map(|value| (key.clone(), value))), case.expected(), "{}", case.name());
    };

    let of_runs = runs(&layers).iter().find_map(|run| run.get(key.as_slice()).map(<[u8]>::to_vec));
    check(of_runs);

    #[cfg(feature = "mem-table")]
    {
        let tables = super::case::tables(&layers);
        let of_tables = tables.iter().find_map(|table| table.get(&key).map(|value| value.to_vec()));
        check(of_tables);
    }
}
