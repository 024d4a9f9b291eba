//! [`Input`]: bytes, read as decisions.

use storage_iter::testing::{Entry, Fault, FaultScript, Layers, Operation};

/// The longest shared prefix of keys that is made.
const PREFIX: [u8; 70] = [b'p'; 70];

/// Bytes, read as decisions; behind their end all are 0. A decision takes one byte, so that inserting and removing bytes
/// moves what follows and does not scramble it.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Input(bytes)
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    /// One of `0..end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// A key: few different bytes, often behind a long prefix, with lengths on both sides of eight bytes.
    pub fn key(&mut self) -> Vec<u8> {
        let shape = self.byte();
        let prefix = match shape % 8 {
            0..=3 => 0,
            4 => 7,
            5 => 8,
            6 => 16,
            _ => PREFIX.len(),
        };
        let length = usize::from(shape / 8 % 12);
        let mut key = PREFIX[..prefix].to_vec();
        key.extend((0..length).map(|_| match self.byte() {
            byte @ 0..=3 => byte.wrapping_sub(2),
            byte => byte,
        }));
        key
    }

    /// Sorted layers over one pool of keys. The values tell their layer.
    pub fn layers(&mut self) -> Layers {
        let count = self.below(21);
        let pool: Vec<Vec<u8>> = (0..1 + self.below(16)).map(|_| self.key()).collect();
        let layer = |number: usize, input: &mut Self| -> Vec<Entry> {
            let mut entries = std::collections::BTreeMap::new();
            for _ in 0..input.below(pool.len() + 3) {
                let key = pool[input.below(pool.len())].clone();
                let value = if input.below(4) == 0 { vec![] } else { vec![number as u8; 1 + entries.len() % 3] };
                entries.insert(key, value);
            }
            entries.into_iter().collect()
        };
        Layers((0..count).map(|number| layer(number, self)).collect())
    }

    /// Calls that move a cursor, with targets near `keys`.
    pub fn operations(&mut self, keys: &[Vec<u8>]) -> Vec<Operation<Vec<u8>>> {
        let mut operations = vec![];
        for _ in 0..self.below(64) {
            operations.push(match self.byte() {
                0..=89 => Operation::Next,
                90..=179 => Operation::Prev,
                180..=209 => Operation::Seek(self.target(keys)),
                210..=239 => Operation::SeekForPrev(self.target(keys)),
                240..=247 => Operation::SeekToFirst,
                248..=255 => Operation::SeekToLast,
            });
        }
        operations
    }

    fn target(&mut self, keys: &[Vec<u8>]) -> Vec<u8> {
        let which = self.byte();
        let mut key = keys.get(usize::from(which / 4) % keys.len().max(1)).cloned().unwrap_or_default();
        match which % 4 {
            0 => {}
            1 => key.push(0),
            2 => _ = key.pop(),
            _ => key = self.key(),
        }
        key
    }

    /// Faults, of sources that share them.
    pub fn faults(&mut self, kinds: &[Fault]) -> FaultScript {
        FaultScript((0..self.below(10)).map(|_| (self.below(20), kinds[self.below(kinds.len())])).collect())
    }
}
