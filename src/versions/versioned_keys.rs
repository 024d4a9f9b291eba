use std::error::Error;
use std::fmt;

use super::VersionedKey;
use crate::combinators::{Child, Verdict, stand_on_child};
use crate::walk::Direction;
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
    pub(crate) child: Child<I>,
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
        VersionedKeysIterator { child: Child::new(child) }
    }
}

impl<I: StorageIterator<Key = [u8]>> VersionedKeysIterator<I> {
    #[inline]
    fn walk(
        &mut self,
        direction: Direction,
        step: impl FnOnce(&mut I) -> Result<bool, I::Error>,
    ) -> Result<bool, VersionedKeysError<I::Error>> {
        if !self.child.arrive(direction, step).map_err(VersionedKeysError::Child)? {
            return Ok(false);
        }
        self.check()
    }

    fn seek_by(
        &mut self,
        direction: Direction,
        seek: impl FnOnce(&mut I) -> Result<bool, I::Error>,
    ) -> Result<bool, VersionedKeysError<I::Error>> {
        self.child.begin_seek();
        if !self.child.arrive_by_seek(seek).map_err(VersionedKeysError::Child)? {
            return Ok(false);
        }
        self.child.await_judgement(direction);
        self.check()
    }

    /// Yields the entry that the child has come to, if its key is one. The child stays on it otherwise, so every further step in this
    /// direction comes here again.
    #[inline]
    fn check(&mut self) -> Result<bool, VersionedKeysError<I::Error>> {
        let key = self.child.iterator().key();
        if VersionedKey::new(key).is_err() {
            return malformed(key);
        }
        self.child.accept();
        Ok(true)
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
        self.walk(Direction::Forward, I::next)
    }

    #[inline]
    fn for_each_while<F>(self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&VersionedKey, &I::Value) -> bool,
    {
        let mut malformed_key = None;
        let judge = |_, key: &[u8], _: &I::Value| match VersionedKey::new(key) {
            Ok(_) => Verdict::Yield,
            Err(_) => {
                malformed_key = Some(key.to_vec());
                Verdict::Finish
            }
        };
        let result = self.child.for_each_while(judge, |key, value| f(VersionedKey::cast(key), value));
        match malformed_key {
            None => result.map_err(VersionedKeysError::Child),
            Some(key) => Err(VersionedKeysError::Malformed { key }),
        }
    }

    #[inline]
    fn key(&self) -> &VersionedKey {
        VersionedKey::cast(self.child.key())
    }

    stand_on_child!(value, shared_prefix_len);
}

impl<I: SeekableIterator<Key = [u8]>> SeekableIterator for VersionedKeysIterator<I> {
    fn seek(&mut self, key: &VersionedKey) -> Result<bool, Self::Error> {
        self.seek_by(Direction::Forward, |child| child.seek(key.as_bytes()))
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(Direction::Forward, I::seek_to_first)
    }
}

impl<I: BidirectionalIterator<Key = [u8]>> BidirectionalIterator for VersionedKeysIterator<I> {
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.walk(Direction::Backward, I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(Direction::Backward, I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &VersionedKey) -> Result<bool, Self::Error> {
        self.seek_by(Direction::Backward, |child| child.seek_for_prev(key.as_bytes()))
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
