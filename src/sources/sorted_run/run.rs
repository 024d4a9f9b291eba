use std::cmp::Ordering;
use std::fmt;
use std::ops::{Bound, Range};
use std::sync::Arc;

use super::cursor::Cursor;
use super::iterator::SortedRunIterator;
use super::owned::OwnedSortedRunIterator;
use super::{Column, Columnar};
use crate::key::shared_prefix_len;
use crate::prefetch::prefetch;
use crate::sources::search::partition_point;
use crate::{FromStorageIterator, Key, StorageIterator};

/// An immutable run of sorted entries in flat memory, which any storage iterator can be collected into.
///
/// Keys and values lie end to end in one column each, so a scan reads memory in order. A clone shares the columns: it
/// costs one reference count, and any number of threads scan one run at once.
///
/// # Complexity
///
/// Byte keys and values take their own length and 16 bytes an entry. [`get`](Self::get) and the start of a
/// [`scan`](Self::scan) search in *O(log n)* comparisons, *n* being the number of entries.
///
/// ```
/// use storage_iter::{SliceIterator, SortedRun, StorageIterator};
///
/// let entries = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
/// let run: SortedRun = SliceIterator::new(&entries).borrowed().collect()?;
/// assert_eq!(run.get(b"b"), Some(b"2".as_slice()));
///
/// let mut all = run.iter();
/// assert_eq!(all.next(), Ok(true));
/// assert_eq!(all.key(), b"a");
/// # Ok::<(), std::convert::Infallible>(())
/// ```
pub struct SortedRun<K: ?Sized + Columnar = [u8], V: ?Sized + Columnar = [u8]> {
    columns: Arc<Columns<K, V>>,
}

struct Columns<K: ?Sized + Columnar, V: ?Sized + Columnar> {
    keys: K::Column,
    values: V::Column,
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> SortedRun<K, V> {
    /// The number of entries.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, SortedRun, StorageIterator};
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
    /// assert_eq!(run.len(), 2);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.keys.len()
    }

    /// Whether there are no entries.
    ///
    /// ```
    /// # use storage_iter::SortedRun;
    /// assert!(<SortedRun>::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The least key: with [`last_key`](Self::last_key), what a [`ConcatIterator`](crate::ConcatIterator) over runs has to know of each.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, SortedRun, StorageIterator};
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
    /// assert_eq!(run.first_key(), Some(&1));
    /// assert_eq!(<SortedRun>::default().first_key(), None);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn first_key(&self) -> Option<&K> {
        (!self.is_empty()).then(|| self.key_at(0))
    }

    /// The greatest key.
    ///
    /// ```
    /// use storage_iter::{ConcatIterator, ConcatRanges, SeekableIterator, SliceIterator, SortedRun, StorageIterator};
    ///
    /// let mut entries = SliceIterator::new(&[(1, 'a'), (2, 'b'), (5, 'c')]);
    /// let first_half: SortedRun<u64, char> = entries.by_ref().take(2).collect()?;
    /// let runs = [first_half, entries.collect()?];
    /// let ranges = runs.iter().filter_map(|run| run.first_key().zip(run.last_key()));
    /// let mut level = ConcatIterator::new(ConcatRanges::new(ranges, |index| Ok(runs[index].iter())).unwrap());
    /// assert_eq!(level.seek(&3), Ok(true));
    /// assert_eq!(level.key(), &5);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn last_key(&self) -> Option<&K> {
        self.len().checked_sub(1).map(|last| self.key_at(last))
    }

    #[inline]
    pub(super) fn key_at(&self, index: usize) -> &K {
        self.columns.keys.get(index)
    }

    /// The entries at some indices.
    #[inline]
    pub(super) fn range(&self, indices: Range<usize>) -> impl Iterator<Item = (&K, &V)> {
        self.columns.keys.range(indices.clone()).zip(self.columns.values.range(indices))
    }

    #[inline]
    pub(super) fn value_at(&self, index: usize) -> &V {
        self.columns.values.get(index)
    }
}

impl<K: ?Sized + Key + Columnar, V: ?Sized + Columnar> SortedRun<K, V> {
    /// How many bytes the key at `index` shares with the one at `other`, for keys made of bytes.
    #[inline]
    pub(super) fn shared_prefix_len_at(&self, index: usize, other: Option<usize>) -> Option<usize> {
        let key = self.key_at(index).ordered_bytes()?;
        Some(match other {
            Some(other) => shared_prefix_len(self.key_at(other).ordered_bytes()?, key),
            None => 0,
        })
    }

    /// Asks the processor for the key at `index`, if there is one.
    #[inline]
    pub(super) fn prefetch_key_at(&self, index: usize) {
        if index < self.len()
            && let Some(byte) = self.key_at(index).ordered_bytes().and_then(<[u8]>::first)
        {
            prefetch(byte);
        }
    }

