//! [`Key`]: what a storage iterator is ordered by.

use std::any::type_name;
use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::Descending;

/// A key of a [`StorageIterator`](crate::StorageIterator): a totally ordered type, sized or not.
///
/// Every method is provided, so a key type of your own needs one line. The methods only make it faster to merge or
/// nicer to read in an error; the order is [`Ord`]'s.
///
/// ```
/// use storage_iter::Key;
///
/// #[derive(PartialEq, Eq, PartialOrd, Ord)]
/// struct Version {
///     major: u32,
///     minor: u32,
/// }
/// impl Key for Version {}
/// ```
pub trait Key: Ord {
    /// Whether the order of the keys is the reverse of the lexicographic order of their
    /// [`ordered_bytes`](Self::ordered_bytes): `false`, the default, unless the type is one that turns an order round, as
    /// [`Descending`](crate::Descending) and [`Reverse`] do. It means nothing for a type without such bytes.
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::{Descending, Key};
    ///
    /// assert!(!str::BYTES_DESCEND);
    /// assert!(Descending::<str>::BYTES_DESCEND);
    /// assert!(!Reverse::<Descending<&str>>::BYTES_DESCEND);
    /// ```
    const BYTES_DESCEND: bool = false;

    /// The key as bytes whose lexicographic order is the order of the keys, or the reverse of it if
    /// [`BYTES_DESCEND`](Self::BYTES_DESCEND) says so; `None`, the default, if there are none at hand.
    ///
    /// A type must answer `Some` for all of its values or for none, and `a.cmp(b)` must equal
    /// `a.ordered_bytes().cmp(&b.ordered_bytes())`, reversed for a type whose bytes descend.
    ///
    /// ```
    /// use std::cmp::Reverse;
    /// use storage_iter::Key;
    ///
    /// assert_eq!("apple".ordered_bytes(), Some(b"apple".as_slice()));
    /// assert_eq!(Reverse("apple").ordered_bytes(), Some(b"apple".as_slice()));
    /// assert_eq!([1_u8, 2].ordered_bytes(), Some([1, 2].as_slice()));
    /// assert_eq!(12_u64.ordered_bytes(), None);
    /// ```
    #[inline]
    fn ordered_bytes(&self) -> Option<&[u8]> {
        None
    }

    /// The key as an integer that has its order, or `None`, the default, if no such integer holds all of it.
    ///
    /// A type must answer `Some` for all of its values or for none, and `a.cmp(b)` must equal
    /// `a.ordered_integer().cmp(&b.ordered_integer())`. It is not asked if there are [`ordered_bytes`](Self::ordered_bytes).
    ///
    /// ```
    /// use storage_iter::Key;
    ///
    /// assert_eq!(12_u64.ordered_integer(), Some(12));
    /// assert!((-1_i32).ordered_integer() < 0_i32.ordered_integer());
    /// ```
    #[inline]
    fn ordered_integer(&self) -> Option<u64> {
        None
    }

    /// The same for a slice of keys, which is what makes `[u8]`, `[u8; N]` and `Vec<u8>` byte keys: only `u8` has an
    /// answer.
    ///
    /// ```
    /// use storage_iter::Key;
    ///
    /// assert_eq!(u8::slice_ordered_bytes(b"ab"), Some(b"ab".as_slice()));
    /// assert_eq!(u16::slice_ordered_bytes(&[1, 2]), None);
    /// ```
    #[inline]
    fn slice_ordered_bytes(slice: &[Self]) -> Option<&[u8]>
    where
        Self: Sized,
    {
        let _ = slice;
        None
    }

    /// Writes the key for a person to read, as the messages of errors show it. The default writes the type's name,
    /// for nothing else is known of a key but its order.
    ///
    /// # Errors
    ///
    /// What the formatter returns.
    ///
    /// ```
    /// use std::fmt;
    /// use storage_iter::Key;
    ///
    /// struct Shown<'a, K: ?Sized>(&'a K);
    /// impl<K: ?Sized + Key> fmt::Display for Shown<'_, K> {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         self.0.fmt_key(f)
    ///     }
    /// }
    /// assert_eq!(Shown(b"a\0".as_slice()).to_string(), r#""a\x00""#);
    /// assert_eq!(Shown(&(7_u64, "x")).to_string(), r#"(7, "x")"#);
    /// ```
    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(type_name::<Self>())
    }

    /// The same for a slice of keys: a list, or for bytes a string with escapes.
    ///
    /// # Errors
    ///
    /// What the formatter returns.
    ///
    /// ```
    /// use std::fmt;
    /// use storage_iter::Key;
    ///
    /// struct Shown(Vec<u32>);
    /// impl fmt::Display for Shown {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         u32::fmt_key_slice(&self.0, f)
    ///     }
    /// }
    /// assert_eq!(Shown(vec![1, 2]).to_string(), "[1, 2]");
    /// ```
    fn fmt_key_slice(slice: &[Self], f: &mut fmt::Formatter<'_>) -> fmt::Result
    where
        Self: Sized,
    {
        f.debug_list().entries(slice.iter().map(Shown)).finish()
    }
}

