use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

use super::sorted_table::{self, Sizes};
use super::table_key::TableKey;
use super::turnstile_lock::TurnstileLock;
use super::{Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, SortedTable};
use crate::SortedRun;
use crate::combinators::is_empty_range;

/// A sorted table in memory, on a B-tree behind a lock, whose scans hold the lock only while they copy a few entries.
///
/// It never forgets a key: [`delete`](Self::delete) writes a tombstone, an empty value, which hides older layers below.
///
/// # What a concurrent reader sees
///
/// - A [`get`](Self::get) that starts after a [`put`](Self::put) has returned sees that value or a newer one, never
///   nothing.
/// - A [`scan`](Self::scan) reads the table chunk by chunk. The entries of a chunk are the table's contents between two
///   keys at one moment within the call of `next` that fetched it; the moments of later chunks are later.
/// - Keys ascend, each comes out at most once, and every key that is present for the whole life of the scan comes out
///   exactly once.
/// - A `put` that returned before the scan began is seen, or one over it is. A concurrent one is seen if its key lies
///   beyond the current chunk. An entry is therefore out of date by one chunk at most.
/// - A scan is not a point in time: it may show a later write ahead of it and miss an earlier one behind it.
/// - Between two calls of `next` no lock is held. Writers go on while a scan stands still, and the scanning thread may
///   itself write.
///
/// # Who waits for whom
///
/// A writer waits for the scans that are copying when it comes, and for the writers before it. A scan that copies ends
/// its chunk within 16 entries if a writer waits, and one that wants its next chunk queues behind that writer. So scans
/// cannot keep writers out, which std's lock alone would let them do. Whoever waits does so awake for some microseconds,
/// longer than the others take if they have a core to run on, and then asleep.
///
/// # Complexity
///
/// With *n* keys, `put` and `get` take *O(log n)* comparisons, a scan as many for each chunk. At a million keys a scan
/// is several times as fast as one of a [`MemTable`](crate::MemTable), and a `put` by a single thread takes half the
/// time; but puts do not run in parallel.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{BTreeMemTable, StorageIterator};
///
/// let table = BTreeMemTable::new();
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
#[derive(Default)]
pub struct BTreeMemTable {
    state: TurnstileLock<State>,
}

#[derive(Default)]
struct State {
    map: BTreeMap<TableKey, Arc<[u8]>>,
    sizes: Sizes,
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

    /// Stores `value` under `key`, over what was there. An empty `value` is a tombstone, as [`delete`](Self::delete)
    /// writes it.
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
        // A panic while it is locked can only come from a failed allocation, before anything was changed.
        let mut state = self.state.write();
        let replaced = state.map.insert(stored_key, stored_value);
        state.sizes.values += value.len();
        match &replaced {
            None => state.sizes.keys += key.len(),
            Some(replaced) => state.sizes.values -= replaced.len(),
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

    /// The value stored under `key`, or `None` if this table knows nothing of the key. A tombstone is `Some` of an
    /// empty value: the caller must know that older layers are hidden.
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
        let value = self.state.read().map.get(key).cloned();
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

    /// Copies the table into an immutable, flat run, tombstones included. The run is what a full [`scan`](Self::scan)
    /// yields during the call: every `put` that returned before the call is in it, and writers are not held up. See
    /// [`SortedTable::freeze`].
    ///
    /// ```
    /// # use storage_iter::BTreeMemTable;
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// let run = table.freeze();
    /// assert_eq!(run.get(b"a"), Some(b"1".as_slice()));
    /// ```
    #[must_use]
    pub fn freeze(&self) -> SortedRun {
        sorted_table::freeze(self, self.sizes())
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
        self.state.read().map.len()
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
        let sizes = self.sizes();
        sizes.keys + sizes.values
    }

    fn sizes(&self) -> Sizes {
        self.state.read().sizes
    }

    /// Copies entries until the chunk is full, or ends it sooner if a writer waits: then after 16 entries, which take
    /// about as long as the search for the first.
    fn copy<'a>(&self, entries: impl Iterator<Item = (&'a TableKey, &'a Arc<[u8]>)>, chunk: &mut Chunk) {
        for (key, value) in entries {
            if !chunk.push(key.as_slice(), value) {
                break;
            }
            if chunk.len().is_multiple_of(16) && self.state.is_writer_waiting() {
                chunk.end();
                break;
            }
        }
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
        let state = self.state.read_in_turn();
        self.copy(state.map.range::<[u8], _>((from, upper)), chunk);
        Ok(())
    }
}

impl DescendingChunkSource for BTreeMemTable {
    fn fill_descending(&self, lower: Bound<&[u8]>, until: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
        if is_empty_range(lower, until) {
            return Ok(());
        }
        let state = self.state.read_in_turn();
        self.copy(state.map.range::<[u8], _>((lower, until)).rev(), chunk);
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

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_scan_ends_its_chunk_if_a_writer_waits() {
        let table = BTreeMemTable::new();
        for number in 0..100_u8 {
            table.put(&[number], b"1");
        }
        let mut chunk = Chunk::new(64, 1000);
        let state = table.state.read_in_turn();
        table.copy(state.map.iter(), &mut chunk);
        assert_eq!((chunk.len(), chunk.is_full()), (64, true));
        thread::scope(|scope| {
            scope.spawn(|| table.put(&[200], b"1"));
            while !table.state.is_writer_waiting() {
                thread::yield_now();
            }
            chunk.clear();
            table.copy(state.map.iter(), &mut chunk);
            // Full, which says that there is more to come.
            assert_eq!((chunk.len(), chunk.is_full()), (16, true));
            drop(state);
        });
        assert_eq!(table.len(), 101);
    }
}
