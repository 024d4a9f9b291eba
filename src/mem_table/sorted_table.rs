use std::convert::Infallible;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::{Never, SortedRun, StorageIterator};

/// A sorted table of byte keys and values that many threads write, read and scan at once.
///
/// Generic code, say the read path of a storage engine, takes any table by this trait, without boxing: the iterators
/// are associated types. The tables of this library differ in what a scan sees of concurrent writes, in speed and in
/// memory:
///
/// | table | a scan sees | a writer waits for |
/// |---|---|---|
/// | [`MemTable`](crate::MemTable) | each key as it is when it comes to it | nobody |
/// | [`BTreeMemTable`](crate::BTreeMemTable) | each chunk of keys at one moment | the copying of a chunk, other writers |
/// | [`SnapshotMemTable`](crate::SnapshotMemTable) | all keys at one moment, that of its start | nobody |
///
/// # What every table promises
///
/// - A [`get`](Self::get) that starts after a [`put`](Self::put) has returned sees that value or a newer one, never
///   nothing.
/// - A scan yields keys in strictly ascending order. A key that is present for the whole life of the scan comes out
///   exactly once, with a value that it had at some moment of the scan. A `put` that returned before the scan began is
///   seen, or one over it is.
/// - Keys are never removed: [`delete`](Self::delete) writes a tombstone, an empty value, which hides older layers
///   below.
/// - Every method takes `&self`, and the thread that scans a table may write to it in between.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{BTreeMemTable, MemTable, SortedTable, StorageIterator};
///
/// /// The live entries of a table over an older one.
/// fn live<A: SortedTable, B: SortedTable>(newer: &A, older: &B) -> usize {
///     let entries = newer.scan(Unbounded, Unbounded).two_merge(older.scan(Unbounded, Unbounded)).skip_tombstones();
///     entries.count().unwrap()
/// }
///
/// let (newer, older) = (MemTable::new(), BTreeMemTable::new());
/// older.put(b"a", b"1");
/// older.put(b"b", b"2");
/// newer.delete(b"a");
/// assert_eq!(live(&newer, &older), 1);
/// ```
pub trait SortedTable: Send + Sync {
    /// What [`scan`](Self::scan) returns: an iterator that borrows the table.
    type Iter<'a>: StorageIterator<Key = [u8], Value = [u8], Error = Infallible> + Send
    where
        Self: 'a;

    /// What [`scan_owned`](Self::scan_owned) returns: an iterator that owns a share of the table.
    type OwnedIter: StorageIterator<Key = [u8], Value = [u8], Error = Infallible> + Send;

    /// Stores `value` under `key`, over what was there. An empty `value` is a tombstone.
    ///
    /// ```
    /// use storage_iter::{BTreeMemTable, SortedTable};
    ///
    /// fn fill(table: &impl SortedTable) {
    ///     table.put(b"a", b"1");
    /// }
    /// let table = BTreeMemTable::new();
    /// fill(&table);
    /// assert_eq!(table.len(), 1);
    /// ```
    fn put(&self, key: &[u8], value: &[u8]);

    /// Writes a tombstone, the empty value, under `key`.
    ///
    /// ```
    /// use storage_iter::{BTreeMemTable, SortedTable};
    ///
    /// fn forget(table: &impl SortedTable) {
    ///     table.delete(b"a");
    /// }
    /// let table = BTreeMemTable::new();
    /// forget(&table);
    /// assert_eq!(table.get(b"a").unwrap(), "");
    /// ```
    fn delete(&self, key: &[u8]) {
        self.put(key, &[]);
    }

    /// The value stored under `key`, or `None` if this table knows nothing of the key. A tombstone is `Some` of an
    /// empty value.
    ///
    /// ```
    /// use storage_iter::{MemTable, SortedTable};
    ///
    /// fn knows(table: &impl SortedTable, key: &[u8]) -> bool {
    ///     table.get(key).is_some()
    /// }
    /// assert!(!knows(&MemTable::new(), b"a"));
    /// ```
    fn get(&self, key: &[u8]) -> Option<Bytes>;

    /// The entries between two bounds, tombstones included, in ascending order. Bounds that leave no room give no
    /// entries.
    ///
    /// ```
    /// use std::ops::Bound::{Included, Unbounded};
    /// use storage_iter::{MemTable, SortedTable, StorageIterator};
    ///
    /// fn count_from(table: &impl SortedTable, lower: &[u8]) -> usize {
    ///     table.scan(Included(lower), Unbounded).count().unwrap()
    /// }
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// assert_eq!((count_from(&table, b"a"), count_from(&table, b"b")), (1, 0));
    /// ```
    fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self::Iter<'_>;

