use std::ops::Bound;

use super::{AtSnapshot, ChunkFn, Latest};
use crate::{
    BidirectionalIterator, Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, SeekableIterator,
    SnapshotViewSource, StorageIterator,
};

const DEFAULT_MAX_ENTRIES: usize = 1024;

/// A scan that may stay open for as long as you like, because it keeps nothing alive of what it scans.
///
/// A plain iterator over tables and files keeps them alive while it is open: a mem-table of 256 MB that was flushed
/// long ago, a file that was compacted away. This one takes a fresh view of its source, copies a chunk of entries into
/// a buffer of its own, and lets the view go. Between two refills, and so while nobody calls `next`, it holds its
/// source, its buffers and nothing else. The next refill starts strictly behind the last key that came out; that key
/// need not exist any more.
///
/// Yields the entries between two bounds in strictly ascending order of keys, none twice. What it shows of changes made
/// meanwhile is chosen by the constructor:
///
/// | | [`latest`](Self::latest), [`from_fn`](Self::from_fn) | [`snapshot`](Self::snapshot) |
/// |---|---|---|
/// | asks of the source | [`ViewSource`](crate::ViewSource), or a closure | [`SnapshotViewSource`]: sequence numbers |
/// | one chunk shows | what its view shows | the snapshot |
/// | a key present throughout | comes out exactly once, with a value it had meanwhile | comes out exactly once, with its value at the start |
/// | a change behind the current chunk | is not seen | is not seen |
/// | a change ahead of the current chunk | is seen | is not seen |
/// | the whole is one moment | no: it may show a later write and miss an earlier one | yes, that of the constructor |
/// | kept alive between refills | nothing | what the engine keeps for the snapshot: old versions, no tables |
///
/// It is a [`SeekableIterator`]: a seek drops the chunk and begins with a small one again. Over a [`DescendingChunkSource`], as
/// the tables of this library are, it is a [`BidirectionalIterator`].
///
/// For those who cannot pay the copy of every entry there is [`RefreshIterator`](crate::RefreshIterator), which keeps
/// an iterator open and replaces it now and then.
///
/// # Complexity
///
/// A refill takes one view and opens one scan, at the cost of a search in everything that is scanned; each entry is
/// copied once. Chunks take 4, 16, 64, 256, then 1024 entries, and at most 64 KiB of keys and values (a larger entry
/// comes alone); see [`max_entries`](Self::max_entries) and [`max_bytes`](Self::max_bytes). The buffers are reused:
/// the iterator allocates nothing once they have the size of the largest chunk, and what opening a scan allocates is up
/// to the source.
///
/// A refill lasts until the chunk is full, so a scan that hides much, behind tombstones or a filter, holds its view
/// while it skips. Put [`skip_tombstones`](StorageIterator::skip_tombstones) or [`filter`](StorageIterator::filter)
/// above the long iterator, and a refill is short in any case. A refill may be the last to let go of a table, and then
/// it is this thread that frees it.
///
/// # Errors
///
/// The source's, from taking a view, opening a scan or stepping it. The step stays open and the iterator keeps its
/// place: entries that the failed refill had copied come out next, then the source is asked again, behind them. Nothing
/// is lost and nothing repeated. [`resume_key`](Self::resume_key) stays readable, for a scan that is to go on
/// elsewhere.
///
/// # Panics
///
/// `key` and `value` off an entry.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{LongIterator, MemTable, StorageIterator};
///
/// let current = RwLock::new(Arc::new(MemTable::new()));
/// current.read().unwrap().put(b"a", b"1");
/// let mut entries = LongIterator::from_fn(Unbounded, Unbounded, |lower, upper, chunk| {
///     let view = Arc::clone(&current.read().unwrap());
///     chunk.extend_from(view.scan(lower, upper))
/// });
/// assert_eq!(entries.next(), Ok(true));
///
/// let flushed = std::mem::take(&mut *current.write().unwrap());
/// assert_eq!(Arc::strong_count(&flushed), 1, "the open iterator has no share");
/// assert_eq!(entries.key(), b"a");
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct LongIterator<S> {
    chunks: ChunkIterator<S>,
}

