use std::ops::Bound;
use std::{fmt, mem};

use super::chunk::Place;
use super::{Chunk, ChunkSource, DescendingChunkSource};
use crate::combinators::{assert_valid, cut_short, is_empty_range, is_from, is_up_to};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

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
/// All this holds for one pass in one direction. A seek, and a step that turns round, drop the chunk and fetch another, so
/// what they show is from then on as the source holds it now.
///
/// # Complexity
///
/// One search of the source a chunk, a seek or a change of direction, and one copy of each entry. Chunks take 4, 16, then
/// 64 entries, and at most 64 KiB (a larger entry comes alone); after a seek or a change of direction they begin with 4 again.
/// See [`max_entries`](Self::max_entries) and [`max_bytes`](Self::max_bytes). The buffers are reused: nothing is allocated once
/// they have the size of the largest chunk.
///
/// # Errors
///
/// The source's. Entries that the failed fill had copied are kept: the next call in the same direction yields them, or asks the
/// source again, behind the last entry that came out. Nothing is lost and nothing repeated.
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
    /// The index in an ascending chunk of the entry that `next` moves to, or `ELSEWHERE`, so that `next` finds none and asks
    /// no more in its fast path.
    following: usize,
    /// Where the entry lies on which the iterator stands.
    place: Place,
    is_valid: bool,
    order: Order,
    /// How many entries of a descending chunk have come out.
    taken: usize,
    /// Whether the source has nothing behind the chunk, in the chunk's order.
    is_last: bool,
    /// Where the iterator is while it stands on no entry, or was when the chunk was fetched.
    gap: Gap,
    /// The key of `gap`. One buffer, reused.
    gap_key: Vec<u8>,
    /// Whether `gap_key` has come out; otherwise it is a target.
    has_come_out: bool,
    /// A seek has not returned.
    is_cut_short: bool,
    lower: Bound<Box<[u8]>>,
    upper: Bound<Box<[u8]>>,
    entries: usize,
    max_entries: usize,
    max_bytes: usize,
    /// How often the source was asked.
    fills: u64,
}

/// No index of an entry.
const ELSEWHERE: usize = usize::MAX;

/// In which order the entries of the chunk are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
}

/// A position between two entries. It says where the entries ahead of it start and where those behind it end, so a step that is
/// open can be completed, and undone, from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// Before the first entry.
    AtLower,
    /// Just before where `gap_key` is or would be.
    Before,
    /// Just behind it.
    Behind,
    /// Behind the last entry.
    AtUpper,
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
        ChunkIterator {
            source,
            chunk: Chunk::new(0, 0),
            following: ELSEWHERE,
            place: Place::default(),
            is_valid: false,
            order: Order::Ascending,
            taken: 0,
            is_last: false,
            gap: Gap::AtLower,
            gap_key: Vec::new(),
            has_come_out: false,
            is_cut_short: false,
            lower: lower.map(Box::from),
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

    /// The last key that came out, whether or not the iterator still stands on it; `None` if there was none since the last
    /// seek.
    pub(crate) fn last_key(&self) -> Option<&[u8]> {
        if self.is_valid {
            return Some(self.chunk.key_at(self.place));
        }
        self.has_come_out.then_some(&self.gap_key)
    }

    /// How many entries of the current chunk have come out.
    pub(crate) fn entries_of_chunk(&self) -> usize {
        match self.order {
            _ if !self.is_valid => 0,
            Order::Ascending => self.following,
            Order::Descending => self.taken,
        }
    }

    /// How often the source was asked for a chunk.
    pub(crate) fn fills(&self) -> u64 {
        self.fills
    }

    /// The bytes that the buffers take.
    pub(crate) fn allocated_bytes(&self) -> usize {
        self.chunk.allocated_bytes() + self.gap_key.capacity()
    }

    /// Where the entries ahead of the gap start; `None` if there are none.
    fn from(&self) -> Option<Bound<&[u8]>> {
        match self.gap {
            Gap::AtLower => Some(as_slice(&self.lower)),
            Gap::Before => Some(Bound::Included(&self.gap_key)),
            Gap::Behind => Some(Bound::Excluded(&self.gap_key)),
            Gap::AtUpper => None,
        }
    }

    /// Where the entries before the gap end; `None` if there are none.
    fn until(&self) -> Option<Bound<&[u8]>> {
        match self.gap {
            Gap::AtLower => None,
            Gap::Before => Some(Bound::Excluded(&self.gap_key)),
            Gap::Behind => Some(Bound::Included(&self.gap_key)),
            Gap::AtUpper => Some(as_slice(&self.upper)),
        }
    }

    /// Leaves the entry, if the iterator stands on one, for the gap on that side of it where a step begins.
    fn leave_entry(&mut self, gap: Gap) {
        if mem::replace(&mut self.is_valid, false) {
            self.gap_key.clear();
            self.gap_key.extend_from_slice(self.chunk.key_at(self.place));
            self.has_come_out = true;
            self.gap = gap;
        }
    }

    /// Drops the chunk. What is fetched next will be in `order`.
    fn drop_chunk(&mut self, order: Order) {
        self.chunk.clear();
        self.following = ELSEWHERE;
        self.taken = 0;
        self.place = Place::default();
        if self.order != order {
            self.order = order;
            self.entries = FIRST_CHUNK;
            self.is_last = false;
        }
    }

    /// Leaves everything, for the gap beside `key` or for an end.
    fn begin_seek(&mut self, gap: Gap, key: &[u8], order: Order) {
        self.is_cut_short = true;
        self.is_valid = false;
        self.has_come_out = false;
        self.is_last = false;
        self.entries = FIRST_CHUNK;
        self.drop_chunk(order);
        self.gap = match gap {
            Gap::Before | Gap::Behind if !is_from(key, as_slice(&self.lower)) => Gap::AtLower,
            Gap::Before | Gap::Behind if !is_up_to(key, as_slice(&self.upper)) => Gap::AtUpper,
            gap => gap,
        };
        self.gap_key.clear();
        self.gap_key.extend_from_slice(key);
    }

    /// Moves to the next entry of an ascending chunk, if there is one.
    #[inline]
    fn advance(&mut self) -> bool {
        let Some(place) = self.chunk.place_behind(self.place, self.following) else { return false };
        self.place = place;
        self.following += 1;
        true
    }

    /// Moves to the first entry of an ascending chunk, if there is one.
    fn begin_ascending(&mut self) -> bool {
        self.following = 0;
        self.is_valid = self.advance();
        if !self.is_valid {
            self.following = ELSEWHERE;
        }
        self.is_valid
    }

    /// Moves to the next entry of a descending chunk, if there is one.
    #[inline]
    fn retreat(&mut self) -> bool {
        if self.order == Order::Ascending {
            return false;
        }
        let Some(place) = self.chunk.place_behind(self.place, self.taken) else { return false };
        self.place = place;
        self.taken += 1;
        self.is_valid = true;
        true
    }
}

