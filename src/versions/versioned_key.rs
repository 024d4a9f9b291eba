use std::error::Error;
use std::fmt;

use ref_cast::{RefCastCustom, ref_cast_custom};

use super::OwnedVersionedKey;
use crate::{Key, Versioned};

/// A version of a user key of bytes: the user key and a sequence number, encoded in one string of bytes.
///
/// The order is that of the encoding's bytes: user keys ascend, and of one user key the newest version comes first. So
/// any table of bytes keeps versions in order without knowing of them (a [`MemTable`](crate::MemTable), a database, a
/// file), and a merge compares them as fast as other byte keys. The user key is lent as it is, with nothing to decode.
/// The owned form is [`OwnedVersionedKey`].
///
/// # Encoding
///
/// The obvious encoding, the user key and then eight bytes of the inverted number, is not in order: the number that
/// follows `a` is compared with bytes of the user key `a\0`. So the user key must end by itself:
///
/// 1. the user key, with an `FF` inserted behind every `00`;
/// 2. `00 00`, which is less than whatever else can follow in a longer key;
/// 3. the number, its bits inverted, as eight bytes, big-endian;
/// 4. `00`, if the user key has no byte `00`: then it stands at the front as it is. Otherwise the user key again,
///    unchanged, its length as four bytes, big-endian, and `01`.
///
/// The first three parts decide the order, since of two keys that differ neither is the front of the other; the fourth
/// follows from the user key. A version takes 11 bytes besides the user key. If that contains bytes `00`, it takes 15
/// besides the user key twice, and one for each such byte: the price of lending it in one piece. Where all keys are
/// full of zero bytes (big-endian integers, say) a pair of a number and a [`Reverse`](std::cmp::Reverse), or another
/// type with the trait [`Versioned`], may be the better choice.
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

/// The length of a version of the empty user key.
const SHORTEST: usize = TERMINATOR.len() + size_of::<u64>() + 1;

impl VersionedKey {
    /// The key that `encoded` is the encoding of.
    ///
    /// # Errors
    ///
    /// When `encoded` cannot be one. It looks at the end only, in *O(1)*: bytes that were written by this type and
    /// changed afterwards may pass and stand for another user key, which checksums are for.
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
        let parts = key.parts().ok_or(MalformedKeyError)?;
        if parts.terminator == TERMINATOR { Ok(key) } else { Err(MalformedKeyError) }
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
        self.parts().map_or(&[], |parts| parts.user_key)
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
        self.parts().map_or(0, |parts| parts.sequence)
    }

    /// What the end tells, without a look at the escaped user key.
    #[inline]
    fn parts(&self) -> Option<Parts<'_>> {
        let (user_key, end) = self.encoded.split_last_chunk()?;
        let &[t0, t1, s0, s1, s2, s3, s4, s5, s6, s7, form]: &[u8; SHORTEST] = end;
        if form != IN_FRONT {
            return self.repeated_parts();
        }
        Some(Parts { terminator: [t0, t1], sequence: !u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]), user_key })
    }

    fn repeated_parts(&self) -> Option<Parts<'_>> {
        let (&form, rest) = self.encoded.split_last()?;
        let (rest, length) = rest.split_last_chunk()?;
        let (rest, user_key) = rest.split_at_checked(rest.len().checked_sub(u32::from_be_bytes(*length) as usize)?)?;
        let (rest, sequence) = rest.split_last_chunk()?;
        let (escaped, &terminator) = rest.split_last_chunk()?;
        let parts = Parts { terminator, sequence: !u64::from_be_bytes(*sequence), user_key };
        // The escaped form of a user key that has to be repeated is longer than the user key.
        (form == REPEATED && escaped.len() > user_key.len()).then_some(parts)
    }
}

struct Parts<'k> {
    terminator: [u8; 2],
    sequence: u64,
    user_key: &'k [u8],
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
