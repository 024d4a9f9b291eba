//! [`check_key_contract`]: what a key type says of its order.

use std::cmp::Ordering;

use crate::Key;
use crate::key::Shown;

/// Checks that [`Key`] and [`Ord`] of a type agree on `keys`, each with each: the order is total and agrees with `==` and `<`; there
/// are [ordered bytes](Key::ordered_bytes) for all keys or for none, and likewise [integers](Key::ordered_integer); and their order is
/// that of the keys.
///
/// Give keys that differ in their last byte only, in length only, in trailing zeros, and the least and the greatest.
///
/// # Panics
///
/// At the first pair of keys on which they do not agree.
///
/// ```
/// use storage_iter::testing::check_key_contract;
///
/// check_key_contract(&["", "a", "a\0", "b"]);
/// check_key_contract(&[i64::MIN, -1, 0, 1, i64::MAX]);
/// ```
///
/// ```should_panic
/// use storage_iter::{Key, testing::check_key_contract};
///
/// /// A little-endian number is in no lexicographic order.
/// #[derive(PartialEq, Eq, PartialOrd, Ord)]
/// struct Number(u16, [u8; 2]);
/// impl Key for Number {
///     fn ordered_bytes(&self) -> Option<&[u8]> {
///         Some(&self.1)
///     }
/// }
/// check_key_contract(&[1_u16, 0x0100].map(|number| Number(number, number.to_le_bytes())));
/// ```
#[track_caller]
pub fn check_key_contract<K: Key>(keys: &[K]) {
    for a in keys {
        for b in keys {
            check_pair(a, b);
            for c in keys {
                let is_transitive = !(a <= b && b <= c) || a <= c;
                assert!(is_transitive, "{} <= {} <= {}, and yet the last is less", Shown(a), Shown(b), Shown(c));
            }
        }
    }
}

#[track_caller]
fn check_pair<K: Key>(a: &K, b: &K) {
    let pair = || format!("{} and {}", Shown(a), Shown(b));
    let order = a.cmp(b);
    assert_eq!(order, b.cmp(a).reverse(), "`cmp` of {} depends on which comes first", pair());
    assert_eq!(a.partial_cmp(b), Some(order), "`partial_cmp` and `cmp` of {}", pair());
    assert_eq!(a == b, order.is_eq(), "`==` and `cmp` of {}", pair());
    let operators = [a < b, a <= b, a > b, a >= b];
    let right = [order.is_lt(), order.is_le(), order.is_gt(), order.is_ge()];
    assert_eq!(operators, right, "`<`, `<=`, `>`, `>=` and `cmp` of {}", pair());

    let bytes = match (a.ordered_bytes(), b.ordered_bytes()) {
        (Some(a), Some(b)) if K::BYTES_DESCEND => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => order,
        _ => panic!("only one of {} has ordered bytes", pair()),
    };
    assert_eq!(bytes, order, "`ordered_bytes` and `cmp` of {}", pair());
    let integers: Ordering = match (a.ordered_integer(), b.ordered_integer()) {
        (Some(a), Some(b)) => a.cmp(&b),
        (None, None) => order,
        _ => panic!("only one of {} has an ordered integer", pair()),
    };
    assert_eq!(integers, order, "`ordered_integer` and `cmp` of {}", pair());
}
