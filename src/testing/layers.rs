//! [`Layers`]: what a merge is fed with.

use std::collections::{BTreeMap, BTreeSet};

use quickcheck::{Arbitrary, Gen};

use super::random::{below, key_pool, short_key, shorter};

/// A key and its value, both byte strings.
///
/// ```
/// use storage_iter::testing::Entry;
///
/// let entry: Entry = (b"apple".to_vec(), b"red".to_vec());
/// assert_eq!(entry.0, b"apple");
/// ```
pub type Entry = (Vec<u8>, Vec<u8>);

/// Entries whose keys ascend strictly.
///
/// ```
/// use storage_iter::testing::Layer;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let layer: Layer = vec![(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
/// assert_eq!(SliceIterator::new(&layer).count(), Ok(2));
/// ```
pub type Layer = Vec<Entry>;

/// Sorted layers, the newest first: random input for whatever merges.
///
/// quickcheck makes 0 to 17 of them, each with 0 to 24 entries. All layers draw their keys from one small pool, so most keys are in several layers. The pool is rich in what byte keys
/// are confused by: the empty key, keys that are prefixes of each other, long shared prefixes, trailing zero bytes, the
/// largest bytes. Every fourth value is empty; the others tell their layer, so that an entry of the wrong one is noticed.
///
/// Shrinking works on the whole: it drops a layer, then half a layer, then an entry, then shortens a key, in all
/// layers first and then in one, or a value. The layers stay sorted all the time.
///
/// ```
/// use quickcheck::QuickCheck;
/// use storage_iter::testing::{Layers, oracle};
/// use storage_iter::{MergeIterator, SliceIterator, StorageIterator};
///
/// fn merging_is_right(layers: Layers) -> bool {
///     let merged = MergeIterator::new(layers.0.iter().map(|layer| SliceIterator::new(layer)));
///     merged.collect::<Vec<_>>().unwrap() == oracle::newest(&layers.0)
/// }
/// QuickCheck::new().quickcheck(merging_is_right as fn(Layers) -> bool);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layers(pub Vec<Layer>);

impl Layers {
    /// The most layers that quickcheck makes.
    ///
    /// ```
    /// use quickcheck::{Arbitrary, Gen};
    /// use storage_iter::testing::Layers;
    ///
    /// assert!(Layers::arbitrary(&mut Gen::new(100)).0.len() <= Layers::MOST);
    /// ```
    pub const MOST: usize = 17;

    /// Five layers for tests with fixed input: every kind of tie, tombstones, the empty key, an empty layer.
    ///
    /// ```
    /// use storage_iter::testing::Layers;
    ///
    /// assert!(Layers::sample().layer(0)[0].0.is_empty());
    /// assert!(Layers::sample().layer(2).is_empty());
    /// ```
    #[must_use]
    pub fn sample() -> Self {
        let layer = |entries: &[(&str, &str)]| -> Layer {
            entries.iter().map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
        };
        Layers(vec![
            layer(&[("", "e0"), ("b", ""), ("c", "c0"), ("f", "f0")]),
            layer(&[("a", "a1"), ("b", "b1"), ("c\0", ""), ("d", "d1"), ("f", "")]),
            layer(&[]),
            layer(&[("", ""), ("b", "b3"), ("d", ""), ("e", "e3"), ("g", "g3")]),
            layer(&[("b", "b4"), ("c", "c4"), ("c\0", "c00"), ("ca", "4")]),
        ])
    }

    /// The layer at `index`, or an empty one.
    ///
    /// ```
    /// use storage_iter::testing::Layers;
    ///
    /// assert!(Layers(vec![]).layer(7).is_empty());
    /// ```
    #[must_use]
    pub fn layer(&self, index: usize) -> &[Entry] {
        self.0.get(index).map_or(&[], Vec::as_slice)
    }

    /// Whether every layer ascends strictly, as a layer must.
    ///
    /// ```
    /// use storage_iter::testing::Layers;
    ///
    /// assert!(Layers::sample().are_sorted());
    /// assert!(!Layers(vec![vec![(vec![], vec![]); 2]]).are_sorted());
    /// ```
    #[must_use]
    pub fn are_sorted(&self) -> bool {
        self.0.iter().all(|layer| layer.is_sorted_by(|a, b| a.0 < b.0))
    }

    /// The number of entries in all layers.
    ///
    /// ```
    /// use storage_iter::testing::Layers;
    ///
    /// assert_eq!(Layers::sample().entry_count(), 18);
    /// ```
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// The same layers with keys of another type: each layer is sorted anew, and of keys that became equal within a layer one
    /// is left.
    ///
    /// ```
    /// use storage_iter::testing::Layers;
    ///
    /// let by_length = Layers::sample().with_keys(|bytes| bytes.len());
    /// assert_eq!(by_length[0], [(0, b"e0".to_vec()), (1, b"".to_vec())]);
    /// ```
    #[must_use]
    pub fn with_keys<K: Ord>(&self, key: impl Fn(&[u8]) -> K) -> Vec<Vec<(K, Vec<u8>)>> {
        let rekeyed = self.0.iter().map(|layer| {
            let mut entries: Vec<_> = layer.iter().map(|(bytes, value)| (key(bytes), value.clone())).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.dedup_by(|(a, _), (b, _)| a == b);
            entries
        });
        rekeyed.collect()
    }
}