/// Shows a key by its [`Key::fmt_key`].
pub(crate) struct Shown<'a, K: ?Sized>(pub(crate) &'a K);

impl<K: ?Sized + Key> fmt::Display for Shown<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_key(f)
    }
}

impl<K: ?Sized + Key> fmt::Debug for Shown<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_key(f)
    }
}

/// Key types that no byte string stands for and that print themselves.
macro_rules! plain_keys {
    ($($key:ty),* $(,)?) => {$(
        impl Key for $key {
            fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
    )*};
}

plain_keys!((), i128, u128, Duration, Instant, SystemTime, IpAddr, Ipv6Addr);

/// Key types that fit into 64 bits, and how.
macro_rules! integer_keys {
    ($($key:ty: $value:ident => $integer:expr),* $(,)?) => {$(
        impl Key for $key {
            #[inline]
            fn ordered_integer(&self) -> Option<u64> {
                let $value = *self;
                Some($integer)
            }

            fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
    )*};
}

/// Moves the negative integers below the positive ones.
#[inline]
fn unsigned(integer: i64) -> u64 {
    integer.cast_unsigned() ^ (1 << 63)
}

integer_keys!(
    bool: value => value.into(),
    char: value => value.into(),
    u16: value => value.into(),
    u32: value => value.into(),
    u64: value => value,
    usize: value => value as u64,
    i8: value => unsigned(value.into()),
    i16: value => unsigned(value.into()),
    i32: value => unsigned(value.into()),
    i64: value => unsigned(value),
    isize: value => unsigned(value as i64),
    Ipv4Addr: value => value.to_bits().into(),
);

impl Key for u8 {
    #[inline]
    fn ordered_integer(&self) -> Option<u64> {
        Some((*self).into())
    }

    #[inline]
    fn slice_ordered_bytes(slice: &[Self]) -> Option<&[u8]> {
        Some(slice)
    }

    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    fn fmt_key_slice(slice: &[Self], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", slice.escape_ascii())
    }
}

impl Key for str {
    #[inline]
    fn ordered_bytes(&self) -> Option<&[u8]> {
        Some(self.as_bytes())
    }

    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl<T: Key> Key for [T] {
    #[inline]
    fn ordered_bytes(&self) -> Option<&[u8]> {
        T::slice_ordered_bytes(self)
    }

    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt_key_slice(self, f)
    }
}

/// Key types that hold or point to another key and have its order.
macro_rules! keys_by_deref {
    ($([$($parameters:tt)*] $key:ty => $target:ty),* $(,)?) => {$(
        impl<$($parameters)*> Key for $key {
            const BYTES_DESCEND: bool = <$target as Key>::BYTES_DESCEND;

            #[inline]
            fn ordered_bytes(&self) -> Option<&[u8]> {
                <$target as Key>::ordered_bytes(self)
            }

            #[inline]
            fn ordered_integer(&self) -> Option<u64> {
                <$target as Key>::ordered_integer(self)
            }

            fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                <$target as Key>::fmt_key(self, f)
            }
        }
    )*};
}

keys_by_deref!(
    [] String => str,
    [T: Key] Vec<T> => [T],
    [T: Key, const N: usize] [T; N] => [T],
    [T: ?Sized + Key] &T => T,
    [T: ?Sized + Key] Box<T> => T,
    [T: ?Sized + Key] Rc<T> => T,
    [T: ?Sized + Key] Arc<T> => T,
    [T: ?Sized + Key + ToOwned<Owned: Ord>] Cow<'_, T> => T,
);

#[cfg(feature = "bytes")]
keys_by_deref!([] bytes::Bytes => [u8]);

/// Key types that hold another key and have the reverse of its order.
macro_rules! reversed_keys {
    ($([$($parameters:tt)*] $key:ty => $inner:ty),* $(,)?) => {$(
        impl<$($parameters)*> Key for $key {
            const BYTES_DESCEND: bool = !<$inner as Key>::BYTES_DESCEND;

            #[inline]
            fn ordered_bytes(&self) -> Option<&[u8]> {
                self.0.ordered_bytes()
            }

            #[inline]
            fn ordered_integer(&self) -> Option<u64> {
                self.0.ordered_integer().map(|integer| !integer)
            }

            fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt_key(f)
            }
        }
    )*};
}

reversed_keys!(
    [T: Key] Reverse<T> => T,
    [K: ?Sized + Key] Descending<K> => K,
);

