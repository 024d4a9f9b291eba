//! Layers with many versions of a key: what a snapshot sees of them, and what a compaction keeps.
//!
//! The cases number the versions in the order of the writes, and keep those of one key with the newest first, as a
//! `VersionedKey` does. The sources lend encoded versions, as a table of bytes would.

#[cfg(feature = "mem-table")]
use std::ops::Bound;

use storage_iter::{MergeIterator, OwnedVersionedKey, SeekableIterator, StorageIterator, Versioned, VersionedKey};

use super::case::{Case, Versions};
use super::support::{HostileIterator, Layer, run_without_errors};

/// What the snapshot sees between the bounds, with the bounds at the tables, above these, and above the snapshot.
pub(crate) fn scan(case: &Case) {
    let layers = encoded(&case.versions());
    let (lower, upper) = (case.bound("lower"), case.bound("upper"));
    let (lower, upper) = (lower.as_ref().map(Vec::as_slice), upper.as_ref().map(Vec::as_slice));
    let check = |name, entries: Layer| assert_eq!(entries, case.expected(), "{name}: {}", case.name());

    let above = MergeIterator::new(leaves(&layers)).at(case.snapshot()).between(lower, upper).skip_tombstones();
    check("bounds above", run_without_errors("scan", above));

    let (oldest, newest) = (VersionedKey::lower_bound(lower), VersionedKey::upper_bound(upper));
    let below = leaves(&layers).map(|leaf| leaf.between(oldest.clone(), newest.clone()));
    let below = MergeIterator::new(below).at(case.snapshot()).skip_tombstones();
    check("bounds below", run_without_errors("scan", below));

    #[cfg(feature = "mem-table")]
    {
        let bytes = |bound: &Bound<OwnedVersionedKey>| bound.as_ref().map(|key| key.as_bytes().to_vec());
        let (oldest, newest) = (bytes(&oldest), bytes(&newest));
        let (oldest, newest) = (oldest.as_ref().map(Vec::as_slice), newest.as_ref().map(Vec::as_slice));
        let tables = super::case::tables(&layers);
        let scans = tables.iter().map(|table| table.scan(oldest, newest).versioned_keys());
        let of_tables = MergeIterator::new(scans).at(case.snapshot()).skip_tombstones();
        check("bounds at the tables", run_without_errors("scan of tables", of_tables));
    }
}

/// What the snapshot sees of one key: found by a seek, and among the versions of that key alone.
pub(crate) fn get(case: &Case) {
    let layers = encoded(&case.versions());
    let key = case.key();

    let mut live = MergeIterator::new(leaves(&layers)).at(case.snapshot()).skip_tombstones();
    let is_found = live.seek(&key).expect("these sources do not fail") && live.key() == key;
    let entry = is_found.then(|| (live.key().to_vec(), live.value().to_vec()));
    assert_eq!(Layer::from_iter(entry), case.expected(), "{}", case.name());

    let versions = MergeIterator::new(leaves(&layers).map(|leaf| leaf.versions_of(&key)));
    let of_key = versions.at(case.snapshot()).skip_tombstones();
    assert_eq!(run_without_errors("get", of_key), case.expected(), "{}", case.name());
}

/// A full compaction: nothing lies below what it reads. The oldest snapshot that is held is the watermark in the cases as
/// in ours. Their compaction filter, which drops what nobody sees any more by the prefix of its key, is a filter here, in
/// front of the garbage collection or behind it.
pub(crate) fn collect_garbage(case: &Case) {
    let layers = encoded(&case.versions());
    let (watermark, drop_prefix) = (case.watermark(), case.drop_prefix());
    let stays = |key: &VersionedKey, _: &[u8]| {
        let is_to_go = drop_prefix.as_ref().is_some_and(|prefix| key.user_key().starts_with(prefix));
        key.sequence() > watermark || !is_to_go
    };
    let check = |kept: Versions| assert_eq!(kept, case.expected_versions(), "{}", case.name());

    let kept = MergeIterator::new(leaves(&layers)).collect_garbage(watermark, |_| false).filter(stays);
    check(run_without_errors("collect_garbage, then the filter", kept));

    let kept = MergeIterator::new(leaves(&layers)).filter(stays).collect_garbage(watermark, |_| false);
    check(run_without_errors("the filter, then collect_garbage", kept));
}

fn encoded(layers: &[Versions]) -> Vec<Layer> {
    let encode = |(key, value): &(OwnedVersionedKey, Vec<u8>)| (key.as_bytes().to_vec(), value.clone());
    layers.iter().map(|versions| versions.iter().map(encode).collect()).collect()
}

fn leaves(
    layers: &[Layer],
) -> impl Iterator<Item = impl SeekableIterator<Key = VersionedKey, Value = [u8], Error: std::fmt::Debug> + use<>> {
    layers.iter().map(|layer| HostileIterator::harmless(layer).versioned_keys()).collect::<Vec<_>>().into_iter()
}
