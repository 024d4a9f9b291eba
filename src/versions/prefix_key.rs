use std::ops::Bound;

use crate::Key;

/// A key type in which keys begin with others: strings of bytes and of characters.
///
/// ```
/// use std::ops::Bound::{Excluded, Included, Unbounded};
/// use storage_iter::PrefixKey;
///
/// assert_eq!(<[u8]>::prefix_bounds(b"ab"), (Included(b"ab".to_vec()), Excluded(b"ac".to_vec())));
/// assert_eq!(<[u8]>::prefix_bounds(b"a\xff"), (Included(b"a\xff".to_vec()), Excluded(b"b".to_vec())));
/// assert_eq!(<[u8]>::prefix_bounds(b"\xff"), (Included(b"\xff".to_vec()), Unbounded));
/// ```
pub trait PrefixKey: Key + ToOwned {
    /// Whether this key begins with `prefix`.
    ///
    /// ```
    /// # use storage_iter::PrefixKey;
    /// assert!("abc".has_prefix("ab"));
    /// ```
    fn has_prefix(&self, prefix: &Self) -> bool;

    /// Turns a prefix into the least key that is greater than all keys that begin with it. `false`: there is none; what
    /// is then in `prefix` is not specified.
    ///
    /// ```
    /// # use storage_iter::PrefixKey;
    /// let mut key = String::from("user/");
    /// assert!(str::make_successor(&mut key));
    /// assert_eq!(key, "user0");
    /// assert!(!<[u8]>::make_successor(&mut vec![0xff, 0xff]));
    /// ```
    fn make_successor(prefix: &mut Self::Owned) -> bool;

    /// The bounds of the keys that begin with `prefix`. The empty one leaves all keys.
    ///
    /// ```
    /// # use std::ops::Bound::{Excluded, Included};
    /// # use storage_iter::PrefixKey;
    /// assert_eq!(str::prefix_bounds("x"), (Included("x".to_string()), Excluded("y".to_string())));
    /// ```
    fn prefix_bounds(prefix: &Self) -> (Bound<Self::Owned>, Bound<Self::Owned>) {
        let mut successor = prefix.to_owned();
        let upper = if Self::make_successor(&mut successor) { Bound::Excluded(successor) } else { Bound::Unbounded };
        (Bound::Included(prefix.to_owned()), upper)
    }
}

impl PrefixKey for [u8] {
    #[inline]
    fn has_prefix(&self, prefix: &[u8]) -> bool {
        self.starts_with(prefix)
    }

    fn make_successor(prefix: &mut Vec<u8>) -> bool {
        while let Some(last) = prefix.pop() {
            if let Some(greater) = last.checked_add(1) {
                prefix.push(greater);
                return true;
            }
        }
        false
    }
}

/// Strings are in the order of their characters.
impl PrefixKey for str {
    #[inline]
    fn has_prefix(&self, prefix: &str) -> bool {
        self.starts_with(prefix)
    }

    fn make_successor(prefix: &mut String) -> bool {
        while let Some(last) = prefix.pop() {
            if let Some(greater) = (last..=char::MAX).nth(1) {
                prefix.push(greater);
                return true;
            }
        }
        false
    }
}
