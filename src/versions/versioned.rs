use std::cmp::Reverse;
use std::ops::Bound;

use crate::Key;

/// A key that is one version of a user key: ordered by the user key, and among equal ones by the sequence number, the
/// greatest, which is the newest, first.
///
/// What this library has on versions is generic over this trait. [`VersionedKey`](crate::VersionedKey) is the one for
/// user keys of bytes, in an encoding that any table of bytes sorts as it should; a pair `(K, Reverse<u64>)` is one as
/// it is; a layout of somebody else, such as the eight bytes at the end of a `RocksDB` key, is a type with this trait
/// in their crate.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::{Versioned, VersionedKey, OwnedVersionedKey};
///
/// let newer = OwnedVersionedKey::new(b"apple", 7);
/// let older = VersionedKey::version_of(b"apple", 3);
/// assert!(newer < older);
/// assert_eq!((newer.user_key(), newer.sequence()), (b"apple".as_slice(), 7));
///
/// let pair = (12_u64, Reverse(7));
/// assert_eq!((pair.user_key(), pair.sequence()), (&12, 7));
/// ```
pub trait Versioned: Key + ToOwned {
    /// What there are versions of.
    type UserKey: ?Sized + Key + ToOwned;

    /// The key that this is a version of.
    ///
    /// ```
    /// # use storage_iter::{OwnedVersionedKey, Versioned};
    /// assert_eq!(Versioned::user_key(&*OwnedVersionedKey::new(b"apple", 7)), b"apple");
    /// ```
    fn user_key(&self) -> &Self::UserKey;

    /// When it was written: of two versions, the one with the greater number is the newer.
    ///
    /// ```
    /// # use storage_iter::{OwnedVersionedKey, Versioned};
    /// assert_eq!(Versioned::sequence(&*OwnedVersionedKey::new(b"apple", 7)), 7);
    /// ```
    fn sequence(&self) -> u64;

    /// The version of `user_key` with the number `sequence`. It comes before all older versions of that key, and behind
    /// all newer ones: that of `u64::MAX` is the least key that a version of `user_key` can have, that of 0 is the
    /// greatest.
    ///
    /// ```
    /// # use storage_iter::{Versioned, VersionedKey};
    /// assert_eq!(VersionedKey::version_of(b"apple", 7).sequence(), 7);
    /// ```
    fn version_of(user_key: &Self::UserKey, sequence: u64) -> Self::Owned;

    /// The same, in place of `version`, whose memory a type may use again. Seeks make their targets with it.
    ///
    /// ```
    /// # use storage_iter::{Versioned, VersionedKey};
    /// let mut version = VersionedKey::version_of(b"apple", 7);
    /// VersionedKey::version_into(b"pear", 8, &mut version);
    /// assert_eq!(version, VersionedKey::version_of(b"pear", 8));
    /// ```
    fn version_into(user_key: &Self::UserKey, sequence: u64, version: &mut Self::Owned) {
        *version = Self::version_of(user_key, sequence);
    }

    /// The lower bound of the versions of all user keys from `lower` on, for a scan of versions.
    ///
    /// ```
    /// use std::ops::Bound;
    /// use storage_iter::{SliceIterator, StorageIterator, Versioned, VersionedKey};
    ///
    /// let entries = [("a", 1), ("b", 9), ("b", 2), ("c", 3)];
    /// let entries = entries.map(|(user_key, sequence)| (VersionedKey::version_of(user_key.as_bytes(), sequence), ""));
    /// let lower = VersionedKey::lower_bound(Bound::Included(b"b"));
    /// let upper = VersionedKey::upper_bound(Bound::Excluded(b"c"));
    /// let scan = SliceIterator::new(&entries).borrowed::<VersionedKey, str>().between(lower, upper);
    /// assert_eq!(scan.count(), Ok(2));
    /// ```
    fn lower_bound(lower: Bound<&Self::UserKey>) -> Bound<Self::Owned> {
        match lower {
            Bound::Included(user_key) => Bound::Included(Self::version_of(user_key, u64::MAX)),
            Bound::Excluded(user_key) => Bound::Excluded(Self::version_of(user_key, 0)),
            Bound::Unbounded => Bound::Unbounded,
        }
    }

    /// The upper bound of the versions of all user keys up to `upper`. See [`lower_bound`](Self::lower_bound).
    ///
    /// ```
    /// # use std::ops::Bound;
    /// # use storage_iter::{Versioned, VersionedKey};
    /// let upper = VersionedKey::upper_bound(Bound::Included(b"b"));
    /// assert_eq!(upper, Bound::Included(VersionedKey::version_of(b"b", 0)));
    /// ```
    fn upper_bound(upper: Bound<&Self::UserKey>) -> Bound<Self::Owned> {
        match upper {
            Bound::Included(user_key) => Bound::Included(Self::version_of(user_key, 0)),
            Bound::Excluded(user_key) => Bound::Excluded(Self::version_of(user_key, u64::MAX)),
            Bound::Unbounded => Bound::Unbounded,
        }
    }
}

/// A pair is ordered by the key, and then by the number, descending.
impl<K: Key + Clone> Versioned for (K, Reverse<u64>) {
    type UserKey = K;

    #[inline]
    fn user_key(&self) -> &K {
        &self.0
    }

    #[inline]
    fn sequence(&self) -> u64 {
        self.1.0
    }

    fn version_of(user_key: &K, sequence: u64) -> Self {
        (user_key.clone(), Reverse(sequence))
    }

    fn version_into(user_key: &K, sequence: u64, version: &mut Self) {
        version.0.clone_from(user_key);
        version.1 = Reverse(sequence);
    }
}
