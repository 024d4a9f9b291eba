use std::future::Future;
use std::ops::Bound;
use std::sync::Arc;

use crate::Chunk;

/// A sorted structure that can copy out its next few entries, and has to be waited for: what an asynchronous
/// [`LongIterator`](crate::async_iter::LongIterator) walks.
///
/// [`fill`](Self::fill) promises what [that of `ChunkSource`](crate::ChunkSource) does. Its future may be dropped: the chunk is
/// gone then, and the same chunk is asked for again.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use storage_iter::async_iter::{AsyncStorageIterator, ChunkSource, LongIterator};
/// use storage_iter::{Chunk, MemTable};
///
/// /// Asks a table somewhere else.
/// struct Remote(MemTable);
///
/// impl ChunkSource for Remote {
///     type Error = Infallible;
///
///     async fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
///         // Imagine an `.await` here.
///         chunk.extend_from(self.0.scan(from, upper))
///     }
/// }
///
/// let remote = Remote(MemTable::new());
/// remote.0.put(b"a", b"1");
/// # futures_executor::block_on(async {
/// let mut entries = LongIterator::new(&remote, Unbounded, Unbounded);
/// assert_eq!(entries.next().await, Ok(true));
/// # });
/// ```
pub trait ChunkSource: Send + Sync {
    /// What a fill may fail with; [`Infallible`](std::convert::Infallible) if it cannot.
    type Error;

    /// Copies the entries behind `from` up to `upper` into `chunk`, which is empty, until it is full.
    ///
    /// # Errors
    ///
    /// When the source fails. What was pushed until then is kept.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::Chunk;
    /// use storage_iter::async_iter::ChunkSource;
    ///
    /// async fn first_key<S: ChunkSource>(source: &S) -> Result<Option<Vec<u8>>, S::Error> {
    ///     let mut chunk = Chunk::new(1, 64 * 1024);
    ///     source.fill(Unbounded, Unbounded, &mut chunk).await?;
    ///     Ok((!chunk.is_empty()).then(|| chunk.key(0).to_vec()))
    /// }
    /// ```
    fn fill(
        &self,
        from: Bound<&[u8]>,
        upper: Bound<&[u8]>,
        chunk: &mut Chunk,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Handles fill from what they point to, so an iterator may borrow its source or own a share of it.
macro_rules! chunk_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ChunkSource> ChunkSource for $pointer {
            type Error = S::Error;

            #[inline]
            fn fill(
                &self,
                from: Bound<&[u8]>,
                upper: Bound<&[u8]>,
                chunk: &mut Chunk,
            ) -> impl Future<Output = Result<(), S::Error>> + Send {
                (**self).fill(from, upper, chunk)
            }
        }
    )*};
}

chunk_sources_by_deref!(&S, Arc<S>);
