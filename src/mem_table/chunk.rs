use std::fmt;
use std::ops::Range;

use crate::StorageIterator;

/// A few entries, copied end to end into one reused buffer: what a [`ChunkSource`](crate::ChunkSource) fills and a
/// [`ChunkIterator`](crate::ChunkIterator) lends from.
///
/// # Complexity
///
/// [`push`](Self::push) copies the entry. A chunk that is used again keeps its buffers, so it allocates only while it
/// has to hold more than ever before.
///
/// ```
/// use storage_iter::Chunk;
///
/// let mut chunk = Chunk::new(2, 64 * 1024);
/// assert!(chunk.push(b"a", b"1"));
/// assert!(!chunk.push(b"b", b"2"), "that was the last one");
/// assert_eq!((chunk.len(), chunk.key(1), chunk.value(1)), (2, b"b".as_slice(), b"2".as_slice()));
/// ```
#[derive(Clone)]
pub struct Chunk {
    bytes: Vec<u8>,
    ends: Vec<Ends>,
    max_entries: usize,
    max_bytes: usize,
    is_full: bool,
}

/// Where a key and the value behind it end. An entry starts where the one before it ends.
#[derive(Clone, Copy)]
struct Ends {
    key: usize,
    value: usize,
}

impl Chunk {
    /// An empty chunk with room for `max_entries` entries (at least one) whose keys and values take up to `max_bytes`
    /// bytes together. A single entry may be larger than that. Allocates nothing.
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// let mut chunk = Chunk::new(64, 10);
    /// assert!(chunk.push(b"key", b"value"));
    /// assert!(!chunk.push(b"key2", b"value"), "would be 17 bytes");
    /// assert_eq!(chunk.len(), 1);
    /// ```
    #[must_use]
    pub fn new(max_entries: usize, max_bytes: usize) -> Self {
        Chunk { bytes: Vec::new(), ends: Vec::new(), max_entries: max_entries.max(1), max_bytes, is_full: false }
    }

    /// Adds a copy of an entry, if there is room, and says whether to go on: after `false` the chunk is full and takes
    /// no more. The entry that was refused, or follows, is for the next chunk.
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// let mut chunk = Chunk::new(4, 64 * 1024);
    /// for (key, value) in [("a", "1"), ("b", "2")] {
    ///     if !chunk.push(key.as_bytes(), value.as_bytes()) {
    ///         break;
    ///     }
    /// }
    /// assert_eq!(chunk.len(), 2);
    /// ```
    #[inline]
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> bool {
        let start = self.bytes.len();
        let fits = start == 0 || start + key.len() + value.len() <= self.max_bytes;
        if self.is_full || !(fits || self.ends.is_empty()) {
            self.is_full = true;
            return false;
        }
        self.bytes.extend_from_slice(key);
        let key = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.ends.push(Ends { key, value: self.bytes.len() });
        self.is_full = self.ends.len() >= self.max_entries;
        !self.is_full
    }

    /// Adds copies of the entries of a storage iterator until the chunk is full or there are no more: what
    /// [`ChunkSource::fill`](crate::ChunkSource::fill) does where the structure has such an iterator.
    ///
    /// # Errors
    ///
    /// The iterator's. What was added until then stays.
    ///
    /// ```
    /// # use storage_iter::{Chunk, MemTable};
    /// # use std::ops::Bound::Unbounded;
    /// let table = MemTable::new();
    /// table.put(b"a", b"1");
    /// table.put(b"b", b"2");
    /// let mut chunk = Chunk::new(64, 64 * 1024);
    /// chunk.extend_from(table.scan(Unbounded, Unbounded))?;
    /// assert_eq!(chunk.len(), 2);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn extend_from<I>(&mut self, mut iterator: I) -> Result<(), I::Error>
    where
        I: StorageIterator<Key = [u8], Value = [u8]>,
    {
        while iterator.next()? && self.push(iterator.key(), iterator.value()) {}
        Ok(())
    }

    /// The number of entries.
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// assert_eq!(Chunk::new(4, 100).len(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no entries.
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// assert!(Chunk::new(4, 100).is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether [`push`](Self::push) has said to stop.
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// let mut chunk = Chunk::new(1, 100);
    /// chunk.push(b"a", b"1");
    /// assert!(chunk.is_full());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The key of the entry at `index`.
    ///
    /// # Panics
    ///
    /// When `index` is not less than [`len`](Self::len).
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// let mut chunk = Chunk::new(4, 100);
    /// chunk.push(b"a", b"1");
    /// assert_eq!(chunk.key(0), b"a");
    /// ```
    #[must_use]
    pub fn key(&self, index: usize) -> &[u8] {
        let (key, _) = self.places(index);
        self.slice(key)
    }

    /// The value of the entry at `index`.
    ///
    /// # Panics
    ///
    /// When `index` is not less than [`len`](Self::len).
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// let mut chunk = Chunk::new(4, 100);
    /// chunk.push(b"a", b"1");
    /// assert_eq!(chunk.value(0), b"1");
    /// ```
    #[must_use]
    pub fn value(&self, index: usize) -> &[u8] {
        let (_, value) = self.places(index);
        self.slice(value)
    }

    /// Forgets the entries and keeps the buffers.
    ///
    /// ```
    /// # use storage_iter::Chunk;
    /// let mut chunk = Chunk::new(1, 100);
    /// chunk.push(b"a", b"1");
    /// chunk.clear();
    /// assert!(chunk.is_empty() && !chunk.is_full());
    /// ```
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.is_full = false;
    }

    /// The bytes that the buffers take.
    pub(super) fn allocated_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<Ends>()
    }

    /// Changes how much the chunk takes from the next [`clear`](Self::clear) on.
    pub(super) fn set_limits(&mut self, max_entries: usize, max_bytes: usize) {
        self.max_entries = max_entries.max(1);
        self.max_bytes = max_bytes;
    }

    /// Where the key and the value at `index` lie.
    #[inline]
    fn places(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let start = if index == 0 { 0 } else { self.ends[index - 1].value };
        let Ends { key, value } = self.ends[index];
        (start..key, key..value)
    }

    #[inline]
    fn slice(&self, place: Range<usize>) -> &[u8] {
        &self.bytes[place]
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("len", &self.len())
            .field("bytes", &self.bytes.len())
            .field("max_entries", &self.max_entries)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
