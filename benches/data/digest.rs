use std::hash::{Hash, Hasher};

/// A checksum of a sequence of entries: of every byte of them, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) entries: usize,
    pub(crate) keys: Words,
    pub(crate) values: Words,
}

impl Digest {
    pub(crate) fn add<K: ?Sized + Hash>(&mut self, key: &K, value: &[u8]) {
        self.entries += 1;
        key.hash(&mut self.keys);
        value.hash(&mut self.values);
    }
}

/// A hasher that takes eight bytes at a time: the std one would take longer than the merges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(u64);

impl Hasher for Words {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // Rotating makes it depend on the order; the odd factor loses nothing.
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}
