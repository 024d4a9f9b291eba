//! [`Coding`]: what of a key a code can be made of.

use std::cmp::Ordering;

use crate::Key;

/// What the codes of keys are made of. Which of the three it is depends on the key's type alone, so the compiler knows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coding<'k> {
    Bytes(&'k [u8], BytesOrder),
    /// The key is a code itself.
    Integer(u64),
    /// There are no codes: the keys are compared themselves.
    None,
}

impl<'k> Coding<'k> {
    #[inline]
    pub(super) fn of<K: ?Sized + Key>(key: &'k K) -> Self {
        if let Some(bytes) = key.ordered_bytes() {
            Coding::Bytes(bytes, BytesOrder::of::<K>())
        } else if let Some(integer) = key.ordered_integer() {
            Coding::Integer(integer)
        } else {
            Coding::None
        }
    }
}

/// The code of keys that have none.
pub(super) const NO_CODE: u64 = 0;

/// Whether keys are ordered as their bytes are. It depends on the key's type alone, so the compiler knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BytesOrder {
    Ascending,
    Descending,
}

impl BytesOrder {
    #[inline]
    fn of<K: ?Sized + Key>() -> Self {
        if K::BYTES_DESCEND { BytesOrder::Descending } else { BytesOrder::Ascending }
    }

    /// What stands for a column in a code.
    #[inline]
    pub(super) fn column(self, column: u64) -> u64 {
        match self {
            BytesOrder::Ascending => column,
            BytesOrder::Descending => !column,
        }
    }

    /// The order of two keys whose bytes compare as `bytes`.
    #[inline]
    pub(super) fn of_keys(self, bytes: Ordering) -> Ordering {
        match self {
            BytesOrder::Ascending => bytes,
            BytesOrder::Descending => bytes.reverse(),
        }
    }
}

/// Eight bytes of `key` from `offset` on, big-endian, padded with zeros behind its end.
#[inline]
pub(super) fn column_at(key: &[u8], offset: usize) -> u64 {
    match key.get(offset..).and_then(<[u8]>::first_chunk) {
        Some(chunk) => u64::from_be_bytes(*chunk),
        None => last_column(key, offset),
    }
}

/// The column of `key` at `offset`, from which on there are less than 8 bytes.
#[inline]
fn last_column(key: &[u8], offset: usize) -> u64 {
    let left = key.len().saturating_sub(offset);
    match key.last_chunk() {
        // The last 8 bytes, with those before the offset shifted out.
        Some(last) => u64::from_be_bytes(*last).checked_shl((64 - 8 * left) as u32).unwrap_or(0),
        None => {
            let mut padded = [0; 8];
            padded[..left].copy_from_slice(&key[key.len() - left..]);
            u64::from_be_bytes(padded)
        }
    }
}