/// The parts of a step forward, for those who await the source between two of them.
impl<P> ChunkIterator<P> {
    /// Moves to the next entry if the source need not be asked for that. `None`: the step is open, and the source is to fill a
    /// chunk.
    #[inline]
    pub(crate) fn try_advance(&mut self) -> Option<bool> {
        if self.advance() { Some(true) } else { self.advance_beyond() }
    }

    #[cold]
    fn advance_beyond(&mut self) -> Option<bool> {
        if self.is_cut_short {
            cut_short();
        }
        // What a fill had copied before it failed.
        if !self.is_valid && self.order == Order::Ascending && self.begin_ascending() {
            return Some(true);
        }
        (!self.leave_chunk()).then_some(false)
    }

    /// Leaves everything, for the first entry from `key` on, or for the first of all. As [`try_advance`](Self::try_advance).
    #[cfg(feature = "async")]
    pub(crate) fn try_seek(&mut self, key: Option<&[u8]>) -> Option<bool> {
        match key {
            Some(key) => self.begin_seek(Gap::Before, key, Order::Ascending),
            None => self.begin_seek(Gap::AtLower, &[], Order::Ascending),
        }
        // The position is there already. What is left open is a step like any other.
        self.is_cut_short = false;
        (!self.leave_chunk()).then_some(false)
    }

    #[inline]
    pub(crate) fn is_on_entry(&self) -> bool {
        self.is_valid
    }

    #[inline]
    #[track_caller]
    pub(crate) fn current_key(&self) -> &[u8] {
        assert_valid(self.is_valid);
        self.chunk.key_at(self.place)
    }

    #[inline]
    #[track_caller]
    pub(crate) fn current_value(&self) -> &[u8] {
        assert_valid(self.is_valid);
        self.chunk.value_at(self.place)
    }

    /// Leaves the current chunk. Whether there may be another one ahead.
    fn leave_chunk(&mut self) -> bool {
        self.leave_entry(Gap::Behind);
        self.drop_chunk(Order::Ascending);
        let is_room = self.from().is_some_and(|from| !is_empty_range(from, self.upper()));
        if !is_room || self.is_last {
            self.gap = Gap::AtUpper;
            return false;
        }
        true
    }

    /// Takes out the buffer for the next chunk: a fill that panics, or whose future is dropped, adds nothing then.
    pub(crate) fn begin_fill(&mut self) -> Chunk {
        self.entries = self.entries.min(self.max_entries);
        self.chunk.reset(self.entries, self.max_bytes);
        self.fills += 1;
        mem::replace(&mut self.chunk, Chunk::new(0, 0))
    }

    /// Where the next ascending chunk is to start.
    pub(crate) fn fill_from(&self) -> Bound<&[u8]> {
        self.from().unwrap_or(Bound::Unbounded)
    }

