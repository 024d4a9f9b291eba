use std::convert::Infallible;

use crate::combinators::{assert_valid, cut_short};
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// A storage iterator with one entry, as [`std::iter::once`].
///
/// # Complexity
///
/// *O(1)*; a seek compares one key. Allocates nothing.
///
/// # Errors
///
/// Never.
///
/// ```
/// use storage_iter::{OnceIterator, StorageIterator};
///
/// let mut entry = OnceIterator::new("a", 1);
/// assert_eq!(entry.next(), Ok(true));
/// assert_eq!((entry.key(), entry.value()), (&"a", &1));
/// assert_eq!(entry.next(), Ok(false));
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct OnceIterator<K, V> {
    key: K,
    value: V,
    position: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Before,
    On,
    After,
    /// The comparison of a seek has not returned.
    CutShort,
}

impl<K, V> OnceIterator<K, V> {
    /// The entry `(key, value)`.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// assert_eq!(OnceIterator::new(1, 'a').count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(key: K, value: V) -> Self {
        OnceIterator { key, value, position: Position::Before }
    }
}

impl<K: Key, V> StorageIterator for OnceIterator<K, V> {
    type Key = K;
    type Value = V;
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        self.position = match self.position {
            Position::Before => Position::On,
            Position::On | Position::After => Position::After,
            Position::CutShort => cut_short(),
        };
        Ok(self.is_valid())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.position == Position::On
    }

    #[inline]
    fn key(&self) -> &K {
        assert_valid(self.is_valid());
        &self.key
    }

    #[inline]
    fn value(&self) -> &V {
        assert_valid(self.is_valid());
        &self.value
    }
}

impl<K: Key, V> SeekableIterator for OnceIterator<K, V> {
    fn seek(&mut self, key: &K) -> Result<bool, Infallible> {
        self.position = Position::CutShort;
        self.position = if self.key < *key { Position::After } else { Position::On };
        Ok(self.is_valid())
    }

    #[inline]
    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        self.position = Position::On;
        Ok(true)
    }
}

impl<K: Key, V> BidirectionalIterator for OnceIterator<K, V> {
    #[inline]
    fn prev(&mut self) -> Result<bool, Infallible> {
        self.position = match self.position {
            Position::Before | Position::On => Position::Before,
            Position::After => Position::On,
            Position::CutShort => cut_short(),
        };
        Ok(self.is_valid())
    }

    #[inline]
    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        self.position = Position::On;
        Ok(true)
    }

    fn seek_for_prev(&mut self, key: &K) -> Result<bool, Infallible> {
        self.position = Position::CutShort;
        self.position = if self.key > *key { Position::Before } else { Position::On };
        Ok(self.is_valid())
    }
}