impl<S> LongIterator<Latest<S>> {
    /// The entries of `source` between two bounds, each chunk as it is when it is read. The bounds are copied, which
    /// allocates; the source is asked by the first `next`.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use std::ops::Bound::{self, Unbounded};
    /// # use storage_iter::{BTreeMemTable, ChunkIterator, LongIterator, StorageIterator, ViewSource};
    /// # use std::sync::Arc;
    /// # struct Engine(Arc<BTreeMemTable>);
    /// # impl ViewSource for Engine {
    /// #     type View = Arc<BTreeMemTable>;
    /// #     type Iter<'v> = ChunkIterator<&'v BTreeMemTable>;
    /// #     type Error = Infallible;
    /// #     fn view(&self) -> Result<Self::View, Infallible> {
    /// #         Ok(Arc::clone(&self.0))
    /// #     }
    /// #     fn scan<'v>(
    /// #         &'v self,
    /// #         view: &'v Self::View,
    /// #         lower: Bound<&[u8]>,
    /// #         upper: Bound<&[u8]>,
    /// #     ) -> Result<Self::Iter<'v>, Infallible> {
    /// #         Ok(view.scan(lower, upper))
    /// #     }
    /// # }
    /// # impl Engine {
    /// #     fn put(&self, key: &[u8], value: &[u8]) {
    /// #         self.0.put(key, value);
    /// #     }
    /// # }
    /// # let engine = Engine(Arc::new(BTreeMemTable::new()));
    /// let mut entries = LongIterator::latest(&engine, Unbounded, Unbounded);
    /// engine.put(b"a", b"1");
    /// assert_eq!(entries.next(), Ok(true));
    /// ```
    pub fn latest(source: S, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        LongIterator::new(Latest::new(source), lower, upper)
    }
}

impl<S: SnapshotViewSource> LongIterator<AtSnapshot<S>> {
    /// The entries of `source` between two bounds, all as they are now. The snapshot is taken here and held until the
    /// iterator is dropped; for one that was taken before, see [`AtSnapshot`]. The bounds are copied, which allocates;
    /// no view is taken before the first `next`.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::{LongIterator, SnapshotViewSource, StorageIterator};
    ///
    /// /// Counts what is there when this is called, however long it takes and whatever is written meanwhile.
    /// fn count<S: SnapshotViewSource>(engine: &S) -> Result<usize, S::Error> {
    ///     LongIterator::snapshot(engine, Unbounded, Unbounded).count()
    /// }
    /// ```
    pub fn snapshot(source: S, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        let snapshot = source.snapshot();
        LongIterator::new(AtSnapshot::new(source, snapshot), lower, upper)
    }
}

impl<F> LongIterator<ChunkFn<F>> {
    /// The entries between two bounds that a closure copies, a chunk at a time: it takes a view, scans it, and lets
    /// both go. It has to do what [`ChunkSource`] asks of a `fill`. The bounds are copied, which allocates; the closure
    /// is called by the first `next`.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use std::sync::{Arc, RwLock};
    /// # use storage_iter::{LongIterator, MemTable, SortedRun, StorageIterator};
    /// /// A table and the run below it.
    /// let state = RwLock::new(Arc::new((MemTable::new(), <SortedRun>::default())));
    /// state.read().unwrap().0.put(b"a", b"1");
    /// let entries = LongIterator::from_fn(Unbounded, Unbounded, |lower, upper, chunk| {
    ///     let view = Arc::clone(&state.read().unwrap());
    ///     chunk.extend_from(view.0.scan(lower, upper).two_merge(view.1.scan(lower, upper)))
    /// });
    /// assert_eq!(entries.count(), Ok(1));
    /// ```
    pub fn from_fn<E>(lower: Bound<&[u8]>, upper: Bound<&[u8]>, fill: F) -> Self
    where
        F: Fn(Bound<&[u8]>, Bound<&[u8]>, &mut Chunk) -> Result<(), E>,
    {
        LongIterator::new(ChunkFn::new(fill), lower, upper)
    }
}

