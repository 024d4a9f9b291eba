//! What should come out, computed from the whole input in the plainest way that std offers: nothing here shares a line with the
//! iterators that it judges.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};

/// The newest entry of every key: what a merge of `layers`, the newest first, must give.
///
/// ```
/// use storage_iter::testing::oracle;
///
/// let layers = [vec![(2, "new")], vec![(1, "old"), (2, "old")]];
/// assert_eq!(oracle::newest(&layers), [(1, "old"), (2, "new")]);
/// ```
#[must_use]
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

/// The index of the layer that every entry of [`newest`] comes from.
///
/// ```
/// use storage_iter::testing::oracle;
///
/// assert_eq!(oracle::newest_sources(&[vec![(2, "new")], vec![(1, "old"), (2, "old")]]), [1, 0]);
/// ```
#[must_use]
pub fn newest_sources<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<usize> {
    let mut map = BTreeMap::new();
    for (index, layer) in layers.iter().enumerate().rev() {
        map.extend(layer.iter().map(|(key, _)| (key, index)));
    }
    map.into_values().collect()
}

/// Every entry of every layer with its layer's index, by key, then the newest first: what a merge that keeps duplicates must give.
///
/// ```
/// use storage_iter::testing::oracle;
///
/// let layers = [vec![(2, "new")], vec![(1, "old"), (2, "old")]];
/// assert_eq!(oracle::all_versions(&layers), [(1, (1, "old")), (0, (2, "new")), (1, (2, "old"))]);
/// ```
#[must_use]
pub fn all_versions<K: Ord + Clone, V: Clone>(layers: &[Vec<(K, V)>]) -> Vec<(usize, (K, V))> {
    let mut all: Vec<(usize, (K, V))> = vec![];
    for (index, layer) in layers.iter().enumerate() {
        all.extend(layer.iter().map(|entry| (index, entry.clone())));
    }
    all.sort_by(|(a_index, (a, _)), (b_index, (b, _))| (a, a_index).cmp(&(b, b_index)));
    all
}

/// The entries that are not deleted: what skipping tombstones must leave.
///
/// ```
/// use storage_iter::testing::oracle;
///
/// assert_eq!(oracle::live(&[("a", "1"), ("b", "")], |value| value.is_empty()), [("a", "1")]);
/// ```
#[must_use]
pub fn live<K: Clone, V: Clone>(entries: &[(K, V)], is_tombstone: impl Fn(&V) -> bool) -> Vec<(K, V)> {
    entries.iter().filter(|(_, value)| !is_tombstone(value)).cloned().collect()
}

/// The entries between two bounds, which may leave no room.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::testing::oracle;
///
/// let entries = [(1, "a"), (2, "b"), (3, "c")];
/// assert_eq!(oracle::between(&entries, Bound::Excluded(&1), Bound::Included(&2)), [(2, "b")]);
/// assert_eq!(oracle::between(&entries, Bound::Included(&3), Bound::Excluded(&1)), []);
/// ```
#[must_use]
pub fn between<Q, K, V>(entries: &[(K, V)], lower: Bound<&Q>, upper: Bound<&Q>) -> Vec<(K, V)>
where
    Q: ?Sized + Ord,
    K: Borrow<Q> + Clone,
    V: Clone,
{
    entries.iter().filter(|(key, _)| RangeBounds::<Q>::contains(&(lower, upper), key.borrow())).cloned().collect()
}
