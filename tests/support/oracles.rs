//! What should come out, computed from the whole input with std's and itertools' means.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};

use itertools::Itertools;

use super::Entry;

/// The newest entry of every key, by folding the layers into a map, the oldest first.
pub fn newest<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<(K, V)> {
    let mut map = BTreeMap::new();
    for layer in layers.iter().rev() {
        for (key, value) in layer {
            // Not `insert`, which would keep the older layer's key where keys are equal and yet not the same.
            map.remove(key);
            map.insert(key.clone(), value.clone());
        }
    }
    map.into_iter().collect()
}

/// The same by itertools: `kmerge_by` and `dedup_by`.
pub fn newest_by_itertools<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<(K, V)> {
    tagged(layers).dedup_by(|(_, a), (_, b)| a.0 == b.0).map(|(_, entry)| entry.clone()).collect()
}

/// The index of the layer that every entry of [`newest`] comes from.
pub fn newest_sources<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<usize> {
    let mut map = BTreeMap::new();
    for (index, layer) in layers.iter().enumerate().rev() {
        map.extend(layer.iter().map(|(key, _)| (key, index)));
    }
    map.into_values().collect()
}

/// Every entry of every layer with its layer's index: by key, then the newest first.
pub fn all_versions<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<(usize, (K, V))> {
    let mut all: Vec<(usize, (K, V))> = vec![];
    for (index, layer) in layers.iter().enumerate() {
        all.extend(layer.iter().map(|entry| (index, entry.clone())));
    }
    all.sort_by(|(a_index, (a, _)), (b_index, (b, _))| (a, a_index).cmp(&(b, b_index)));
    all
}

/// The same by itertools.
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
    entries.iter().filter(|(_, value)| !value.is_empty()).cloned().collect()
}

/// The entries between two bounds, which may leave no room.
pub fn between(entries: &[Entry], lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Vec<Entry> {
    entries.iter().filter(|(key, _)| RangeBounds::<[u8]>::contains(&(lower, upper), key.as_slice())).cloned().collect()
}