impl Arbitrary for Layers {
    fn arbitrary(g: &mut Gen) -> Self {
        // Few layers half of the time: small inputs find most bugs, and find them sooner.
        let count = if bool::arbitrary(g) { below(g, 4) } else { below(g, Self::MOST + 1) };
        Self::arbitrary_of_count(g, count)
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let without_a_layer = {
            let layers = self.clone();
            (0..layers.0.len()).map(move |index| layers.changed(|all| drop(all.remove(index))))
        };
        let halved = {
            let layers = self.clone();
            (0..layers.0.len()).filter(|&index| self.0[index].len() > 3).collect::<Vec<_>>().into_iter().flat_map(
                move |index| {
                    let middle = layers.0[index].len() / 2;
                    [
                        layers.changed(|all| drop(all[index].drain(..middle))),
                        layers.changed(|all| all[index].truncate(middle)),
                    ]
                },
            )
        };
        let without_an_entry = {
            let layers = self.clone();
            layers.positions().map(move |(layer, entry)| layers.changed(|all| drop(all[layer].remove(entry))))
        };
        let shorter_key_everywhere = {
            let layers = self.clone();
            layers.keys().into_iter().flat_map(move |key| {
                let rekeyed = |short: &Vec<u8>| layers.rekeyed(|other| if other == key { short } else { other });
                shorter(&key).iter().filter_map(rekeyed).collect::<Vec<_>>()
            })
        };
        let without_first_bytes = {
            let is_smaller = self.keys().iter().any(|key| !key.is_empty());
            is_smaller.then(|| self.rekeyed(|key| key.get(1..).unwrap_or_default())).flatten()
        };
        let shorter_key = {
            let layers = self.clone();
            layers.positions().flat_map(move |(layer, entry)| {
                let (key, value) = &layers.0[layer][entry];
                shorter(key)
                    .into_iter()
                    .filter_map(|key| layers.with_entry(layer, entry, (key, value.clone())))
                    .collect::<Vec<_>>()
            })
        };
        let shorter_value = {
            let layers = self.clone();
            layers.positions().flat_map(move |(layer, entry)| {
                let (key, value) = &layers.0[layer][entry];
                shorter(value)
                    .into_iter()
                    .filter_map(|value| layers.with_entry(layer, entry, (key.clone(), value)))
                    .collect::<Vec<_>>()
            })
        };
        let fewer = without_a_layer.chain(halved).chain(without_an_entry);
        // Entries that tie must go on to tie, so a key is first shortened in all layers at once.
        let shorter =
            without_first_bytes.into_iter().chain(shorter_key_everywhere).chain(shorter_key).chain(shorter_value);
        Box::new(fewer.chain(shorter))
    }
}

impl Layers {
    pub(super) fn arbitrary_of_count(g: &mut Gen, count: usize) -> Self {
        let pool = key_pool(g);
        Layers((0..count).map(|layer| arbitrary_layer(g, &pool, layer)).collect())
    }

    fn changed(&self, change: impl FnOnce(&mut Vec<Layer>)) -> Self {
        let mut layers = self.clone();
        change(&mut layers.0);
        layers
    }

    /// Every place of an entry, as the indices of its layer and in its layer.
    fn positions(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let lengths: Vec<usize> = self.0.iter().map(Vec::len).collect();
        lengths.into_iter().enumerate().flat_map(|(layer, length)| (0..length).map(move |entry| (layer, entry)))
    }

    /// All keys, each once.
    fn keys(&self) -> BTreeSet<Vec<u8>> {
        self.0.iter().flatten().map(|(key, _)| key.clone()).collect()
    }

    /// The same with other keys, if no two of one layer become equal.
    fn rekeyed<'a>(&'a self, new_key: impl Fn(&'a [u8]) -> &'a [u8]) -> Option<Self> {
        let rekeyed = self.0.iter().map(|layer| {
            let entries: BTreeMap<_, _> =
                layer.iter().map(|(key, value)| (new_key(key).to_vec(), value.clone())).collect();
            (entries.len() == layer.len()).then(|| entries.into_iter().collect())
        });
        rekeyed.collect::<Option<_>>().map(Layers)
    }

    /// The same with another entry at that place, if the layer has no other entry with the new key.
    fn with_entry(&self, layer: usize, entry: usize, new: Entry) -> Option<Self> {
        let mut layers = self.clone();
        let entries = &mut layers.0[layer];
        entries.remove(entry);
        let place = entries.binary_search_by(|(key, _)| key.cmp(&new.0)).err()?;
        entries.insert(place, new);
        Some(layers)
    }
}

fn arbitrary_layer(g: &mut Gen, pool: &[Vec<u8>], layer: usize) -> Layer {
    let mut entries = BTreeMap::new();
    // Sometimes nothing, sometimes nearly the whole pool.
    for _ in 0..below(g, pool.len() + 2) {
        let key = g.choose(pool).expect("a pool is not empty").clone();
        let value = match below(g, 4) {
            0 => vec![],
            1 => vec![layer as u8],
            _ => [&[layer as u8], short_key(g).as_slice()].concat(),
        };
        entries.insert(key, value);
    }
    entries.into_iter().collect()
}
