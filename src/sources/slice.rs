use std::convert::Infallible;
use std::fmt;

use crate::combinators::not_on_an_entry;
use crate::key::shared_prefix_len;
use crate::{Key, StorageIterator};

/// A storage iterator over a slice of `(key, value)` pairs whose keys ascend.
///
/// Lends the pairs of the slice. A slice of owned bytes meets sources of `[u8]` through
/// [`borrowed`](StorageIterator::borrowed).
///
/// # Complexity
///
/// *O(1)* a step. Allocates nothing.
///
/// # Errors
///
/// Never.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut entries = SliceIterator::new(&[("a", 1), ("b", 2)]);
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (&"a", &1));
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct SliceIterator<'a, K, V> {
    previous: Option<&'a (K, V)>,
    entry: Option<&'a (K, V)>,
    rest: std::slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> SliceIterator<'a, K, V> {
    /// The pairs of `entries`, whose keys must ascend strictly.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// assert_eq!(SliceIterator::new(&[(1, 'a'), (2, 'b')]).count(), Ok(2));
    /// ```
    #[inline]
    pub fn new(entries: &'a [(K, V)]) -> Self {
        SliceIterator { previous: None, entry: None, rest: entries.iter() }
    }
}

impl<K: Key, V> StorageIterator for SliceIterator<'_, K, V> {
    type Key = K;
    type Value = V;
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        self.previous = self.entry;
        self.entry = self.rest.next();
        Ok(self.entry.is_some())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.entry.is_some()
    }

    #[inline]
    fn key(&self) -> &K {
        match self.entry {
            Some((key, _)) => key,
            None => not_on_an_entry(),
        }
    }

    #[inline]
    fn value(&self) -> &V {
        match self.entry {
            Some((_, value)) => value,
            None => not_on_an_entry(),
        }
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        let key = self.key().ordered_bytes()?;
        Some(match self.previous {
            Some((previous, _)) => shared_prefix_len(previous.ordered_bytes()?, key),
            None => 0,
        })
    }
}

impl<K, V> Clone for SliceIterator<'_, K, V> {
    fn clone(&self) -> Self {
        SliceIterator { previous: self.previous, entry: self.entry, rest: self.rest.clone() }
    }
}

impl<K, V> fmt::Debug for SliceIterator<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SliceIterator")
            .field("is_valid", &self.entry.is_some())
            .field("remaining", &self.rest.len())
            .finish_non_exhaustive()
    }
}