    /// The value stored under `key`; a tombstone is a value here. *O(log n)* comparisons.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, SortedRun, StorageIterator};
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (3, 'b')]).collect()?;
    /// assert_eq!((run.get(&3), run.get(&2)), (Some(&'b'), None));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        let index = self.partition_point(|other| other.cmp(key) == Ordering::Less);
        (index < self.len() && self.key_at(index) == key).then(|| self.value_at(index))
    }

    /// The entries between two bounds, in order. Bounds that leave no room give no entries. The bounds are searched at
    /// once, in *O(log n)* comparisons; nothing is allocated.
    ///
    /// ```
    /// # use std::ops::Bound::{Excluded, Unbounded};
    /// # use storage_iter::{SliceIterator, SortedRun, StorageIterator};
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
    /// assert_eq!(run.scan(Excluded(&1), Unbounded).count(), Ok(2));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn scan(&self, lower: Bound<&K>, upper: Bound<&K>) -> SortedRunIterator<'_, K, V> {
        SortedRunIterator::new(self, self.cursor(lower, upper))
    }

    /// The same as [`scan`](Self::scan), for those who must store the iterator: it takes the run, of which a clone
    /// costs one reference count.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{OwnedSortedRunIterator, SliceIterator, SortedRun, StorageIterator};
    /// struct Cursor {
    ///     entries: OwnedSortedRunIterator<u64, char>,
    /// }
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
    /// let mut cursor = Cursor { entries: run.clone().scan_owned(Unbounded, Unbounded) };
    /// assert_eq!(cursor.entries.next(), Ok(true));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn scan_owned(self, lower: Bound<&K>, upper: Bound<&K>) -> OwnedSortedRunIterator<K, V> {
        let cursor = self.cursor(lower, upper);
        OwnedSortedRunIterator::new(self, cursor)
    }

    /// All entries, in order.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, SortedRun, StorageIterator};
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
    /// assert_eq!(run.iter().count(), Ok(2));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn iter(&self) -> SortedRunIterator<'_, K, V> {
        self.scan(Bound::Unbounded, Bound::Unbounded)
    }

    /// Before the first entry between two bounds.
    fn cursor(&self, lower: Bound<&K>, upper: Bound<&K>) -> Cursor {
        let start = match lower {
            Bound::Included(lower) => self.partition_point(|key| key < lower),
            Bound::Excluded(lower) => self.partition_point(|key| key <= lower),
            Bound::Unbounded => 0,
        };
        let end = match upper {
            Bound::Included(upper) => self.partition_point(|key| key <= upper),
            Bound::Excluded(upper) => self.partition_point(|key| key < upper),
            Bound::Unbounded => self.len(),
        };
        Cursor::new(start, end)
    }

    /// The number of keys at the front for which `is_before` holds.
    fn partition_point(&self, is_before: impl Fn(&K) -> bool) -> usize {
        partition_point(0..self.len(), |index| is_before(self.key_at(index)))
    }
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> SortedRun<K, V> {
    /// Collects about `len` entries whose keys and values are about so long together. At a million entries this takes a
    /// third of the time that growing columns take.
    #[cfg(feature = "mem-table")]
    pub(crate) fn collect_with_capacity<I>(
        iterator: I,
        len: usize,
        keys_length: usize,
        values_length: usize,
    ) -> Result<Self, I::Error>
    where
        I: StorageIterator<Key = K, Value = V>,
    {
        let (mut keys, mut values) = (K::Column::default(), V::Column::default());
        keys.reserve(len, keys_length);
        values.reserve(len, values_length);
        SortedRun::collect_into(keys, values, iterator)
    }

    fn collect_into<I>(mut keys: K::Column, mut values: V::Column, mut iterator: I) -> Result<Self, I::Error>
    where
        I: StorageIterator<Key = K, Value = V>,
    {
        while iterator.next()? {
            keys.push(iterator.key());
            values.push(iterator.value());
        }
        keys.shrink();
        values.shrink();
        Ok(SortedRun { columns: Arc::new(Columns { keys, values }) })
    }
}

/// Copies the entries; at the end the columns are cut to size. The keys must ascend, as every storage iterator
/// promises; a source that may break the promise goes through [`check_order`](StorageIterator::check_order) first.
impl<K: ?Sized + Columnar, V: ?Sized + Columnar> FromStorageIterator<K, V> for SortedRun<K, V> {
    fn from_storage_iterator<I>(iterator: I) -> Result<Self, I::Error>
    where
        I: StorageIterator<Key = K, Value = V>,
    {
        SortedRun::collect_into(K::Column::default(), V::Column::default(), iterator)
    }
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> Default for SortedRun<K, V> {
    fn default() -> Self {
        SortedRun { columns: Arc::new(Columns { keys: K::Column::default(), values: V::Column::default() }) }
    }
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> Clone for SortedRun<K, V> {
    fn clone(&self) -> Self {
        SortedRun { columns: Arc::clone(&self.columns) }
    }
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> fmt::Debug for SortedRun<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortedRun").field("len", &self.len()).finish_non_exhaustive()
    }
}
