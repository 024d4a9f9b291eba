use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::iterator::MemTableIterator;
use super::sorted_table::{self, AtomicSizes};
use super::table_key::TableKey;
use super::walk::{self, Nodes};
use super::{Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, SortedTable};
use crate::SortedRun;

/// A sorted table in memory, on a lock-free skiplist, which any number of threads write, read and scan at once.
///
/// It never forgets a key: [`delete`](Self::delete) writes a tombstone, an empty value, which hides older layers below.
///
/// # What a concurrent reader sees
///
/// - A [`get`](Self::get) that starts after a [`put`](Self::put) has returned sees that value or a newer one, never
///   nothing.
/// - A [`scan`](Self::scan) yields every key that is present for the whole life of the scan exactly once, with the
///   value that it had at the moment when the scan stepped onto it. A key put meanwhile comes out if the scan has not
///   passed it yet. A scan is therefore not a point in time: it may show a later write ahead of it and miss an earlier
///   one behind it.
///
/// # Complexity
///
/// With *n* keys, `put` and `get` take expected *O(log n)* comparisons. A table of *n* entries frees its memory in
/// *O(n)*, on the thread that drops it; that is some hundred nanoseconds an entry.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{MemTable, StorageIterator};
///
/// let table = MemTable::new();
/// table.put(b"b", b"1");
/// table.put(b"a", b"2");
/// table.delete(b"b");
///
/// let mut entries = table.scan(Bound::Unbounded, Bound::Unbounded);
/// while entries.next()? {
///     println!("{:?} = {:?}", entries.key(), entries.value());
/// }
/// # Ok::<(), std::convert::Infallible>(())
/// ```
///
/// An iterator cannot outlive its table:
///
/// ```compile_fail,E0505
/// use std::ops::Bound;
/// use storage_iter::{MemTable, StorageIterator};
///
/// let table = MemTable::new();
/// let mut entries = table.scan(Bound::Unbounded, Bound::Unbounded);
/// drop(table);
/// entries.next();
/// ```
#[derive(Default)]
pub struct MemTable {
    nodes: Nodes<Cell>,
    sizes: AtomicSizes,
}

/// The place of a key's value. A key is inserted once, with an empty cell, and stays; values are swapped in the cell.
///
/// Why not `SkipMap::insert` again: in crossbeam-skiplist 0.1.3 a key that is inserted over itself is absent for a
/// moment, to `get` and to scans (crossbeam-rs/crossbeam#1023), and a merge would then show the older value of a lower
/// layer.
#[derive(Default)]
pub(super) struct Cell(Mutex<Option<Arc<[u8]>>>);

impl Cell {
    /// The value; `None` while the first `put` of the key is still under way.
    #[inline]
    pub(super) fn get(&self) -> Option<Arc<[u8]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl MemTable {
    /// An empty table.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// assert!(MemTable::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores `value` under `key`, over what was there. An empty `value` is a tombstone, as [`delete`](Self::delete)
    /// writes it.
    ///
    /// Puts of one key take effect in one order, the same for every reader. Allocates copies of the key and the value.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// table.put(b"a", b"2");
    /// assert_eq!(table.get(b"a").unwrap(), "2");
    /// ```
    pub fn put(&self, key: &[u8], value: &[u8]) {
        let value: Arc<[u8]> = Arc::from(value);
        let added = value.len();
        let entry = self.nodes.get_or_insert_with(TableKey::from(key), Cell::default);
        let mut cell = entry.value().0.lock().unwrap_or_else(PoisonError::into_inner);
        let replaced = cell.replace(value);
        self.sizes.count(key.len(), added, replaced.as_ref().map(|replaced| replaced.len()));
        // Freed outside the lock, as the new value was allocated.
        drop(cell);
    }

    /// Writes a tombstone, the empty value, under `key`.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// let table = MemTable::new();
    /// table.delete(b"a");
    /// assert_eq!(table.get(b"a").unwrap(), "");
    /// ```
    pub fn delete(&self, key: &[u8]) {
        self.put(key, &[]);
    }

    /// The value stored under `key`, or `None` if this table knows nothing of the key. A tombstone is `Some` of an
    /// empty value: the caller must know that older layers are hidden.
    ///
    /// The value is shared with the table, not copied; it stays alive as long as the `Bytes` does. Allocates the
    /// handle.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// assert_eq!(table.get(b"a").unwrap(), "1");
    /// assert_eq!(table.get(b"b"), None);
    /// ```
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Bytes> {
        let value = self.nodes.get(key)?.value().get()?;
        Some(Bytes::from_owner(value))
    }

    /// The entries between two bounds, tombstones included, in ascending order. Bounds that leave no room give no
    /// entries. The bounds are copied, which allocates; nothing is searched before the first `next`.
    ///
    /// ```
    /// # use std::ops::Bound::{Included, Unbounded};
    /// # use storage_iter::{MemTable, StorageIterator};
    /// let table = MemTable::new();
    /// for key in ["a", "b", "c"] {
    ///     table.put(key.as_bytes(), b"1");
    /// }
    /// assert_eq!(table.scan(Included(b"b"), Unbounded).count(), Ok(2));
    /// ```
    pub fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> MemTableIterator<'_> {
        MemTableIterator::new(&self.nodes, lower, upper)
    }