impl<S> LongIterator<S> {
    /// The entries of a source of chunks between two bounds. What is kept alive between refills is what `source` itself
    /// holds.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded);
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!(entries.resume_key(), Some(b"a".as_slice()));
    /// ```
    pub fn new(source: S, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        LongIterator { chunks: ChunkIterator::new(source, lower, upper).max_entries(DEFAULT_MAX_ENTRIES) }
    }

    /// Sets how many entries a chunk takes at most, at least one; 1024 if this is not called. More make fewer refills;
    /// fewer see changes sooner.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded).max_entries(1);
    /// entries.next()?;
    /// table.put(b"b", b"2"); // Ahead of a chunk of one.
    /// assert_eq!(entries.next(), Ok(true));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn max_entries(self, max_entries: usize) -> Self {
        LongIterator { chunks: self.chunks.max_entries(max_entries) }
    }

    /// Sets how many bytes of keys and values a chunk takes at most; 64 KiB if this is not called. An entry that is
    /// larger comes alone.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", &[7; 10_000]);
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded).max_bytes(4096);
    /// entries.next()?;
    /// assert_eq!(entries.value().len(), 10_000);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        LongIterator { chunks: self.chunks.max_bytes(max_bytes) }
    }

    /// The last key that came out; `None` if none has, from the start or the last seek on. A scan with it as excluded lower bound
    /// yields the rest, if the last step was forward.
    ///
    /// It can be read at any time, after an error and after the end too, and stored, to go on in another process even.
    ///
    /// ```
    /// # use std::ops::Bound::{Excluded, Unbounded};
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// for key in ["a", "b", "c"] {
    ///     table.put(key.as_bytes(), b"1");
    /// }
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded);
    /// entries.next()?;
    /// let stored = entries.resume_key().unwrap().to_vec();
    /// assert_eq!(LongIterator::new(&table, Excluded(&stored), Unbounded).count(), Ok(2));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn resume_key(&self) -> Option<&[u8]> {
        self.chunks.last_key()
    }

    /// How often the source was asked for a chunk, with or without success.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded);
    /// assert_eq!(entries.refreshes(), 0);
    /// entries.next()?;
    /// assert_eq!(entries.refreshes(), 1);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.chunks.fills()
    }

    /// How many entries have come out of the current chunk.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded);
    /// entries.next()?;
    /// assert_eq!(entries.entries_since_refresh(), 1);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn entries_since_refresh(&self) -> u64 {
        self.chunks.entries_of_chunk() as u64
    }

    /// The bytes that the iterator's buffers take: all that it keeps alive between two refills, apart from its
    /// source.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", &[7; 1000]);
    /// let mut entries = LongIterator::new(&table, Unbounded, Unbounded);
    /// assert_eq!(entries.allocated_bytes(), 0);
    /// entries.next()?;
    /// assert!(entries.allocated_bytes() >= 1000);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.chunks.allocated_bytes()
    }

    /// The source of the chunks.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, LongIterator};
    /// let entries = LongIterator::new(BTreeMemTable::new(), Unbounded, Unbounded);
    /// assert!(entries.source().is_empty());
    /// ```
    pub fn source(&self) -> &S {
        self.chunks.source()
    }
}

impl<S: ChunkSource> StorageIterator for LongIterator<S> {
    type Key = [u8];
    type Value = [u8];
    type Error = S::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, S::Error> {
        self.chunks.next()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.chunks.is_valid()
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.chunks.key()
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.chunks.value()
    }

    /// 0: an iterator is open only while `next` refills.
    fn num_active_iterators(&self) -> usize {
        0
    }
}

impl<S: ChunkSource> SeekableIterator for LongIterator<S> {
    fn seek(&mut self, key: &[u8]) -> Result<bool, S::Error> {
        self.chunks.seek(key)
    }

    fn seek_to_first(&mut self) -> Result<bool, S::Error> {
        self.chunks.seek_to_first()
    }
}

impl<S: DescendingChunkSource> BidirectionalIterator for LongIterator<S> {
    #[inline]
    fn prev(&mut self) -> Result<bool, S::Error> {
        self.chunks.prev()
    }

    fn seek_to_last(&mut self) -> Result<bool, S::Error> {
        self.chunks.seek_to_last()
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, S::Error> {
        self.chunks.seek_for_prev(key)
    }
}
