use std::convert::Infallible;
use std::fmt;
use std::slice;

use super::search::{gallop, partition_point};
use crate::combinators::{cut_short, not_on_an_entry};
use crate::key::shared_prefix_len;
use crate::prefetch::prefetch;
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// A storage iterator over a slice of `(key, value)` pairs whose keys ascend.
///
/// Lends the pairs of the slice. A slice of owned bytes meets sources of `[u8]` through
/// [`borrowed`](StorageIterator::borrowed).
///
/// # Complexity
///
/// *O(1)* a step. A seek over *n* entries makes *O(log n)* comparisons; one from an entry to another that lies *d* entries ahead,
/// *O(log d)*. Allocates nothing.
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
    entries: &'a [(K, V)],
    /// The entry that `entry` was reached from.
    previous: Option<&'a (K, V)>,
    entry: Option<&'a (K, V)>,
    /// What is behind `entry`. (It costs `next` less than an index into `entries` would.)
    rest: slice::Iter<'a, (K, V)>,
    /// The comparisons of a seek have not returned.
    is_cut_short: bool,
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
        SliceIterator { entries, previous: None, entry: None, rest: entries.iter(), is_cut_short: false }
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
        if self.entry.is_none() && self.is_cut_short {
            cut_short();
        }
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
    fn for_each_while<F>(self, mut f: F) -> Result<bool, Infallible>
    where
        F: FnMut(&K, &V) -> bool,
    {
        if self.is_cut_short {
            cut_short();
        }
        let mut rest = self.rest.as_slice();
        // The slice is shortened after the call, not before it: so the compiler unrolls the loop with one counter, which is what is left,
        // and keeps one pointer. A `for` over the pairs or over their indices takes up to a tenth more instructions, or is not unrolled.
        while let [(key, value), ..] = rest {
            if !f(key, value) {
                return Ok(false);
            }
            rest = &rest[1..];
        }
        Ok(true)
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        let key = self.key().ordered_bytes()?;
        Some(match self.previous {
            Some((previous, _)) => shared_prefix_len(previous.ordered_bytes()?, key),
            None => 0,
        })
    }

    #[inline]
    fn prefetch(&self) {
        let rest = self.rest.as_slice();
        if let Some(byte) = rest.first().and_then(|(key, _)| key.ordered_bytes()).and_then(<[u8]>::first) {
            prefetch(byte);
        }
        // By then, that the next pair's key can be asked for without waiting for the pair.
        if let Some(later) = rest.get(PAIRS_AHEAD) {
            prefetch(later);
        }
    }
}

/// How many pairs ahead of the next one are asked for.
const PAIRS_AHEAD: usize = 3;

impl<K, V> SliceIterator<'_, K, V> {
    /// The number of entries at the front for which `is_before` holds; found by galloping from the current entry, if that is one of
    /// them. A comparison that panics leaves no position.
    fn search(&mut self, is_before: impl Fn(&(K, V)) -> bool) -> usize {
        let behind = self.entries.len() - self.rest.len();
        let stood_on_entry = self.entry.is_some();
        (self.entry, self.rest, self.is_cut_short) = (None, [].iter(), true);
        let end = self.entries.len();
        let is_before = |index: usize| is_before(&self.entries[index]);
        let index = match behind.checked_sub(1) {
            Some(here) if stood_on_entry => gallop(0..end, here, is_before),
            _ => partition_point(0..end, is_before),
        };
        self.is_cut_short = false;
        index
    }

    /// Moves to the entry at `index`, or behind the last one.
    fn stand_on(&mut self, index: usize) -> bool {
        self.previous = None;
        self.is_cut_short = false;
        self.rest = self.entries[index..].iter();
        self.entry = self.rest.next();
        self.entry.is_some()
    }

    /// Moves to the entry before `index`, or before the first one.
    #[inline]
    fn stand_before(&mut self, index: usize) -> bool {
        self.entry = index.checked_sub(1).map(|before| &self.entries[before]);
        self.rest = self.entries[index..].iter();
        self.entry.is_some()
    }
}

impl<K: Key, V> SeekableIterator for SliceIterator<'_, K, V> {
    fn seek(&mut self, key: &K) -> Result<bool, Infallible> {
        let index = self.search(|(entry, _)| entry < key);
        Ok(self.stand_on(index))
    }

    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        Ok(self.stand_on(0))
    }
}

impl<K: Key, V> BidirectionalIterator for SliceIterator<'_, K, V> {
    #[inline]
    fn prev(&mut self) -> Result<bool, Infallible> {
        if self.is_cut_short {
            cut_short();
        }
        self.previous = self.entry;
        Ok(self.stand_before(self.entries.len() - self.rest.len() - usize::from(self.entry.is_some())))
    }

    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        self.previous = None;
        self.is_cut_short = false;
        Ok(self.stand_before(self.entries.len()))
    }

    fn seek_for_prev(&mut self, key: &K) -> Result<bool, Infallible> {
        let index = self.search(|(entry, _)| entry <= key);
        self.previous = None;
        Ok(self.stand_before(index))
    }
}

impl<K, V> Clone for SliceIterator<'_, K, V> {
    fn clone(&self) -> Self {
        SliceIterator { rest: self.rest.clone(), ..*self }
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
