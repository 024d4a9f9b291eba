use super::random::mix;
use super::{BenchKey, Keys};

/// An entry of a source as the peers get it.
pub(crate) type Entry<'a, K> = (K, &'a [u8]);

/// The bytes of one source: keys and values in turn, end to end.
#[derive(Debug)]
pub(crate) struct Arena {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where an entry ends; it starts where the one before it ends.
#[derive(Clone, Copy, Debug)]
struct Place {
    key_end: usize,
    value_end: usize,
}

impl Arena {
    /// Lays down an entry for each of `numbers`, which must ascend. Two sources have different values under one key.
    pub(super) fn new(keys: Keys, source: usize, numbers: &[u64], value_len: impl Fn(u64) -> usize) -> Self {
        let values: usize = numbers.iter().map(|&number| value_len(number)).sum();
        let mut bytes = Vec::with_capacity(numbers.len() * keys.len() + values);
        let mut places = Vec::with_capacity(numbers.len());
        for &number in numbers {
            keys.write(number, &mut bytes);
            let key_end = bytes.len();
            let filling = mix(number ^ mix(source as u64)).to_le_bytes();
            let value_len = value_len(number);
            bytes.extend(&filling[..value_len.min(filling.len())]);
            bytes.resize(key_end + value_len, filling[0]);
            places.push(Place { key_end, value_end: bytes.len() });
        }
        Arena { bytes, places }
    }

    /// The source: pairs that borrow from the arena.
    pub(crate) fn entries<'a, K: BenchKey<'a>>(&'a self) -> Vec<Entry<'a, K>> {
        let mut start = 0;
        let entry = |place: &Place| {
            let entry = (K::read(&self.bytes[start..place.key_end]), &self.bytes[place.key_end..place.value_end]);
            start = place.value_end;
            entry
        };
        self.places.iter().map(entry).collect()
    }
}
