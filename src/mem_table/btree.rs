use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;

use super::table_key::TableKey;
use super::{Chunk, ChunkIterator, ChunkSource, SortedTable};
use crate::combinators::is_empty_range;

/// A sorted table in memory, on a B-tree behind a lock, whose scans hold the lock only while they copy a few entries.
#[derive(Default)]
pub struct BTreeMemTable {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    map: BTreeMap<TableKey, Arc<[u8]>>,
    size: usize,
}

impl BTreeMemTable {
    /// An empty table.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// assert!(BTreeMemTable::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores `value` under `key`, over what was there. An empty `value` is a tombstone, as [`delete`](Self::delete) writes it.
    ///
    /// Copies of the key and the value are allocated, and the old value is freed, outside the lock.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// table.put(b"a", b"2");
    /// assert_eq!(table.get(b"a").unwrap(), "2");
    /// ```
    pub fn put(&self, key: &[u8], value: &[u8]) {
        let (stored_key, stored_value) = (TableKey::from(key), Arc::from(value));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let replaced = state.map.insert(stored_key, stored_value);
        state.size += value.len();
        match &replaced {
            None => state.size += key.len(),
            Some(replaced) => state.size -= replaced.len(),
        }
        drop(state);
    }

    /// Writes a tombstone, the empty value, under `key`.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// let table = BTreeMemTable::new();
    /// table.delete(b"a");
    /// assert_eq!(table.get(b"a").unwrap(), "");
    /// ```
    pub fn delete(&self, key: &[u8]) {
        self.put(key, &[]);
    }

    /// The value stored under `key`, or `None` if this table knows nothing of the key. A tombstone is `Some` of an empty value: the
    /// caller must know that older layers are hidden.
    ///
    /// The value is shared with the table, not copied; it stays alive as long as the `Bytes` does. Allocates the
    /// handle.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// assert_eq!(table.get(b"a").unwrap(), "1");
    /// assert_eq!(table.get(b"b"), None);
    /// ```
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Bytes> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let value = state.map.get(key).cloned();
        drop(state);
        Some(Bytes::from_owner(value?))
    }

    /// The entries between two bounds, tombstones included, in ascending order. Bounds that leave no room give no
    /// entries. The bounds are copied, which allocates; nothing is searched before the first `next`.
    ///
    /// ```
    /// # use std::ops::Bound::{Included, Unbounded};
    /// # use storage_iter::{BTreeMemTable, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// for key in ["a", "b", "c"] {
    ///     table.put(key.as_bytes(), b"1");
    /// }
    /// let mut entries = table.scan(Included(b"b"), Unbounded);
    /// while entries.next()? {
    ///     table.delete(entries.key()); // No lock is held here.
    /// }
    /// assert_eq!(table.get(b"b").unwrap(), "");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> ChunkIterator<&Self> {
        ChunkIterator::new(self, lower, upper)
    }

    /// The same as [`scan`](Self::scan), for those who must store the iterator: it owns a share of the table.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use std::sync::Arc;
    /// # use storage_iter::{BTreeMemTable, ChunkIterator, StorageIterator};
    /// struct Cursor {
    ///     entries: ChunkIterator<Arc<BTreeMemTable>>,
    /// }
    /// let table = Arc::new(BTreeMemTable::new());
    /// table.put(b"a", b"1");
    /// let mut cursor = Cursor { entries: table.scan_owned(Unbounded, Unbounded) };
    /// assert_eq!(cursor.entries.next(), Ok(true));
    /// ```
    pub fn scan_owned(self: Arc<Self>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> ChunkIterator<Arc<Self>> {
        ChunkIterator::new(self, lower, upper)
    }

    /// The number of keys, those of tombstones included.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// table.delete(b"a");
    /// assert_eq!(table.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.read().unwrap_or_else(PoisonError::into_inner).map.len()
    }

    /// Whether nothing was ever put.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// assert!(BTreeMemTable::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size in bytes of all keys and their current values, without what the table itself needs, which is about
    /// 75 bytes an entry. An overwritten value counts no more.
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// let table = BTreeMemTable::new();
    /// table.put(b"key", b"value");
    /// table.put(b"key", b"v");
    /// assert_eq!(table.approximate_size(), 4);
    /// ```
    #[must_use]
    pub fn approximate_size(&self) -> usize {
        self.state.read().unwrap_or_else(PoisonError::into_inner).size
    }
}

/// A chunk is the table's contents between two keys at one moment.
impl ChunkSource for BTreeMemTable {
    type Error = Infallible;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        // `BTreeMap::range` panics on these.
        if is_empty_range(from, upper) {
            return Ok(());
        }
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in state.map.range::<[u8], _>((from, upper)) {
            if !chunk.push(key.as_slice(), value) {
                break;
            }
        }
        Ok(())
    }
}

sorted_table_by_inherent_methods!(BTreeMemTable, ChunkIterator<&'a BTreeMemTable>, ChunkIterator<Arc<BTreeMemTable>>);

impl fmt::Debug for BTreeMemTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BTreeMemTable")
            .field("len", &self.len())
            .field("approximate_size", &self.approximate_size())
            .finish_non_exhaustive()
    }
}
