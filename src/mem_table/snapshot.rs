//! [`SnapshotMemTable`]: values with versions, in the cells of the skiplist; and why.
//!
//! Four ways to a scan of one moment were tried at 1,000,000 random 16-byte keys with 100-byte values, all with keys
//! stored in place; one round of three, on two cores that others used too. "Beside" is one writer that overwrites while
//! one thread scans the whole table again and again.
//!
//! | way | put ns | scan ns | beside: puts/s | beside: scan ns | bytes an entry (RSS) |
//! |---|---|---|---|---|---|
//! | keys with versions, `(key, Reverse(instant))`, on the skiplist | 2722 | 311 | 78,000 | 1201 | 213, and as much for every overwrite |
//! | `rpds::RedBlackTreeMapSync`, copied on write | 3822 | 262 | 156,000 | 294 | 256 |
//! | `imbl::OrdMap`, copied on write | 1593 | 103 | 256,000 | 259 | 194 |
//! | values with versions in the cells (this one) | 2563 | 308 | 226,000 | 356 | 229 |
//!
//! Versioned keys grow without end where keys are overwritten, and scans with them. `rpds` is slower than the cells at
//! nearly everything. `imbl` is the fastest, but it is under the MPL-2.0, which a library under MIT or Apache-2.0
//! should not bring to all its users for one table; all its writers pass one lock, and while a scan is open they copy
//! the path to every leaf they touch. The cells need no crate at all, let writers of different keys run in parallel,
//! and keep a value only if an open scan looks at it.

use std::convert::Infallible;
use std::fmt;
use std::ops::{Bound, Deref};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::instants::{Instants, OpenInstant};
use super::snapshot_iterator::SnapshotMemTableIterator;
use super::sorted_table::{self, AtomicSizes};
use super::table_key::TableKey;
use super::walk::{self, Nodes};
use super::{Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, SortedTable};
use crate::SortedRun;

/// A sorted table in memory whose scans see exactly one moment, however long they run, and never block a writer.
///
/// It never forgets a key: [`delete`](Self::delete) writes a tombstone, an empty value, which hides older layers below.
///
/// # What a concurrent reader sees
///
/// - A [`scan`](Self::scan) yields the table as it was at one moment of the call to `scan`: every `put` that had
///   returned by then, or one over it, and none that began afterwards. All its entries are of that moment, whatever is
///   written while it runs.
/// - Two `put`s, one of which returned before the other began, come in this order for every scan: none shows the later
///   without the earlier.
/// - [`snapshot`](Self::snapshot) keeps such a moment for several reads.
/// - A [`get`](Self::get) on the table itself sees the newest value.
///
/// # What it costs
///
/// The table is a [`MemTable`](crate::MemTable) whose values carry the moment of their `put`. While a scan or snapshot
/// is open, a value that is overwritten is kept if an open one looks at it, and freed at a later `put` of the same key,
/// or with the table. So at most one value a key is kept for each snapshot that was open at the same time, and nothing
/// is kept while none is. Writers copy nothing and wait for nobody, nor do they for the opening of a scan, which takes
/// a lock for a few instructions that they take only to overwrite while one is open.
///
/// # Complexity
///
/// As [`MemTable`](crate::MemTable). For a key with *v* kept values a scan takes *O(log v)*, and a `put` while a
/// snapshot is open looks at all of them.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{SnapshotMemTable, StorageIterator};
///
/// let table = SnapshotMemTable::new();
/// table.put(b"a", b"1");
/// table.put(b"b", b"1");
///
/// let mut entries = table.scan(Bound::Unbounded, Bound::Unbounded);
/// table.put(b"b", b"2");
/// table.put(b"c", b"2");
/// while entries.next()? {
///     assert_eq!(entries.value(), b"1");
/// }
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Default)]
pub struct SnapshotMemTable {
    nodes: Nodes<Versions>,
    instants: Arc<Instants>,
    sizes: AtomicSizes,
}

/// The place of a key's values. A key is inserted once, without a value, and stays, as in `MemTable`.
#[derive(Default)]
pub(super) struct Versions(Mutex<History>);

#[derive(Default)]
struct History {
    newest: Option<Version>,
    /// What open snapshots look at, in the order in which it was written. Most keys have none, and pay for one pointer.
    older: Option<Box<Older>>,
}

#[derive(Default)]
struct Older {
    versions: Vec<Version>,
}

struct Version {
    instant: u64,
    value: Arc<[u8]>,
}

impl Versions {
    fn history(&self) -> MutexGuard<'_, History> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest value; `None` while the first `put` of the key is still under way.
    fn newest(&self) -> Option<Arc<[u8]>> {
        Some(Arc::clone(&self.history().newest.as_ref()?.value))
    }

