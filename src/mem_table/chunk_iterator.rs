use std::ops::Bound;
use std::{fmt, mem};

use super::chunk::Place;
use super::{Chunk, ChunkSource};
use crate::StorageIterator;
use crate::combinators::{assert_valid, is_empty_range};

/// How many entries the first chunk takes. A scan that reads on gets four times as many each time, up to the maximum,
/// so one that stops early copies little.
const FIRST_CHUNK: usize = 4;
const GROWTH: usize = 4;
const DEFAULT_MAX_ENTRIES: usize = 64;
const DEFAULT_MAX_BYTES: usize = 64 * 1024;

/// A storage iterator that copies a chunk of entries out of a [`ChunkSource`] and lets go of the source until it needs
/// the next one.
///
/// `P` is the source, or a handle to it: `&S` borrows it, `Arc<S>` owns a share of it. Between two calls of `next` the
/// iterator holds nothing of the source but that handle: no lock, no guard, no borrow of its contents. So writers go on
/// however long it stands still, and so does the scanning thread itself, which may write to what it scans.
///
/// # What is seen of concurrent writes
///
/// - Keys ascend, and each comes out at most once.
/// - The entries of one chunk are what the source held at one moment of the call that fetched it, if the source fills
///   atomically, as a table behind a lock does. Later chunks are from later moments.
/// - So a key that is present for the whole life of the iterator, and never removed, comes out exactly once. A write to
///   a key that lies in the current chunk or behind it is not seen; one ahead of the chunk is.
/// - It is not a snapshot: it may show a later write ahead of it and miss an earlier one behind it.
///
/// # Complexity
///
/// One search of the source a chunk, and one copy of each entry. Chunks take 4, 16, then 64 entries, and at most 64 KiB
/// (a larger entry comes alone); see [`max_entries`](Self::max_entries) and [`max_bytes`](Self::max_bytes). The buffers
/// are reused: nothing is allocated once they have the size of the largest chunk.
///
/// # Errors
///
/// The source's. Entries that the failed fill had copied are kept: the next call yields them, or asks the source again,
/// behind the last entry that came out. Nothing is lost and nothing repeated.
///
/// ```
/// use std::ops::Bound;
/// use std::sync::Arc;
/// use storage_iter::{BTreeMemTable, ChunkIterator, StorageIterator};
///
/// let table = Arc::new(BTreeMemTable::new());
/// table.put(b"a", b"1");
/// let mut entries = ChunkIterator::new(Arc::clone(&table), Bound::Unbounded, Bound::Unbounded);
/// drop(table); // The iterator has its own share.
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (b"a".as_slice(), b"1".as_slice()));
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct ChunkIterator<P> {
    source: P,
    chunk: Chunk,
    /// The index in the chunk of the entry that `next` moves to. The iterator stands on the entry before that, if there
    /// is one: a step that needs another chunk starts by setting this to 0.
    following: usize,
    /// Where the entry lies on which the iterator stands.
    place: Place,
    /// Whether the source has nothing behind the chunk.
    is_last: bool,
    /// Where the next fill starts: the lower bound, later the last key of the chunk before. One buffer, reused.
    from: Vec<u8>,
    start: Start,
    upper: Bound<Box<[u8]>>,
    entries: usize,
    max_entries: usize,
    max_bytes: usize,
    /// How often the source was asked.
    fills: u64,
}

/// What `from` means.
#[derive(Clone, Copy, Debug)]
enum Start {
    Unbounded,
    Included,
    Excluded,
    /// Excluded as well; the key is not the lower bound but has come out.
    Passed,
}

impl<P> ChunkIterator<P> {
    /// The entries of `source` between two bounds. Bounds that leave no room give no entries, and the source is not
    /// asked. The bounds are copied, which allocates; the source is asked by the first `next`.
    ///
    /// ```
    /// # use std::ops::Bound::{Included, Unbounded};
    /// # use storage_iter::{BTreeMemTable, ChunkIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// for key in ["a", "b", "c"] {
    ///     table.put(key.as_bytes(), b"1");
    /// }
    /// assert_eq!(ChunkIterator::new(&table, Included(b"b"), Unbounded).count(), Ok(2));
    /// ```
    pub fn new(source: P, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        let (start, from) = match lower {
            Bound::Included(key) => (Start::Included, key.to_vec()),
            Bound::Excluded(key) => (Start::Excluded, key.to_vec()),
            Bound::Unbounded => (Start::Unbounded, Vec::new()),
        };
        ChunkIterator {
            source,
            chunk: Chunk::new(0, 0),
            following: 0,
            place: Place::default(),
            is_last: false,
            from,
            start,
            upper: upper.map(Box::from),
            entries: FIRST_CHUNK,
            max_entries: DEFAULT_MAX_ENTRIES,
            max_bytes: DEFAULT_MAX_BYTES,
            fills: 0,
        }
    }

