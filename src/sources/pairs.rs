use std::convert::Infallible;
use std::fmt;

use crate::combinators::not_on_an_entry;
use crate::{Key, StorageIterator};

/// A storage iterator over any std iterator of `(key, value)` pairs whose keys ascend: a `BTreeMap`'s range, an engine's
/// cursor.
///
/// Lends each pair in turn. Pairs of owned bytes meet sources of `[u8]` through
/// [`borrowed`](StorageIterator::borrowed). For an iterator of `Result` pairs see
/// [`ResultPairsIterator`](crate::ResultPairsIterator).
///
/// # Complexity
///
/// One call of the iterator's `next` a step. Allocates what that allocates.
///
/// # Errors
///
/// Never.
///
/// # Panics
///
/// When the iterator does. The next call asks it again, and whether an entry is lost by that is up to the iterator.
///
/// ```
/// use std::collections::BTreeMap;
/// use storage_iter::{PairsIterator, StorageIterator};
///
/// let map = BTreeMap::from([("a", 1), ("b", 2), ("c", 3)]);
/// let mut entries = PairsIterator::new(map.range("b"..));
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (&&"b", &&2));
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct PairsIterator<T, K, V> {
    /// `None` after the end, so that an iterator that would start again is not asked.
    iterator: Option<T>,
    entry: Option<(K, V)>,
}

impl<T, K, V> PairsIterator<T, K, V>
where
    T: Iterator<Item = (K, V)>,
{
    /// The pairs of `pairs`, whose keys must ascend strictly.
    ///
    /// ```
    /// # use storage_iter::{PairsIterator, StorageIterator};
    /// assert_eq!(PairsIterator::new([(1, 'a'), (2, 'b')]).count(), Ok(2));
    /// ```
    #[inline]
    pub fn new<P>(pairs: P) -> Self
    where
        P: IntoIterator<IntoIter = T, Item = (K, V)>,
    {
        PairsIterator { iterator: Some(pairs.into_iter()), entry: None }
    }
}

impl<T, K, V> StorageIterator for PairsIterator<T, K, V>
where
    T: Iterator<Item = (K, V)>,
    K: Key,
{
    type Key = K;
    type Value = V;
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        self.entry = None;
        if let Some(iterator) = &mut self.iterator {
            self.entry = iterator.next();
            if self.entry.is_none() {
                self.iterator = None;
            }
        }
        Ok(self.entry.is_some())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.entry.is_some()
    }

    #[inline]
    fn key(&self) -> &K {
        match &self.entry {
            Some((key, _)) => key,
            None => not_on_an_entry(),
        }
    }

    #[inline]
    fn value(&self) -> &V {
        match &self.entry {
            Some((_, value)) => value,
            None => not_on_an_entry(),
        }
    }
}

impl<T: fmt::Debug, K, V> fmt::Debug for PairsIterator<T, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairsIterator")
            .field("iterator", &self.iterator)
            .field("is_valid", &self.entry.is_some())
            .finish_non_exhaustive()
    }
}
