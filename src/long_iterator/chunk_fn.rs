use std::fmt;
use std::ops::Bound;

use crate::{Chunk, ChunkSource};

/// A [`ChunkSource`] that is a closure: what [`LongIterator::from_fn`](crate::LongIterator::from_fn) walks.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{ChunkFn, ChunkIterator, MemTable, StorageIterator};
///
/// let table = RwLock::new(Arc::new(MemTable::new()));
/// table.read().unwrap().put(b"a", b"1");
/// let source = ChunkFn::new(|lower, upper, chunk| {
///     let view = Arc::clone(&table.read().unwrap());
///     chunk.extend_from(view.scan(lower, upper))
/// });
/// assert_eq!(ChunkIterator::new(source, Unbounded, Unbounded).count(), Ok(1));
/// ```
#[derive(Clone, Copy)]
pub struct ChunkFn<F> {
    fill: F,
}

impl<F> ChunkFn<F> {
    /// A source whose [`fill`](ChunkSource::fill) is `fill`.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::{ChunkFn, ChunkIterator, StorageIterator};
    ///
    /// let empty = ChunkFn::new(|_, _, _| Ok::<(), Infallible>(()));
    /// assert_eq!(ChunkIterator::new(empty, Unbounded, Unbounded).next(), Ok(false));
    /// ```
    #[inline]
    pub fn new<E>(fill: F) -> Self
    where
        F: Fn(Bound<&[u8]>, Bound<&[u8]>, &mut Chunk) -> Result<(), E>,
    {
        ChunkFn { fill }
    }
}

impl<F, E> ChunkSource for ChunkFn<F>
where
    F: Fn(Bound<&[u8]>, Bound<&[u8]>, &mut Chunk) -> Result<(), E>,
{
    type Error = E;

    #[inline]
    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), E> {
        (self.fill)(from, upper, chunk)
    }
}

impl<F> fmt::Debug for ChunkFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkFn").finish_non_exhaustive()
    }
}
