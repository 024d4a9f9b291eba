use std::ops::Bound;

use super::{ChunkSource, Latest};
use crate::ChunkIterator;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};

const DEFAULT_MAX_ENTRIES: usize = 1024;

/// A scan that may stay open for as long as you like, because it keeps nothing alive of what it scans, and that is awaited: the
/// twin of [`LongIterator`](crate::LongIterator).
///
/// It copies a chunk of entries into a buffer of its own, and holds its source, its buffers and nothing else between two refills.
/// The next refill starts strictly behind the last key that came out. So it does not matter that a future is dropped while it
/// refills: the view that it had goes with it, and the next call takes a new one, from the same place.
///
/// Yields the entries between two bounds in strictly ascending order of keys, none twice. Each chunk shows what the source is when
/// it is read; the whole is not one moment. A seek drops the chunk and begins with a small one again.
///
/// # Complexity
///
/// A refill takes one view and opens one scan; each entry is copied once. Chunks take 4, 16, 64, 256, then 1024 entries, and
/// at most 64 KiB of keys and values (a larger entry comes alone); see [`max_entries`](Self::max_entries) and
/// [`max_bytes`](Self::max_bytes). The buffers are reused, except after a future that was dropped while it refilled.
///
/// # Errors
///
/// The source's. The step stays open and the iterator keeps its place: entries that the failed refill had copied come out
/// next, then the source is asked again, behind them. Nothing is lost and nothing repeated.
///
/// # Panics
///
/// `key` and `value` off an entry.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::async_iter::{AsyncStorageIterator, ChunkSource, LongIterator};
/// use storage_iter::{Chunk, MemTable};
///
/// struct Engine(RwLock<Arc<MemTable>>);
///
/// impl ChunkSource for Engine {
///     type Error = Infallible;
///
///     async fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
///         let view = Arc::clone(&self.0.read().unwrap());
///         chunk.extend_from(view.scan(from, upper))
///     }
/// }
///
/// let engine = Engine(RwLock::default());
/// engine.0.read().unwrap().put(b"a", b"1");
/// # futures_executor::block_on(async {
/// let mut entries = LongIterator::new(&engine, Unbounded, Unbounded);
/// assert_eq!(entries.next().await, Ok(true));
///
/// let flushed = std::mem::take(&mut *engine.0.write().unwrap());
/// assert_eq!(Arc::strong_count(&flushed), 1, "the open iterator has no share");
/// assert_eq!(entries.key(), b"a");
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct LongIterator<S> {
    chunks: ChunkIterator<S>,
}

impl<S> LongIterator<Latest<S>> {
    /// The entries of a [`ViewSource`](crate::async_iter::ViewSource) between two bounds, each chunk as it is when it is read. The
    /// bounds are copied, which allocates; the source is asked by the first step.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::async_iter::{AsyncStorageIterator, LongIterator, ViewSource};
    ///
    /// async fn count<S: ViewSource>(engine: &S) -> Result<usize, S::Error> {
    ///     LongIterator::latest(engine, Unbounded, Unbounded).count().await
    /// }
    /// ```
    pub fn latest(source: S, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        LongIterator::new(Latest::new(source), lower, upper)
    }
}

impl<S> LongIterator<S> {
    /// The entries of a source of chunks between two bounds. What is kept alive between refills is what `source` itself
    /// holds.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::async_iter::{AsyncStorageIterator, ChunkSource, LongIterator};
    ///
    /// async fn count<S: ChunkSource>(source: &S) -> Result<usize, S::Error> {
    ///     LongIterator::new(source, Unbounded, Unbounded).count().await
    /// }
    /// ```
    pub fn new(source: S, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        LongIterator { chunks: ChunkIterator::new(source, lower, upper).max_entries(DEFAULT_MAX_ENTRIES) }
    }

