//! Offset-value codes: how keys compare with another that is known to be no greater.
//!
//! The code of a key relative to a *base*, a key that is not greater, is made of the first *column*, 7 bytes, in which the two
//! differ: how many columns come before it, and what it holds. Of two keys with one base, that with the longer common part is less, and
//! of two that part from the base in the same column, that with the less column: so codes compare as their keys do, unless they are
//! equal, which leaves the keys to be compared from that column on. And the greater of two codes that differ is also its key's
//! code relative to the other key, so a loser keeps it. (Conner, Offset value coding, IBM Technical Disclosure Bulletin 20(7), 1977;
//! Do and Graefe, Offset-value coding in database query processing, EDBT 2023, section 3.) Offsets have to count columns, not bytes,
//! for the second sentence to hold.
//!
//! From the high bits to the low: columns before the difference, inverted: 8 | the column, big-endian, padded with zeros: 56.
//!
//! Where the keys' order is the [reverse](Key::BYTES_DESCEND) of that of their bytes, so is the order of their columns: the code
//! then has the complement of the column.

use std::cmp::Ordering;

use super::code::{BytesOrder, column_at};
#[cfg(doc)]
use crate::Key;
use crate::key::shared_prefix_len;

/// The bytes of a column.
const WIDTH: usize = 7;
/// From this column on, the code does not tell where the keys differ.
const FAR: usize = 255;

/// The code of a key that is its base.
pub(super) const EQUAL: u64 = 0;
/// The code of a key that differs from its base in the column [`FAR`] or behind.
const GREATER_FAR: u64 = 1;

/// The code of `key` if the first column in which it differs from its base is that of the byte at `shared`.
#[inline]
pub(super) fn code_of(key: &[u8], shared: usize, order: BytesOrder) -> u64 {
    let columns_before = shared / WIDTH;
    if columns_before >= FAR {
        return GREATER_FAR;
    }
    let column = order.column(column_at(key, columns_before * WIDTH));
    (((FAR - columns_before) as u64) << 56) | (column >> 8)
}

/// Compares two keys that have the code `code` relative to one base. Beside the order, the code of the greater relative to the less.
pub(super) fn compare(code: u64, one: &[u8], other: &[u8], order_of_bytes: BytesOrder) -> (Ordering, u64) {
    let offset = (FAR - (code >> 56) as usize) * WIDTH;
    let [one_rest, other_rest] = [one, other].map(|key| key.get(offset..).unwrap_or_default());
    let shared = shared_prefix_len(one_rest, other_rest);
    let order = order_of_bytes.of_keys(one_rest.get(shared).cmp(&other_rest.get(shared)));
    let code = match order {
        Ordering::Less => code_of(other, offset + shared, order_of_bytes),
        Ordering::Equal => EQUAL,
        Ordering::Greater => code_of(one, offset + shared, order_of_bytes),
    };
    (order, code)
}