    /// The value that was current at `instant`; `None` if the key was not there yet.
    #[inline]
    pub(super) fn at(&self, instant: u64) -> Option<Arc<[u8]>> {
        let history = self.history();
        let newest = history.newest.as_ref()?;
        if newest.instant <= instant {
            return Some(Arc::clone(&newest.value));
        }
        let older = &history.older.as_ref()?.versions;
        let later = older.partition_point(|version| version.instant <= instant);
        Some(Arc::clone(&older[later.checked_sub(1)?].value))
    }
}

impl SnapshotMemTable {
    /// An empty table.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// assert!(SnapshotMemTable::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores `value` under `key`, over what was there. An empty `value` is a tombstone, as [`delete`](Self::delete)
    /// writes it.
    ///
    /// Allocates copies of the key and the value.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
    /// table.put(b"a", b"1");
    /// table.put(b"a", b"2");
    /// assert_eq!(table.get(b"a").unwrap(), "2");
    /// ```
    pub fn put(&self, key: &[u8], value: &[u8]) {
        let value: Arc<[u8]> = Arc::from(value);
        let added = value.len();
        let entry = self.nodes.get_or_insert_with(TableKey::from(key), Versions::default);
        let mut history = entry.value().history();
        let instant = self.instants.tick();
        let replaced = history.newest.replace(Version { instant, value });
        self.sizes.count(key.len(), added, replaced.as_ref().map(|replaced| replaced.value.len()));
        let unneeded = history.keep(replaced, instant, &self.instants);
        drop(history);
        // Freed outside the lock, as the new value was allocated.
        drop(unneeded);
    }

    /// Writes a tombstone, the empty value, under `key`.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
    /// table.delete(b"a");
    /// assert_eq!(table.get(b"a").unwrap(), "");
    /// ```
    pub fn delete(&self, key: &[u8]) {
        self.put(key, &[]);
    }

    /// The newest value stored under `key`, or `None` if this table knows nothing of the key. A tombstone is `Some` of
    /// an empty value: the caller must know that older layers are hidden.
    ///
    /// The value is shared with the table, not copied; it stays alive as long as the `Bytes` does. Allocates the
    /// handle.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
    /// table.put(b"a", b"1");
    /// assert_eq!(table.get(b"a").unwrap(), "1");
    /// assert_eq!(table.get(b"b"), None);
    /// ```
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Bytes> {
        let value = self.nodes.get(key)?.value().newest()?;
        Some(Bytes::from_owner(value))
    }

    /// The entries between two bounds as they are now, tombstones included, in ascending order. Bounds that leave no
    /// room give no entries. The bounds are copied, which allocates; nothing is searched before the first `next`.
    ///
    /// ```
    /// # use std::ops::Bound::{Included, Unbounded};
    /// # use storage_iter::{SnapshotMemTable, StorageIterator};
    /// let table = SnapshotMemTable::new();
    /// table.put(b"a", b"1");
    /// table.put(b"b", b"1");
    /// let entries = table.scan(Included(b"b"), Unbounded);
    /// table.put(b"c", b"1");
    /// assert_eq!(entries.count(), Ok(1));
    /// ```
    pub fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> SnapshotMemTableIterator<'_> {
        SnapshotMemTableIterator::new(&self.nodes, self.instants.open(), lower, upper)
    }

    /// The same as [`scan`](Self::scan), for those who must store the iterator: it owns a share of the table.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use std::sync::Arc;
    /// # use storage_iter::{ChunkIterator, MemTableSnapshot, SnapshotMemTable, StorageIterator};
    /// struct Cursor {
    ///     entries: ChunkIterator<MemTableSnapshot<Arc<SnapshotMemTable>>>,
    /// }
    /// let table = Arc::new(SnapshotMemTable::new());
    /// table.put(b"a", b"1");
    /// let mut cursor = Cursor { entries: table.scan_owned(Unbounded, Unbounded) };
    /// assert_eq!(cursor.entries.next(), Ok(true));
    /// ```
    pub fn scan_owned(
        self: Arc<Self>,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> ChunkIterator<MemTableSnapshot<Arc<Self>>> {
        ChunkIterator::new(MemTableSnapshot::new(self), lower, upper)
    }

    /// This moment of the table, for several reads.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
    /// table.put(b"a", b"1");
    /// let snapshot = table.snapshot();
    /// table.put(b"a", b"2");
    /// assert_eq!(snapshot.get(b"a").unwrap(), "1");
    /// ```
    pub fn snapshot(&self) -> MemTableSnapshot<&Self> {
        MemTableSnapshot::new(self)
    }

    /// Copies the table into an immutable, flat run, tombstones included. The run is the table at one
    /// moment of the call, and writers are not held up. See [`SortedTable::freeze`].
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
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
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
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
    /// # use storage_iter::SnapshotMemTable;
    /// assert!(SnapshotMemTable::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The size in bytes of all keys and their newest values, without what the table itself needs, which is about 120
    /// bytes an entry, and without what it keeps for open snapshots. An overwritten value counts no more. Approximate
    /// only while a `put` is under way.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
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

impl History {
    /// Keeps `replaced`, which was current until `until`, and the older ones, as far as a snapshot looks at them, and
    /// returns the rest.
    fn keep(&mut self, replaced: Option<Version>, until: u64, instants: &Instants) -> (Option<Version>, Vec<Version>) {
        if replaced.is_none() || instants.none_is_open() {
            return (replaced, self.older.take().map_or_else(Vec::new, |older| older.versions));
        }
        let older = self.older.get_or_insert_default();
        older.versions.extend(replaced);
        let unneeded = instants.take_unneeded(&mut older.versions, until, |version| version.instant);
        if older.versions.is_empty() {
            self.older = None;
        }
        (None, unneeded)
    }
}

sorted_table_by_inherent_methods!(
    SnapshotMemTable,
    SnapshotMemTableIterator<'a>,
    ChunkIterator<MemTableSnapshot<Arc<SnapshotMemTable>>>
);

impl fmt::Debug for SnapshotMemTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotMemTable")
            .field("len", &self.len())
            .field("approximate_size", &self.approximate_size())
            .finish_non_exhaustive()
    }
}

