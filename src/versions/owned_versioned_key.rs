use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use super::versioned_key::{IN_FRONT, REPEATED, TERMINATOR};
use super::{MalformedKeyError, VersionedKey};
use crate::Key;

/// A [`VersionedKey`] that owns its bytes.
///
/// ```
/// use storage_iter::{OwnedVersionedKey, VersionedKey};
///
/// let mut key = OwnedVersionedKey::new(b"apple", 7);
/// key.set(b"pear", 8); // in the same memory
/// let borrowed: &VersionedKey = &key;
/// assert_eq!(format!("{borrowed:?}"), r#""pear"@8"#);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnedVersionedKey {
    encoded: Vec<u8>,
}

impl OwnedVersionedKey {
    /// The version of `user_key` with the number `sequence`.
    ///
    /// # Panics
    ///
    /// When `user_key` contains a zero byte and is longer than `u32::MAX`.
    ///
    /// ```
    /// # use storage_iter::OwnedVersionedKey;
    /// assert!(OwnedVersionedKey::new(b"a", 2) < OwnedVersionedKey::new(b"a", 1));
    /// ```
    #[must_use]
    pub fn new(user_key: &[u8], sequence: u64) -> Self {
        let mut key = OwnedVersionedKey { encoded: Vec::with_capacity(user_key.len() + 11) };
        key.set(user_key, sequence);
        key
    }

    /// Becomes the version of `user_key` with the number `sequence`, in the same memory if that suffices.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    ///
    /// ```
    /// # use storage_iter::OwnedVersionedKey;
    /// let mut key = OwnedVersionedKey::new(b"a", 2);
    /// key.set(b"b", 1);
    /// assert_eq!(key, OwnedVersionedKey::new(b"b", 1));
    /// ```
    pub fn set(&mut self, user_key: &[u8], sequence: u64) {
        // What follows cannot panic half way: a key is whole at any time.
        let length = u32::try_from(user_key.len());
        let is_in_front = !user_key.contains(&0);
        assert!(is_in_front || length.is_ok(), "a user key with zero bytes is no longer than 4 GiB");
        self.encoded.clear();
        if is_in_front {
            self.encoded.extend_from_slice(user_key);
        } else {
            // Every piece but the last ended with a zero byte.
            for (index, piece) in user_key.split(|&byte| byte == 0).enumerate() {
                if index > 0 {
                    self.encoded.extend_from_slice(&[0, 0xff]);
                }
                self.encoded.extend_from_slice(piece);
            }
        }
        self.encoded.extend_from_slice(&TERMINATOR);
        self.encoded.extend_from_slice(&(!sequence).to_be_bytes());
        if is_in_front {
            self.encoded.push(IN_FRONT);
        } else {
            self.encoded.extend_from_slice(user_key);
            self.encoded.extend_from_slice(&length.unwrap_or(0).to_be_bytes());
            self.encoded.push(REPEATED);
        }
    }

    /// The encoding, without a copy.
    ///
    /// ```
    /// # use storage_iter::{OwnedVersionedKey, VersionedKey};
    /// let stored: Vec<u8> = OwnedVersionedKey::new(b"a", 2).into_bytes();
    /// assert_eq!(OwnedVersionedKey::try_from(stored)?.sequence(), 2);
    /// # Ok::<(), storage_iter::MalformedKeyError>(())
    /// ```
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.encoded
    }

    #[inline]
    pub(super) fn copy_from(&mut self, key: &VersionedKey) {
        key.as_bytes().clone_into(&mut self.encoded);
    }
}

impl Deref for OwnedVersionedKey {
    type Target = VersionedKey;

    #[inline]
    fn deref(&self) -> &VersionedKey {
        VersionedKey::cast(&self.encoded)
    }
}

impl Borrow<VersionedKey> for OwnedVersionedKey {
    #[inline]
    fn borrow(&self) -> &VersionedKey {
        self
    }
}

impl AsRef<VersionedKey> for OwnedVersionedKey {
    #[inline]
    fn as_ref(&self) -> &VersionedKey {
        self
    }
}

impl AsRef<[u8]> for OwnedVersionedKey {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.encoded
    }
}

impl From<&VersionedKey> for OwnedVersionedKey {
    fn from(key: &VersionedKey) -> Self {
        OwnedVersionedKey { encoded: key.as_bytes().to_vec() }
    }
}

/// The encoding, checked as [`VersionedKey::new`] does.
impl TryFrom<Vec<u8>> for OwnedVersionedKey {
    type Error = MalformedKeyError;

    fn try_from(encoded: Vec<u8>) -> Result<Self, MalformedKeyError> {
        VersionedKey::new(&encoded)?;
        Ok(OwnedVersionedKey { encoded })
    }
}

impl Key for OwnedVersionedKey {
    #[inline]
    fn ordered_bytes(&self) -> Option<&[u8]> {
        Some(&self.encoded)
    }

    fn fmt_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt_key(f)
    }
}

impl fmt::Debug for OwnedVersionedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_key(f)
    }
}
