//! [`Layers`]: what a merge is fed with.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use quickcheck::{Arbitrary, Gen};

use super::below;

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Entries whose keys strictly ascend.
pub type Layer = Vec<Entry>;

/// 0 to 17 layers, the newest first.
///
/// All layers draw their keys from one small pool, so most keys are in several layers. The pool is rich in what byte keys
/// are confused by: the empty key, keys that are prefixes of each other, long shared prefixes, trailing zero bytes, the
/// largest bytes. Every fourth value is empty; the others tell their layer, so that an entry of the wrong one is noticed.
///
/// Shrinking works on the whole: it drops a layer, then half a layer, then an entry, then shortens a key, in all
/// layers first and then in one, or a value. The layers stay sorted all the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers(pub Vec<Layer>);

impl Layers {
    /// The most layers that [`Arbitrary`] makes.
    pub const MOST: usize = 17;

    /// The layer at `index`, or an empty one.
    pub fn layer(&self, index: usize) -> &[Entry] {
        self.0.get(index).map_or(&[], Vec::as_slice)
    }

    /// Whether every layer ascends strictly, as a layer must.
    pub fn are_sorted(&self) -> bool {
        self.0.iter().all(|layer| layer.is_sorted_by(|a, b| a.0 < b.0))
    }

    /// The number of entries in all layers.
    pub fn entry_count(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

impl Arbitrary for Layers {
    fn arbitrary(g: &mut Gen) -> Self {
        // Few layers half of the time: small inputs find most bugs, and find them sooner.
        let count = if bool::arbitrary(g) { below(g, 4) } else { below(g, Self::MOST + 1) };
        let pool = key_pool(g);
        Layers((0..count).map(|layer| arbitrary_layer(g, &pool, layer)).collect())
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

/// Byte strings to try instead of this one, all shorter.
fn shorter(bytes: &[u8]) -> Vec<Vec<u8>> {
    match bytes.len() {
        0 => vec![],
        1 => vec![vec![]],
        length => vec![bytes[..length / 2].to_vec(), bytes[..length - 1].to_vec(), bytes[1..].to_vec()],
    }
}

/// Between one key and two dozen, none twice.
fn key_pool(g: &mut Gen) -> Vec<Vec<u8>> {
    let shared_prefix: Vec<u8> = iter::repeat_n(b"0123456789abcdef", 4).flatten().copied().collect();
    let shared_prefix = &shared_prefix[..below(g, shared_prefix.len() + 1)];
    let mut pool = vec![];
    for _ in 0..=below(g, 24) {
        let family = below(g, 8);
        let derived_from: Vec<u8> = g.choose(&pool).cloned().unwrap_or_default();
        pool.push(match family {
            0 => vec![],
            1 => vec![u8::arbitrary(g)],
            2 => [shared_prefix, &short_key(g)].concat(),
            3 => [&derived_from[..], &[0]].concat(),
            4 => [&derived_from[..], &short_key(g)].concat(),
            5 => derived_from[..below(g, derived_from.len() + 1)].to_vec(),
            6 => vec![0xFF; below(g, 18)],
            _ => short_key(g),
        });
    }
    pool.sort();
    pool.dedup();
    pool
}

/// Up to nine bytes, so that keys end on both sides of an eight-byte border, and few different ones.
fn short_key(g: &mut Gen) -> Vec<u8> {
    (0..below(g, 10)).map(|_| *g.choose(&[0, 1, b'a', b'b', 0xFF]).expect("not empty")).collect()
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
