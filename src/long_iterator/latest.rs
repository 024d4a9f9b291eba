use std::ops::Bound;

use crate::{Chunk, ChunkSource, ViewSource};

/// Chunks of a [`ViewSource`], each read through the view of its own moment: what
/// [`LongIterator::latest`](crate::LongIterator::latest) walks.
///
/// View and scan live as long as one call of [`fill`](ChunkSource::fill).
///
/// ```
/// use std::sync::Arc;
/// use storage_iter::{Latest, LongIterator};
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
    /// use storage_iter::{Chunk, ChunkSource, Latest, ViewSource};
    ///
    /// fn first_key(source: &impl ViewSource) -> Option<Vec<u8>> {
    ///     let mut chunk = Chunk::new(1, 64 * 1024);
    ///     Latest::new(source).fill(Unbounded, Unbounded, &mut chunk).ok()?;
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

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), S::Error> {
        let view = self.source.view()?;
        chunk.extend_from(self.source.scan(&view, from, upper)?)
    }
}