    pub(crate) fn upper(&self) -> Bound<&[u8]> {
        as_slice(&self.upper)
    }

    /// Takes an ascending chunk back, and moves to its first entry.
    pub(crate) fn end_fill<E>(&mut self, chunk: Chunk, result: Result<(), E>) -> Result<bool, E> {
        let goes_back = !chunk.is_empty() && is_empty_range(self.fill_from(), Bound::Included(chunk.key(0)));
        self.take_back(chunk, result, goes_back)?;
        if self.begin_ascending() {
            return Ok(true);
        }
        self.gap = Gap::AtUpper;
        Ok(false)
    }

    /// `goes_back`: the source has given out again what it was to start behind.
    fn take_back<E>(&mut self, mut chunk: Chunk, result: Result<(), E>, goes_back: bool) -> Result<(), E> {
        // Such a source would be read for ever.
        debug_assert!(!goes_back, "a chunk source has to start behind `from`, or before `until`");
        if goes_back {
            chunk.clear();
        }
        self.chunk = chunk;
        result?;
        self.entries = self.entries.saturating_mul(GROWTH);
        self.is_last = !self.chunk.is_full();
        Ok(())
    }
}

impl<P: ChunkSource> ChunkIterator<P> {
    /// Moves to the first entry of the next ascending chunk.
    #[cold]
    fn fill(&mut self) -> Result<bool, P::Error> {
        let mut chunk = self.begin_fill();
        let result = self.source.fill(self.fill_from(), self.upper(), &mut chunk);
        self.end_fill(chunk, result)
    }

    fn seek_forward(&mut self, gap: Gap, key: &[u8]) -> Result<bool, P::Error> {
        self.begin_seek(gap, key, Order::Ascending);
        let result = if self.leave_chunk() { self.fill() } else { Ok(false) };
        // Only a panic in the source leaves this out.
        self.is_cut_short = false;
        result
    }
}

impl<P: DescendingChunkSource> ChunkIterator<P> {
    /// Moves to the first entry of the next descending chunk.
    fn retreat_by_chunk(&mut self) -> Result<bool, P::Error> {
        self.leave_entry(Gap::Before);
        self.drop_chunk(Order::Descending);
        let is_room = self.until().is_some_and(|until| !is_empty_range(as_slice(&self.lower), until));
        if is_room && !self.is_last {
            let mut chunk = self.begin_fill();
            let until = self.until().unwrap_or(Bound::Unbounded);
            let result = self.source.fill_descending(as_slice(&self.lower), until, &mut chunk);
            let goes_back = !chunk.is_empty() && is_empty_range(Bound::Included(chunk.key(0)), until);
            self.take_back(chunk, result, goes_back)?;
            if self.retreat() {
                return Ok(true);
            }
        }
        self.gap = Gap::AtLower;
        Ok(false)
    }

    fn seek_backward(&mut self, gap: Gap, key: &[u8]) -> Result<bool, P::Error> {
        self.begin_seek(gap, key, Order::Descending);
        let result = self.retreat_by_chunk();
        self.is_cut_short = false;
        result
    }
}

impl<P: ChunkSource> StorageIterator for ChunkIterator<P> {
    type Key = [u8];
    type Value = [u8];
    type Error = P::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, P::Error> {
        match self.try_advance() {
            Some(is_valid) => Ok(is_valid),
            None => self.fill(),
        }
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_on_entry()
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.current_key()
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.current_value()
    }
}

impl<P: ChunkSource> SeekableIterator for ChunkIterator<P> {
    fn seek(&mut self, key: &[u8]) -> Result<bool, P::Error> {
        self.seek_forward(Gap::Before, key)
    }

    fn seek_to_first(&mut self) -> Result<bool, P::Error> {
        self.seek_forward(Gap::AtLower, &[])
    }
}

impl<P: DescendingChunkSource> BidirectionalIterator for ChunkIterator<P> {
    #[inline]
    fn prev(&mut self) -> Result<bool, P::Error> {
        if self.retreat() {
            return Ok(true);
        }
        if self.is_cut_short {
            cut_short();
        }
        self.retreat_by_chunk()
    }

    fn seek_to_last(&mut self) -> Result<bool, P::Error> {
        self.seek_backward(Gap::AtUpper, &[])
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, P::Error> {
        self.seek_backward(Gap::Behind, key)
    }
}

fn as_slice(bound: &Bound<Box<[u8]>>) -> Bound<&[u8]> {
    bound.as_ref().map(|key| &**key)
}

impl<P> fmt::Debug for ChunkIterator<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkIterator")
            .field("is_valid", &self.is_valid)
            .field("lower", &self.lower)
            .field("upper", &self.upper)
            .field("chunk", &self.chunk)
            .finish_non_exhaustive()
    }
}