    /// The same as [`scan`](Self::scan), for those who must store the iterator: it owns a share of the table. It copies
    /// a few entries at a time, so a value that it lends is at most one chunk old.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use std::sync::Arc;
    /// # use storage_iter::{ChunkIterator, MemTable, StorageIterator};
    /// struct Cursor {
    ///     entries: ChunkIterator<Arc<MemTable>>,
    /// }
    /// let table = Arc::new(MemTable::new());
    /// table.put(b"a", b"1");
    /// let mut cursor = Cursor { entries: table.scan_owned(Unbounded, Unbounded) };
    /// assert_eq!(cursor.entries.next(), Ok(true));
    /// ```
    pub fn scan_owned(self: Arc<Self>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> ChunkIterator<Arc<Self>> {
        ChunkIterator::new(self, lower, upper)
    }

    /// Copies the table into an immutable, flat run, tombstones included. The run is what a full [`scan`](Self::scan)
    /// yields during the call: every `put` that returned before the call is in it, and writers are not held up. See
    /// [`SortedTable::freeze`].
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// let run = table.freeze();
    /// assert_eq!(run.get(b"a"), Some(b"1".as_slice()));
    /// ```
    #[must_use]
    pub fn freeze(&self) -> SortedRun {
        sorted_table::freeze(self, self.sizes.get())
    }

    /// The number of keys, those of tombstones included. While a `put` is under way its key may count already.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// table.delete(b"a");
    /// assert_eq!(table.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was ever put.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// assert!(MemTable::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The size in bytes of all keys and their current values, without what the table itself needs, which is about
    /// 100 bytes an entry. An overwritten value counts no more. Approximate only while a `put` is under way.
    ///
    /// ```
    /// # use storage_iter::MemTable;
    /// let table = MemTable::new();
    /// table.put(b"key", b"value");
    /// table.put(b"key", b"v");
    /// assert_eq!(table.approximate_size(), 4);
    /// ```
    #[must_use]
    pub fn approximate_size(&self) -> usize {
        let sizes = self.sizes.get();
        sizes.keys.wrapping_add(sizes.values)
    }
}

/// Each entry is read by itself: a chunk is no moment of the table.
impl ChunkSource for MemTable {
    type Error = Infallible;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        walk::fill_chunk(&self.nodes, from, upper, chunk, Cell::get);
        Ok(())
    }
}

impl DescendingChunkSource for MemTable {
    fn fill_descending(&self, lower: Bound<&[u8]>, until: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        walk::fill_chunk_descending(&self.nodes, lower, until, chunk, Cell::get);
        Ok(())
    }
}

sorted_table_by_inherent_methods!(MemTable, MemTableIterator<'a>, ChunkIterator<Arc<MemTable>>);

impl fmt::Debug for MemTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemTable")
            .field("len", &self.len())
            .field("approximate_size", &self.approximate_size())
            .finish_non_exhaustive()
    }
}
