//! [`TableKey`]: how the tables store a key.

use std::borrow::Borrow;
use std::cmp::Ordering;

/// The longest key that is stored in place. With it a key takes 24 bytes, no more than a boxed slice and its allocation
/// would.
const INLINE: usize = 22;

/// A key of a table: in place if it is short, in an allocation of its own if not.
///
/// A search in a big table is a chain of cache misses, one for each key it looks at. A short key lies in the node that
/// the search has loaded already, which saves half of them.
pub(super) enum TableKey {
    Inline { len: u8, bytes: [u8; INLINE] },
    Allocated(Box<[u8]>),
}

impl TableKey {
    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            TableKey::Inline { len, bytes } => &bytes[..usize::from(*len)],
            TableKey::Allocated(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for TableKey {
    #[inline]
    fn from(key: &[u8]) -> Self {
        match u8::try_from(key.len()) {
            Ok(len) if key.len() <= INLINE => {
                let mut bytes = [0; INLINE];
                bytes[..key.len()].copy_from_slice(key);
                TableKey::Inline { len, bytes }
            }
            _ => TableKey::Allocated(Box::from(key)),
        }
    }
}

/// So that the maps search by `&[u8]`: the order is that of the slices.
impl Borrow<[u8]> for TableKey {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Ord for TableKey {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl PartialOrd for TableKey {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for TableKey {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for TableKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back_and_sorts_as_its_slice() {
        let slices: Vec<Vec<u8>> = (0..=64).flat_map(|len| [vec![0; len], vec![255; len]]).collect();
        for a in &slices {
            assert_eq!(TableKey::from(a.as_slice()).as_slice(), a);
            for b in &slices {
                assert_eq!(TableKey::from(a.as_slice()).cmp(&TableKey::from(b.as_slice())), a.cmp(b));
                assert_eq!(TableKey::from(a.as_slice()) == TableKey::from(b.as_slice()), a == b);
            }
        }
    }

    #[test]
    fn a_key_takes_24_bytes() {
        assert_eq!(size_of::<TableKey>(), 24);
    }
}