    /// Sets how many entries a chunk takes at most, at least one; 64 if this is not called. More make fewer searches;
    /// fewer hold the source for a shorter time and see writes sooner.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, ChunkIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// let mut entries = ChunkIterator::new(&table, Unbounded, Unbounded).max_entries(1);
    /// entries.next()?;
    /// table.put(b"b", b"2"); // Ahead of a chunk of one.
    /// assert_eq!(entries.next(), Ok(true));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn max_entries(mut self, max_entries: usize) -> Self {
        self.max_entries = max_entries.max(1);
        self
    }

    /// Sets how many bytes of keys and values a chunk takes at most; 64 KiB if this is not called. An entry that is
    /// larger comes alone.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, ChunkIterator, StorageIterator};
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", &[7; 10_000]);
    /// let mut entries = ChunkIterator::new(&table, Unbounded, Unbounded).max_bytes(4096);
    /// entries.next()?;
    /// assert_eq!(entries.value().len(), 10_000);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The source.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{BTreeMemTable, ChunkIterator};
    /// let entries = ChunkIterator::new(BTreeMemTable::new(), Unbounded, Unbounded);
    /// assert!(entries.source().is_empty());
    /// ```
    pub fn source(&self) -> &P {
        &self.source
    }

    /// The last key that came out, whether or not the iterator still stands on it.
    pub(crate) fn last_key(&self) -> Option<&[u8]> {
        match (self.following.checked_sub(1), self.start) {
            (Some(index), _) => Some(self.chunk.key(index)),
            (None, Start::Passed) => Some(&self.from),
            (None, Start::Unbounded | Start::Included | Start::Excluded) => None,
        }
    }

    /// How many entries of the current chunk have come out.
    pub(crate) fn entries_of_chunk(&self) -> usize {
        self.following
    }

    /// How often the source was asked for a chunk.
    pub(crate) fn fills(&self) -> u64 {
        self.fills
    }

    /// The bytes that the buffers take.
    pub(crate) fn allocated_bytes(&self) -> usize {
        self.chunk.allocated_bytes() + self.from.capacity()
    }

    fn from(&self) -> Bound<&[u8]> {
        match self.start {
            Start::Unbounded => Bound::Unbounded,
            Start::Included => Bound::Included(&self.from),
            Start::Excluded | Start::Passed => Bound::Excluded(&self.from),
        }
    }

    fn upper(&self) -> Bound<&[u8]> {
        self.upper.as_ref().map(|key| &**key)
    }
}

impl<P: ChunkSource> ChunkIterator<P> {
    /// Moves to the first entry of the next chunk.
    #[cold]
    fn refill(&mut self) -> Result<bool, P::Error> {
        if self.following > 0 {
            self.from.clear();
            self.from.extend_from_slice(self.chunk.key_at(self.place));
            self.start = Start::Passed;
        }
        self.chunk.clear();
        self.following = 0;
        self.place = Place::default();
        if self.is_last || is_empty_range(self.from(), self.upper()) {
            self.is_last = true;
            return Ok(false);
        }
        self.entries = self.entries.min(self.max_entries);
        self.chunk.reset(self.entries, self.max_bytes);
        self.fills += 1;
        // Taken out, so that a fill that panics adds nothing.
        let mut chunk = mem::replace(&mut self.chunk, Chunk::new(0, 0));
        let from = self.from();
        let result = self.source.fill(from, self.upper(), &mut chunk);
        // A source that gives out again what it was to start behind would be read for ever.
        let goes_back = !chunk.is_empty() && is_empty_range(from, Bound::Included(chunk.key(0)));
        debug_assert!(!goes_back, "a chunk source has to start behind `from`");
        if goes_back {
            chunk.clear();
        }
        self.chunk = chunk;
        result?;
        self.entries = self.entries.saturating_mul(GROWTH);
        self.is_last = !self.chunk.is_full();
        Ok(self.advance())
    }

    /// Moves to the next entry of the chunk, if there is one.
    #[inline]
    fn advance(&mut self) -> bool {
        let Some(place) = self.chunk.place_behind(self.place, self.following) else { return false };
        self.place = place;
        self.following += 1;
        true
    }
}

impl<P: ChunkSource> StorageIterator for ChunkIterator<P> {
    type Key = [u8];
    type Value = [u8];
    type Error = P::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, P::Error> {
        if self.advance() { Ok(true) } else { self.refill() }
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.following > 0
    }

    #[inline]
    fn key(&self) -> &[u8] {
        assert_valid(self.following > 0);
        self.chunk.key_at(self.place)
    }

    #[inline]
    fn value(&self) -> &[u8] {
        assert_valid(self.following > 0);
        self.chunk.value_at(self.place)
    }
}

impl<P> fmt::Debug for ChunkIterator<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkIterator")
            .field("is_valid", &(self.following > 0))
            .field("from", &self.from())
            .field("upper", &self.upper())
            .field("chunk", &self.chunk)
            .finish_non_exhaustive()
    }
}
