use std::fmt;

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
    /// All of it may be written to, and it is no longer than the chunk may take, but for one large entry.
    bytes: Vec<u8>,
    /// Where the next entry goes; `FULL` if there is none, so that one check tells both.
    start: usize,
    ends: Vec<Ends>,
    max_entries: usize,
    max_bytes: usize,
}

const FULL: usize = usize::MAX;

/// Where a key and the value behind it end. An entry starts where the one before it ends.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    key: usize,
    value: usize,
}

/// Where an entry lies. The default is in front of the first one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    start: usize,
    ends: Ends,
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
        Chunk { bytes: Vec::new(), start: 0, ends: Vec::new(), max_entries: max_entries.max(1), max_bytes }
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
    // A call would cost as much as the copying of a short entry.
    #[inline(always)]
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> bool {
        let free = self.bytes.get_mut(self.start..).and_then(|free| free.split_at_mut_checked(key.len()));
        let Some((key_place, behind_key)) = free else { return self.push_after_growing(key, value) };
        let Some(value_place) = behind_key.get_mut(..value.len()) else { return self.push_after_growing(key, value) };
        copy_key(key_place, key);
        value_place.copy_from_slice(value);
        let key_end = self.start + key.len();
        let value_end = key_end + value.len();
        self.ends.push(Ends { key: key_end, value: value_end });
        if self.ends.len() >= self.max_entries {
            self.start = FULL;
            return false;
        }
        self.start = value_end;
        true
    }

    /// The same for an entry that the buffer has no room for.
    #[cold]
    fn push_after_growing(&mut self, key: &[u8], value: &[u8]) -> bool {
        let needed = self.start.saturating_add(key.len() + value.len());
        if self.is_full() || (needed > self.max_bytes && !self.ends.is_empty()) {
            self.start = FULL;
            return false;
        }
        // It doubles, but not beyond what the chunk may take.
        let len = (2 * self.bytes.len()).min(self.max_bytes).max(needed);
        self.bytes.reserve_exact(len - self.bytes.len());
        self.bytes.resize(len, 0);
        self.push(key, value)
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
        let result = iterator.try_for_each(|key, value| if self.push(key, value) { Ok(()) } else { Err(Stop::Full) });
        match result {
            Err(Stop::Failed(error)) => Err(error),
            Ok(()) | Err(Stop::Full) => Ok(()),
        }
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
        self.start == FULL
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
    #[inline]
    #[must_use]
    pub fn key(&self, index: usize) -> &[u8] {
        self.key_at(self.place(index))
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
    #[inline]
    #[must_use]
    pub fn value(&self, index: usize) -> &[u8] {
        self.value_at(self.place(index))
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
        self.bytes.truncate(self.max_bytes);
        self.start = 0;
        self.ends.clear();
    }

    /// Says that the chunk takes no more, though there is room, and there may be more entries.
    pub(super) fn end(&mut self) {
        self.start = FULL;
    }

    /// The bytes that the buffers take.
    pub(super) fn allocated_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<Ends>()
    }

    /// Changes how much the chunk takes, and clears it.
    pub(super) fn reset(&mut self, max_entries: usize, max_bytes: usize) {
        self.max_entries = max_entries.max(1);
        self.max_bytes = max_bytes;
        self.clear();
    }

    /// Where the entry at `index` lies.
    #[inline]
    fn place(&self, index: usize) -> Place {
        let start = if index == 0 { 0 } else { self.ends[index - 1].value };
        Place { start, ends: self.ends[index] }
    }

    /// The place of the entry at `index`, behind that of the entry before it.
    #[inline]
    pub(super) fn place_behind(&self, before: Place, index: usize) -> Option<Place> {
        Some(Place { start: before.ends.value, ends: *self.ends.get(index)? })
    }

    #[inline]
    pub(super) fn key_at(&self, place: Place) -> &[u8] {
        &self.bytes[place.start..place.ends.key]
    }

    #[inline]
    pub(super) fn value_at(&self, place: Place) -> &[u8] {
        &self.bytes[place.ends.key..place.ends.value]
    }
}

/// Why the copying of a storage iterator's entries ends before they do.
enum Stop<E> {
    Full,
    Failed(E),
}

impl<E> From<E> for Stop<E> {
    #[inline]
    fn from(error: E) -> Self {
        Stop::Failed(error)
    }
}

/// Copies a key. One of 16 to 32 bytes is copied as its first and its last 16 bytes, which overlap: a call to copy it
/// would take three times as many instructions.
#[inline(always)]
fn copy_key(to: &mut [u8], from: &[u8]) {
    let len = from.len();
    if let (Some(first), Some(last)) = (from.first_chunk(), from.last_chunk())
        && len <= 32
        && to.len() == len
    {
        // As integers, or the compiler makes calls of them again.
        let (first, last) = (u128::from_ne_bytes(*first), u128::from_ne_bytes(*last));
        to[..16].copy_from_slice(&first.to_ne_bytes());
        to[len - 16..].copy_from_slice(&last.to_ne_bytes());
    } else {
        to.copy_from_slice(from);
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("len", &self.len())
            .field("bytes", &self.ends.last().map_or(0, |ends| ends.value))
            .field("max_entries", &self.max_entries)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        let mut chunk = Chunk::new(1000, usize::MAX);
        let entries = (0..70_u8).flat_map(|key| [0, 1, 15, 16, 17, 33, 100].map(|value| (key, value)));
        let entries: Vec<(Vec<u8>, Vec<u8>)> =
            entries.map(|(key, value)| ((0..key).collect(), (100..100 + value).collect())).collect();
        for _ in 0..2 {
            assert!(entries.iter().all(|(key, value)| chunk.push(key, value)));
            for (index, (key, value)) in entries.iter().enumerate() {
                assert_eq!((chunk.key(index), chunk.value(index)), (key.as_slice(), value.as_slice()));
            }
            chunk.clear();
        }
    }

    #[test]
    fn a_full_chunk_takes_nothing_not_even_an_entry_without_bytes() {
        let mut chunk = Chunk::new(1, 100);
        assert!(!chunk.push(b"", b""));
        assert!(!chunk.push(b"", b""));
        assert_eq!((chunk.len(), chunk.is_full()), (1, true));
        let mut chunk = Chunk::new(10, 4);
        assert!(chunk.push(b"ab", b"cd"));
        assert!(!chunk.push(b"e", b"") && !chunk.push(b"", b""));
        assert_eq!((chunk.len(), chunk.is_full()), (1, true));
    }

    /// A chunk of so many bytes takes so many, and not twice as many because its buffer doubled.
    #[test]
    fn the_buffer_is_no_larger_than_the_limit_but_for_one_large_entry() {
        let mut chunk = Chunk::new(1000, 1000);
        while chunk.push(b"key", b"value") {}
        assert_eq!((chunk.len(), chunk.bytes.capacity()), (125, 1000));
        chunk.clear();
        assert!(chunk.push(b"key", &[7; 5000]));
        assert!(!chunk.push(b"key2", b""));
        assert_eq!(chunk.len(), 1);
        chunk.clear();
        while chunk.push(b"key", b"value") {}
        assert_eq!(chunk.len(), 125);
    }
}