    /// Sets how many entries a chunk takes at most, at least one; 1024 if this is not called.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::async_iter::{AsyncStorageIterator, ChunkSource, LongIterator};
    ///
    /// /// Sees changes soon.
    /// fn live<S: ChunkSource>(source: S) -> impl AsyncStorageIterator<Key = [u8], Value = [u8]> {
    ///     LongIterator::new(source, Unbounded, Unbounded).max_entries(16)
    /// }
    /// ```
    pub fn max_entries(self, max_entries: usize) -> Self {
        LongIterator { chunks: self.chunks.max_entries(max_entries) }
    }

    /// Sets how many bytes of keys and values a chunk takes at most; 64 KiB if this is not called. An entry that is
    /// larger comes alone.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::async_iter::{AsyncStorageIterator, ChunkSource, LongIterator};
    ///
    /// /// Asks seldom.
    /// fn bulk<S: ChunkSource>(source: S) -> impl AsyncStorageIterator<Key = [u8], Value = [u8]> {
    ///     LongIterator::new(source, Unbounded, Unbounded).max_entries(usize::MAX).max_bytes(8 << 20)
    /// }
    /// ```
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        LongIterator { chunks: self.chunks.max_bytes(max_bytes) }
    }

    /// The last key that came out; `None` if none has, from the start or the last seek on. A scan with it as excluded lower bound yields the rest. It can be read at
    /// any time, after an error and after a dropped future too.
    ///
    /// ```
    /// use storage_iter::async_iter::LongIterator;
    ///
    /// fn bookmark<S>(entries: &LongIterator<S>) -> Vec<u8> {
    ///     entries.resume_key().unwrap_or_default().to_vec()
    /// }
    /// ```
    #[must_use]
    pub fn resume_key(&self) -> Option<&[u8]> {
        self.chunks.last_key()
    }

    /// How often the source was asked for a chunk, with or without success.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::async_iter::LongIterator;
    /// assert_eq!(LongIterator::new((), Unbounded, Unbounded).refreshes(), 0);
    /// ```
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.chunks.fills()
    }

    /// How many entries have come out of the current chunk.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::async_iter::LongIterator;
    /// assert_eq!(LongIterator::new((), Unbounded, Unbounded).entries_since_refresh(), 0);
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
    /// # use storage_iter::async_iter::LongIterator;
    /// assert_eq!(LongIterator::new((), Unbounded, Unbounded).allocated_bytes(), 0);
    /// ```
    #[must_use]
    pub fn allocated_bytes(&self) -> usize {
        self.chunks.allocated_bytes()
    }

    /// The source of the chunks.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::async_iter::LongIterator;
    /// assert_eq!(LongIterator::new("engine", Unbounded, Unbounded).source(), &"engine");
    /// ```
    pub fn source(&self) -> &S {
        self.chunks.source()
    }
}

impl<S: ChunkSource> AsyncStorageIterator for LongIterator<S> {
    type Key = [u8];
    type Value = [u8];
    type Error = S::Error;

    #[inline]
    async fn next(&mut self) -> Result<bool, S::Error> {
        if let Some(stepped) = self.try_next() {
            return stepped;
        }
        let mut chunk = self.chunks.begin_fill();
        let result = self.chunks.source().fill(self.chunks.fill_from(), self.chunks.upper(), &mut chunk).await;
        self.chunks.end_fill(chunk, result)
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, S::Error>> {
        self.chunks.try_advance().map(Ok)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.chunks.is_on_entry()
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.chunks.current_key()
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.chunks.current_value()
    }

    /// 0: an iterator is open only while `next` refills.
    fn num_active_iterators(&self) -> usize {
        0
    }
}

/// A seek asks for nothing yet: the source is awaited by the step that it leaves open.
impl<S: ChunkSource> AsyncSeekableIterator for LongIterator<S> {
    fn try_seek(&mut self, key: &[u8]) -> Option<Result<bool, S::Error>> {
        self.chunks.try_seek(Some(key)).map(Ok)
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, S::Error>> {
        self.chunks.try_seek(None).map(Ok)
    }
}