    /// The same as [`scan`](Self::scan), by an iterator that owns a share of the table instead of borrowing it, for
    /// those who must store it.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use std::sync::Arc;
    /// use storage_iter::{SortedTable, SnapshotMemTable, StorageIterator};
    ///
    /// struct Cursor<T: SortedTable> {
    ///     entries: T::OwnedIter,
    /// }
    /// let table = Arc::new(SnapshotMemTable::new());
    /// table.put(b"a", b"1");
    /// let mut cursor = Cursor::<SnapshotMemTable> { entries: table.scan_owned(Unbounded, Unbounded) };
    /// assert_eq!(cursor.entries.next(), Ok(true));
    /// ```
    fn scan_owned(self: Arc<Self>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self::OwnedIter;

    /// The number of keys, those of tombstones included.
    ///
    /// ```
    /// use storage_iter::{MemTable, SortedTable};
    ///
    /// fn is_big(table: &impl SortedTable) -> bool {
    ///     table.len() > 1_000_000
    /// }
    /// assert!(!is_big(&MemTable::new()));
    /// ```
    fn len(&self) -> usize;

    /// Whether nothing was ever put.
    ///
    /// ```
    /// use storage_iter::{MemTable, SortedTable};
    ///
    /// fn needs_a_flush(table: &impl SortedTable) -> bool {
    ///     !table.is_empty()
    /// }
    /// assert!(!needs_a_flush(&MemTable::new()));
    /// ```
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size in bytes of all keys and their current values, without what the table itself needs. An overwritten
    /// value counts no more. Approximate only while a `put` is under way.
    ///
    /// ```
    /// use storage_iter::{MemTable, SortedTable};
    ///
    /// fn is_full(table: &impl SortedTable) -> bool {
    ///     table.approximate_size() >= 64 << 20
    /// }
    /// assert!(!is_full(&MemTable::new()));
    /// ```
    fn approximate_size(&self) -> usize;

    /// Copies the table into an immutable, flat [`SortedRun`], tombstones included: for the table that an engine has
    /// replaced by a new one and is about to write out.
    ///
    /// The run is what a full [`scan`](Self::scan) yields during the call, and nobody is locked out: every `put` that
    /// returned before the call is in it, one that begins after the call is not, and of those in between it has what
    /// such a scan sees. The table stays as it was, so its readers may finish in peace; free it by dropping it. To lose
    /// no write, end the writing first, as replacing the table does.
    ///
    /// ```
    /// use storage_iter::{MemTable, SortedTable};
    ///
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// let run = table.freeze();
    /// assert_eq!(run.get(b"a"), Some(b"1".as_slice()));
    /// ```
    #[must_use]
    fn freeze(&self) -> SortedRun {
        match self.scan(Bound::Unbounded, Bound::Unbounded).collect() {
            Ok(run) => run,
            Err(error) => error.never(),
        }
    }
}

/// What `freeze` of our tables does: they know how long their keys and values are together.
pub(super) fn freeze(table: &impl SortedTable, sizes: Sizes) -> SortedRun {
    let entries = table.scan(Bound::Unbounded, Bound::Unbounded);
    match SortedRun::collect_with_capacity(entries, table.len(), sizes.keys, sizes.values) {
        Ok(run) => run,
        Err(error) => error.never(),
    }
}

/// The length of all keys, and of all their current values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    pub(super) keys: usize,
    pub(super) values: usize,
}

/// The same, counted by many threads.
#[derive(Debug, Default)]
pub(super) struct AtomicSizes {
    keys: AtomicUsize,
    values: AtomicUsize,
}

impl AtomicSizes {
    /// Counts a value of a new key, or in place of a value of length `replaced`.
    ///
    /// If it is called under the lock of the key's cell, the sum of all changes is exact whichever thread comes first.
    pub(super) fn count(&self, key: usize, value: usize, replaced: Option<usize>) {
        if replaced.is_none() {
            self.keys.fetch_add(key, Ordering::Relaxed);
        }
        // The sum wraps back where the new value is shorter.
        let change = value.wrapping_sub(replaced.unwrap_or(0));
        if change != 0 {
            self.values.fetch_add(change, Ordering::Relaxed);
        }
    }

    pub(super) fn get(&self) -> Sizes {
        Sizes { keys: self.keys.load(Ordering::Relaxed), values: self.values.load(Ordering::Relaxed) }
    }
}

/// Implements [`SortedTable`] for a table of ours, whose methods of these names are inherent, so that users need no
/// import.
macro_rules! sorted_table_by_inherent_methods {
    ($table:ident, $iter:ty, $owned_iter:ty) => {
        impl SortedTable for $table {
            type Iter<'a> = $iter;
            type OwnedIter = $owned_iter;

            fn put(&self, key: &[u8], value: &[u8]) {
                $table::put(self, key, value);
            }

            fn get(&self, key: &[u8]) -> Option<Bytes> {
                $table::get(self, key)
            }

            fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self::Iter<'_> {
                $table::scan(self, lower, upper)
            }

            fn scan_owned(self: Arc<Self>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self::OwnedIter {
                $table::scan_owned(self, lower, upper)
            }

            fn len(&self) -> usize {
                $table::len(self)
            }

            fn approximate_size(&self) -> usize {
                $table::approximate_size(self)
            }

            fn freeze(&self) -> SortedRun {
                $table::freeze(self)
            }
        }
    };
}
