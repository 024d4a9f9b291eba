use std::ops::Bound;

use super::{ChunkSource, ViewSource};
use crate::Chunk;
use crate::async_iter::AsyncStorageIterator;

/// Chunks of a [`ViewSource`], each read through the view of its own moment: what
/// [`LongIterator::latest`](crate::async_iter::LongIterator::latest) walks.
///
/// View and scan live as long as the future of one [`fill`](ChunkSource::fill). So while a view is awaited, none of an earlier
/// chunk is held.
///
/// ```
/// use std::sync::Arc;
/// use storage_iter::async_iter::{Latest, LongIterator};
///
/// /// For those who must store the iterator, this is its type.
/// struct Cursor<Engine> {
///     entries: LongIterator<Latest<Arc<Engine>>>,
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Latest<S> {
    source: S,
}

impl<S> Latest<S> {
    /// Chunks of `source`.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::Chunk;
    /// use storage_iter::async_iter::{ChunkSource, Latest, ViewSource};
    ///
    /// async fn first_key(source: &impl ViewSource) -> Option<Vec<u8>> {
    ///     let mut chunk = Chunk::new(1, 64 * 1024);
    ///     Latest::new(source).fill(Unbounded, Unbounded, &mut chunk).await.ok()?;
    ///     (!chunk.is_empty()).then(|| chunk.key(0).to_vec())
    /// }
    /// ```
    #[inline]
    pub fn new(source: S) -> Self {
        Latest { source }
    }
}

impl<S: ViewSource> ChunkSource for Latest<S> {
    type Error = S::Error;

    async fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), S::Error> {
        let view = self.source.view().await?;
        let mut entries = self.source.scan(&view, from, upper).await?;
        while entries.next().await? {
            if !chunk.push(entries.key(), entries.value()) {
                break;
            }
        }
        Ok(())
    }
}
