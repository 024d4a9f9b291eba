use std::error::Error;
use std::fmt;
use std::ops::Range;

use ref_cast::{RefCastCustom, ref_cast_custom};

use super::OwnedVersionedKey;
use crate::{Key, Versioned};

/// A version of a user key of bytes: the user key and a sequence number, encoded in one string of bytes.
///
/// The order is that of the encoding's bytes: user keys ascend, and of one user key the newest version comes first. So any table of
/// bytes keeps versions in order without knowing of them (a [`MemTable`](crate::MemTable), a database, a file), and a merge
/// compares them as fast as other byte keys. The user key is lent as it is, with nothing to decode. The owned form is
/// [`OwnedVersionedKey`].
///
/// # Encoding
///
/// The obvious encoding, the user key and then eight bytes of the inverted number, is not in order: the number that follows `a`
/// is compared with bytes of the user key `a\0`. So the user key must end by itself:
///
/// 1. the user key, with an `FF` inserted behind every `00`;
/// 2. `00 00`, which is less than whatever else can follow in a longer key;
/// 3. the number, its bits inverted, as eight bytes, big-endian;
/// 4. `00`, if the user key has no byte `00`: then it stands at the front as it is. Otherwise the user key again, unchanged, its
///    length as four bytes, big-endian, and `01`.
///
/// The first three parts decide the order, since of two keys that differ neither is the front of the other; the fourth follows from
/// the user key. A version takes 11 bytes besides the user key. If that contains bytes `00`, it takes 15 besides the user key twice, and
/// one for each such byte: the price of lending it in one piece. Where all keys are full of zero bytes (big-endian integers, say)
/// a pair of a number and a [`Reverse`](std::cmp::Reverse), or another type with the trait [`Versioned`], may be the better choice.
///
/// ```
/// use storage_iter::{OwnedVersionedKey, VersionedKey};
///
/// let versions = [(b"a".as_slice(), 9), (b"a", 2), (b"a\0", 5), (b"ab", 7)];
/// let keys = versions.map(|(user_key, sequence)| OwnedVersionedKey::new(user_key, sequence));
/// assert!(keys.is_sorted());
/// assert!(keys.is_sorted_by_key(|key| key.as_bytes()));
///
/// let stored: &[u8] = keys[2].as_bytes();
/// let key = VersionedKey::new(stored)?;
/// assert_eq!((key.user_key(), key.sequence()), (b"a\0".as_slice(), 5));
/// # Ok::<(), storage_iter::MalformedKeyError>(())
/// ```
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, RefCastCustom)]
#[repr(transparent)]
pub struct VersionedKey {
    /// It is long enough for the form that its last byte tells.
    encoded: [u8],
}

/// What ends the user key.
pub(super) const TERMINATOR: [u8; 2] = [0, 0];
/// The last byte of a key whose user key stands at the front.
pub(super) const IN_FRONT: u8 = 0;
/// The last byte of a key whose user key is repeated.
pub(super) const REPEATED: u8 = 1;

const SEQUENCE: usize = size_of::<u64>();
const LENGTH: usize = size_of::<u32>();

impl VersionedKey {
    /// The key that `encoded` is the encoding of.
    ///
    /// # Errors
    ///
    /// When `encoded` cannot be one. It looks at the end only, in *O(1)*: bytes that were written by this type and changed afterwards may
    /// pass and stand for another user key, which checksums are for.
    ///
    /// ```
    /// # use storage_iter::{OwnedVersionedKey, VersionedKey};
    /// let key = OwnedVersionedKey::new(b"apple", 7);
    /// assert_eq!(VersionedKey::new(key.as_bytes()), Ok(&*key));
    /// assert!(VersionedKey::new(b"apple").is_err());
    /// ```
    #[inline]
    pub fn new(encoded: &[u8]) -> Result<&Self, MalformedKeyError> {
        let key = Self::cast(encoded);
        let (user_key, sequence) = key.parts().ok_or(MalformedKeyError)?;
        let before_sequence = sequence.start.checked_sub(TERMINATOR.len()).ok_or(MalformedKeyError)?;
        let is_repeated = user_key.start > 0;
        let is_well_formed = encoded.get(before_sequence..sequence.start) == Some(&TERMINATOR)
            // The escaped form of a user key that has to be repeated is longer than it is.
            && if is_repeated { before_sequence > user_key.len() } else { before_sequence == user_key.len() };
        if is_well_formed { Ok(key) } else { Err(MalformedKeyError) }
    }