/// One moment of a [`SnapshotMemTable`], for several reads.
///
/// `P` is a handle to the table: `&SnapshotMemTable`, made by [`snapshot`](SnapshotMemTable::snapshot), or an `Arc` of
/// it for a snapshot that owns a share of the table.
///
/// As long as it is open, the table keeps the values that were current at its moment and have been overwritten since.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use std::sync::Arc;
/// use storage_iter::{MemTableSnapshot, SnapshotMemTable, StorageIterator};
///
/// let table = Arc::new(SnapshotMemTable::new());
/// table.put(b"a", b"1");
/// let before = MemTableSnapshot::new(Arc::clone(&table));
/// table.put(b"a", b"2");
/// table.put(b"b", b"2");
/// assert_eq!(before.get(b"a").unwrap(), "1");
/// assert_eq!(before.scan(Unbounded, Unbounded).count(), Ok(1));
/// ```
#[derive(Clone)]
pub struct MemTableSnapshot<P> {
    table: P,
    instant: OpenInstant,
}

impl<P: Deref<Target = SnapshotMemTable>> MemTableSnapshot<P> {
    /// This moment of the table that `table` points to.
    ///
    /// ```
    /// # use storage_iter::{MemTableSnapshot, SnapshotMemTable};
    /// let table = SnapshotMemTable::new();
    /// let snapshot = MemTableSnapshot::new(&table);
    /// table.put(b"a", b"1");
    /// assert_eq!(snapshot.get(b"a"), None);
    /// ```
    pub fn new(table: P) -> Self {
        let instant = table.instants.open();
        MemTableSnapshot { table, instant }
    }

    /// The value that was stored under `key` at this moment, or `None` if the table knew nothing of the key. A
    /// tombstone is `Some` of an empty value.
    ///
    /// ```
    /// # use storage_iter::SnapshotMemTable;
    /// let table = SnapshotMemTable::new();
    /// table.put(b"a", b"1");
    /// let snapshot = table.snapshot();
    /// table.delete(b"a");
    /// assert_eq!(snapshot.get(b"a").unwrap(), "1");
    /// ```
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Bytes> {
        let value = self.table.nodes.get(key)?.value().at(self.instant.get())?;
        Some(Bytes::from_owner(value))
    }

    /// The entries of this moment between two bounds, tombstones included, in ascending order.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{SnapshotMemTable, StorageIterator};
    /// let table = SnapshotMemTable::new();
    /// table.put(b"a", b"1");
    /// let snapshot = table.snapshot();
    /// table.put(b"b", b"1");
    /// assert_eq!(snapshot.scan(Unbounded, Unbounded).count(), Ok(1));
    /// assert_eq!(table.scan(Unbounded, Unbounded).count(), Ok(2));
    /// ```
    pub fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> SnapshotMemTableIterator<'_> {
        SnapshotMemTableIterator::new(&self.table.nodes, self.instant.clone(), lower, upper)
    }
}

/// All chunks are of the same moment.
impl<P: Deref<Target = SnapshotMemTable>> ChunkSource for MemTableSnapshot<P> {
    type Error = Infallible;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        let instant = self.instant.get();
        walk::fill_chunk(&self.table.nodes, from, upper, chunk, |versions| versions.at(instant));
        Ok(())
    }
}

impl<P: Deref<Target = SnapshotMemTable>> DescendingChunkSource for MemTableSnapshot<P> {
    fn fill_descending(&self, lower: Bound<&[u8]>, until: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        let instant = self.instant.get();
        walk::fill_chunk_descending(&self.table.nodes, lower, until, chunk, |versions| versions.at(instant));
        Ok(())
    }
}

impl<P> fmt::Debug for MemTableSnapshot<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemTableSnapshot").field("instant", &self.instant).finish_non_exhaustive()
    }
}