impl<T: Key> Key for Option<T> {
    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_ref().map(Shown), f)
    }
}

/// Tuples, ordered by the first element, then the second, and so on.
macro_rules! tuple_keys {
    ($($element:ident $index:tt),+) => {
        impl<$($element: Key),+> Key for ($($element,)+) {
            fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple("")$(.field(&Shown(&self.$index)))+.finish()
            }
        }
    };
}

tuple_keys!(A 0);
tuple_keys!(A 0, B 1);
tuple_keys!(A 0, B 1, C 2);
tuple_keys!(A 0, B 1, C 2, D 3);
tuple_keys!(A 0, B 1, C 2, D 3, E 4);
tuple_keys!(A 0, B 1, C 2, D 3, E 4, F 5);

/// The order of two keys, as [`Ord`] has it, for where it cannot be predicted: that of bytes is found out in place and without a branch
/// on the outcome, if they differ in the first 16. Beyond, `memcmp` goes on.
#[inline(always)]
pub(crate) fn compare<K: ?Sized + Key>(one: &K, other: &K) -> Ordering {
    match (one.ordered_bytes(), other.ordered_bytes()) {
        (Some(one), Some(other)) if K::BYTES_DESCEND => compare_bytes(other, one),
        (Some(one), Some(other)) => compare_bytes(one, other),
        _ => one.cmp(other),
    }
}

#[inline(always)]
fn compare_bytes<'a>(mut one: &'a [u8], mut other: &'a [u8]) -> Ordering {
    for _ in 0..2 {
        let (Some((word, rest)), Some((other_word, other_rest))) = (one.split_first_chunk(), other.split_first_chunk())
        else {
            break;
        };
        if word != other_word {
            return u64::from_be_bytes(*word).cmp(&u64::from_be_bytes(*other_word));
        }
        (one, other) = (rest, other_rest);
    }
    one.cmp(other)
}

/// The same over the whole length, word by word: faster where sources take turns, though by more instructions. (Where the order can
/// be predicted, `memcmp` gets faster over what long keys have in common.)
#[inline(always)]
pub(crate) fn compare_throughout<K: ?Sized + Key>(one: &K, other: &K) -> Ordering {
    match (one.ordered_bytes(), other.ordered_bytes()) {
        (Some(one), Some(other)) if K::BYTES_DESCEND => compare_words(other, one),
        (Some(one), Some(other)) => compare_words(one, other),
        _ => one.cmp(other),
    }
}

#[inline(always)]
fn compare_words(one: &[u8], other: &[u8]) -> Ordering {
    let ((words, rest), (other_words, other_rest)) = (one.as_chunks(), other.as_chunks());
    for (word, other_word) in words.iter().zip(other_words) {
        if word != other_word {
            return u64::from_be_bytes(*word).cmp(&u64::from_be_bytes(*other_word));
        }
    }
    match words.len().cmp(&other_words.len()) {
        Ordering::Equal if rest.is_empty() && other_rest.is_empty() => Ordering::Equal,
        Ordering::Equal => rest.cmp(other_rest),
        // What the shorter key has behind its words is compared with the next word of the other.
        Ordering::Less => rest.cmp(&other[8 * words.len()..]),
        Ordering::Greater => one[8 * other_words.len()..].cmp(other_rest),
    }
}

/// How many bytes two strings have in common at the front.
#[inline]
pub(crate) fn shared_prefix_len(one: &[u8], other: &[u8]) -> usize {
    let length = one.len().min(other.len());
    let (one, other) = (&one[..length], &other[..length]);
    let mut offset = 0;
    for (a, b) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
        let [a, b] = [a, b].map(|chunk| u64::from_le_bytes(chunk.try_into().expect("8 bytes")));
        if a != b {
            return offset + ((a ^ b).trailing_zeros() / 8) as usize;
        }
        offset += 8;
    }
    while offset < length && one[offset] == other[offset] {
        offset += 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use quickcheck::quickcheck;

    use super::*;

    quickcheck! {
        /// Keys with a common part of any length, so that they differ in any byte or not at all.
        fn compared_as_by_ord(common: Vec<u8>, one: Vec<u8>, other: Vec<u8>) -> bool {
            let keys = [one, other, vec![]].map(|rest| Descending([common.as_slice(), &rest].concat()));
            keys.iter().flat_map(|one| keys.iter().map(move |other| (one, other))).all(|(one, other)| {
                compare(one, other) == one.cmp(other)
                    && compare_throughout(one, other) == one.cmp(other)
                    && compare(&one.0, &other.0) == other.cmp(one)
                    && compare_throughout(&one.0, &other.0) == other.cmp(one)
            })
        }
    }
}