    /// Bytes that were checked before, or that this library has encoded.
    #[ref_cast_custom]
    pub(super) fn cast(encoded: &[u8]) -> &Self;

    /// The encoding.
    ///
    /// ```
    /// # use storage_iter::OwnedVersionedKey;
    /// let key = OwnedVersionedKey::new(b"a", u64::MAX);
    /// assert_eq!(key.as_bytes(), [b'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    /// ```
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.encoded
    }

    /// The key that this is a version of. *O(1)*.
    ///
    /// ```
    /// # use storage_iter::OwnedVersionedKey;
    /// assert_eq!(OwnedVersionedKey::new(b"a\0b", 3).user_key(), b"a\0b");
    /// ```
    #[inline]
    #[must_use]
    pub fn user_key(&self) -> &[u8] {
        self.parts().map_or(&[], |(user_key, _)| &self.encoded[user_key])
    }

    /// The sequence number. *O(1)*.
    ///
    /// ```
    /// # use storage_iter::OwnedVersionedKey;
    /// assert_eq!(OwnedVersionedKey::new(b"a", 3).sequence(), 3);
    /// ```
    #[inline]
    #[must_use]
    pub fn sequence(&self) -> u64 {
        let bytes = self.parts().and_then(|(_, sequence)| self.encoded[sequence].first_chunk());
        !u64::from_be_bytes(*bytes.unwrap_or(&[0xff; SEQUENCE]))
    }

    /// Where the user key is, and where the number.
    #[inline]
    fn parts(&self) -> Option<(Range<usize>, Range<usize>)> {
        let (&form, rest) = self.encoded.split_last()?;
        if form == IN_FRONT {
            let sequence = rest.len().checked_sub(SEQUENCE)?;
            return Some((0..sequence.checked_sub(TERMINATOR.len())?, sequence..rest.len()));
        }
        if form != REPEATED {
            return None;
        }
        let (rest, length) = rest.split_last_chunk::<LENGTH>()?;
        let user_key = rest.len().checked_sub(u32::from_be_bytes(*length) as usize)?;
        Some((user_key..rest.len(), user_key.checked_sub(SEQUENCE)?..user_key))
    }
}

impl Versioned for VersionedKey {
    type UserKey = [u8];

    #[inline]
    fn user_key(&self) -> &[u8] {
        self.user_key()
    }

    #[inline]
    fn sequence(&self) -> u64 {
        self.sequence()
    }

    fn version_of(user_key: &[u8], sequence: u64) -> OwnedVersionedKey {
        OwnedVersionedKey::new(user_key, sequence)
    }

    fn version_into(user_key: &[u8], sequence: u64, version: &mut OwnedVersionedKey) {
        version.set(user_key, sequence);
    }
}

impl Key for VersionedKey {
    #[inline]
    fn ordered_bytes(&self) -> Option<&[u8]> {
        Some(&self.encoded)
    }

    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"@{}", self.user_key().escape_ascii(), self.sequence())
    }
}

impl ToOwned for VersionedKey {
    type Owned = OwnedVersionedKey;

    fn to_owned(&self) -> OwnedVersionedKey {
        OwnedVersionedKey::from(self)
    }

    #[inline]
    fn clone_into(&self, target: &mut OwnedVersionedKey) {
        target.copy_from(self);
    }
}

impl AsRef<[u8]> for VersionedKey {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.encoded
    }
}

impl fmt::Debug for VersionedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_key(f)
    }
}

/// The error of [`VersionedKey::new`]: these bytes are no encoding of a version.
///
/// ```
/// # use storage_iter::{MalformedKeyError, VersionedKey};
/// assert_eq!(VersionedKey::new(b""), Err(MalformedKeyError));
/// assert_eq!(MalformedKeyError.to_string(), "no encoding of a versioned key");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MalformedKeyError;

impl fmt::Display for MalformedKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no encoding of a versioned key")
    }
}

impl Error for MalformedKeyError {}
