use std::error::Error;
use std::fmt;

use super::VersionedKey;
use super::walk::Walk;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// Entries whose byte keys are lent as the [`VersionedKey`]s that they encode, made by
/// [`versioned_keys`](StorageIterator::versioned_keys).
///
/// Yields the child's entries in the child's order, which is that of the versions. So a table of bytes, a mem-table
/// say, holds versions without knowing of it.
///
/// # Complexity
///
/// *O(1)* a step, besides the child's. Allocates nothing.
///
/// # Errors
///
/// [`VersionedKeysError::Child`] for the child's own errors, which leave the step open;
/// [`VersionedKeysError::Malformed`] for a key that encodes no version, again at every further `next`.
///
#[cfg_attr(feature = "mem-table", doc = "```")]
#[cfg_attr(not(feature = "mem-table"), doc = "```ignore")]
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{MemTable, OwnedVersionedKey, StorageIterator, VersionedKeysIterator};
///
/// let table = MemTable::new();
/// table.put(OwnedVersionedKey::new(b"apple", 1).as_bytes(), b"red");
/// table.put(OwnedVersionedKey::new(b"apple", 2).as_bytes(), b"green");
/// let at = |snapshot| VersionedKeysIterator::new(table.scan(Unbounded, Unbounded)).at(snapshot);
/// assert_eq!(at(2).collect::<Vec<_>>()?, [(b"apple".to_vec(), b"green".to_vec())]);
/// assert_eq!(at(1).collect::<Vec<_>>()?, [(b"apple".to_vec(), b"red".to_vec())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct VersionedKeysIterator<I> {
    walk: Walk<I>,
}

impl<I> VersionedKeysIterator<I> {
    /// The entries of `child`, whose keys encode versions.
    ///
    /// ```
    /// # use storage_iter::{OwnedVersionedKey, SliceIterator, StorageIterator, VersionedKeysIterator};
    /// let entries = [(OwnedVersionedKey::new(b"apple", 1).into_bytes(), "red")];
    /// let mut entries = VersionedKeysIterator::new(SliceIterator::new(&entries).borrowed::<[u8], str>());
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!((entries.key().user_key(), entries.key().sequence()), (b"apple".as_slice(), 1));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn new(child: I) -> Self
    where
        I: StorageIterator<Key = [u8]>,
    {
        VersionedKeysIterator { walk: Walk::new(child) }
    }
}

#[inline]
fn check<E, V: ?Sized>(key: &[u8], _: &V) -> Result<bool, VersionedKeysError<E>> {
    match VersionedKey::new(key) {
        Ok(_) => Ok(true),
        Err(_) => malformed(key),
    }
}

#[cold]
fn malformed<E>(key: &[u8]) -> Result<bool, VersionedKeysError<E>> {
    Err(VersionedKeysError::Malformed { key: key.to_vec() })
}

impl<I: StorageIterator<Key = [u8]>> StorageIterator for VersionedKeysIterator<I> {
    type Key = VersionedKey;
    type Value = I::Value;
    type Error = VersionedKeysError<I::Error>;

    #[inline]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.walk.next_to(VersionedKeysError::Child, check)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.walk.is_valid()
    }

    #[inline]
    fn key(&self) -> &VersionedKey {
        VersionedKey::cast(self.walk.key())
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.walk.value()
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        self.walk.iterator().shared_prefix_len()
    }

    fn num_active_iterators(&self) -> usize {
        self.walk.iterator().num_active_iterators()
    }
}

impl<I: SeekableIterator<Key = [u8]>> SeekableIterator for VersionedKeysIterator<I> {
    fn seek(&mut self, key: &VersionedKey) -> Result<bool, Self::Error> {
        self.walk.seek_to(|child| child.seek(key.as_bytes()), VersionedKeysError::Child, check)
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.walk.seek_to(I::seek_to_first, VersionedKeysError::Child, check)
    }
}

impl<I: BidirectionalIterator<Key = [u8]>> BidirectionalIterator for VersionedKeysIterator<I> {
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.walk.prev_to(VersionedKeysError::Child, check)
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.walk.seek_back_to(I::seek_to_last, VersionedKeysError::Child, check)
    }

    fn seek_for_prev(&mut self, key: &VersionedKey) -> Result<bool, Self::Error> {
        self.walk.seek_back_to(|child| child.seek_for_prev(key.as_bytes()), VersionedKeysError::Child, check)
    }
}

/// The error of a [`VersionedKeysIterator`]: the child's, or a key that encodes no version.
///
/// ```
/// use storage_iter::VersionedKeysError;
///
/// let error: VersionedKeysError<std::io::Error> = VersionedKeysError::Malformed { key: b"a\n".to_vec() };
/// assert_eq!(error.to_string(), r#""a\n" is no encoding of a versioned key"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VersionedKeysError<E> {
    /// The child failed.
    Child(E),
    /// A key is no encoding of a versioned key.
    Malformed {
        /// That key.
        key: Vec<u8>,
    },
}

impl<E: fmt::Display> fmt::Display for VersionedKeysError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionedKeysError::Child(error) => error.fmt(f),
            VersionedKeysError::Malformed { key } => {
                write!(f, "\"{}\" is no encoding of a versioned key", key.escape_ascii())
            }
        }
    }
}

/// The message of a child's error is its own, so `source` is what lies behind that one.
impl<E: Error> Error for VersionedKeysError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            VersionedKeysError::Child(error) => error.source(),
            VersionedKeysError::Malformed { .. } => None,
        }
    }
}
