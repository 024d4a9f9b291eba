//! What should come out: the kit's oracle, and a second one by itertools.

use std::ops::Bound;

use itertools::Itertools;
pub use storage_iter::testing::oracle::{all_versions, newest, newest_sources};

use super::Entry;

/// [`newest`] by itertools: `kmerge_by` and `dedup_by`.
pub fn newest_by_itertools<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<(K, V)> {
    tagged(layers).dedup_by(|(_, a), (_, b)| a.0 == b.0).map(|(_, entry)| entry.clone()).collect()
}

/// [`all_versions`] by itertools.
pub fn all_versions_by_itertools<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<(usize, (K, V))> {
    tagged(layers).map(|(index, entry)| (index, entry.clone())).collect()
}

fn tagged<K: Ord, V>(layers: &[Vec<(K, V)>]) -> impl Iterator<Item = (usize, &(K, V))> {
    layers
        .iter()
        .enumerate()
        .map(|(index, layer)| layer.iter().map(move |entry| (index, entry)))
        .kmerge_by(|(a_index, (a, _)), (b_index, (b, _))| (a, a_index) < (b, b_index))
}

/// The entries that are not deleted.
pub fn live(entries: &[Entry]) -> Vec<Entry> {
    storage_iter::testing::oracle::live(entries, Vec::is_empty)
}

/// The entries between two bounds, which may leave no room.
pub fn between(entries: &[Entry], lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Vec<Entry> {
    storage_iter::testing::oracle::between(entries, lower, upper)
}
