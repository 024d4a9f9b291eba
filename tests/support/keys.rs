//! Keys of other types than byte strings.

use std::cmp::Ordering;

use storage_iter::Key;

use super::Layers;

/// `layers` with other keys.
pub fn layers_of<K: Ord>(layers: &Layers, key: impl Fn(&[u8]) -> K) -> Vec<Vec<(K, Vec<u8>)>> {
    layers.with_keys(key)
}

/// A key type of somebody else, whose order is not that of its bytes: the longer one is less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByLength(pub Vec<u8>);

impl Key for ByLength {}

impl PartialOrd for ByLength {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByLength {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.len().cmp(&self.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}
