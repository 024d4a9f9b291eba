//! [`Stem`]: codes of keys by what follows the bytes that all of them begin with.

use super::code::{BytesOrder, column_at};
use crate::key::shared_prefix_len;

/// The bytes with which keys begin, or have begun.
///
/// The *leading code* of a key is made of the 8 bytes behind them: the key with the less code is less, and of equal codes either may
/// be. Keys that do not begin with the stem must come behind those that do; all of these have one code, the greatest.
#[derive(Clone, Debug)]
pub(super) struct Stem {
    bytes: Vec<u8>,
    is_found: bool,
    /// Of a key's first 16 bytes, those that belong to the stem, and what they are.
    mask: u128,
    first: u128,
}

/// There is room for no more.
const LONGEST: usize = 64;

/// The code of keys that do not begin with the stem.
pub(super) const OFF_THE_STEM: u64 = u64::MAX;

impl Stem {
    pub(super) fn new() -> Self {
        Stem { bytes: Vec::with_capacity(LONGEST), is_found: false, mask: 0, first: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it is quickly found out that a key begins with it.
    #[inline]
    pub(super) fn is_short(&self) -> bool {
        self.len() <= 16
    }

    /// Makes it what all these keys begin with; later, shortens it to that.
    ///
    /// It never grows: keys that lie next to each other have more in common than those to come, and there would be no end of it.
    pub(super) fn fit<'k>(&mut self, mut keys: impl Iterator<Item = &'k [u8]>) {
        if !self.is_found
            && let Some(first) = keys.next()
        {
            self.bytes.extend_from_slice(&first[..first.len().min(LONGEST)]);
            self.is_found = true;
        }
        let length = keys.map(|key| shared_prefix_len(&self.bytes, key)).fold(self.len(), usize::min);
        self.shorten_to(length);
    }

    fn shorten_to(&mut self, length: usize) {
        self.bytes.truncate(length);
        let [first, second] = [0, 8].map(|offset| u128::from(column_at(&self.bytes, offset)));
        self.first = first << 64 | second;
        self.mask = u128::MAX.checked_shl((128 - 8 * self.len().min(16)) as u32).unwrap_or(0);
    }

    /// Whether `key` begins with it.
    #[inline(always)]
    pub(super) fn begins(&self, key: &[u8]) -> bool {
        match (self.len(), key.first_chunk::<16>(), key.first_chunk::<8>()) {
            (..=16, Some(first), _) => u128::from_be_bytes(*first) & self.mask == self.first,
            (..=8, _, Some(first)) => u128::from(u64::from_be_bytes(*first)) << 64 & self.mask == self.first,
            _ => key.starts_with(&self.bytes),
        }
    }

    /// The leading code of `key`.
    #[inline(always)]
    pub(super) fn code_of(&self, key: &[u8], order: BytesOrder) -> u64 {
        if self.begins(key) { order.column(column_at(key, self.bytes.len())) } else { OFF_THE_STEM }
    }
}
