use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use super::{Chunk, ChunkSource};

/// A [`ChunkSource`] that can copy out its entries backwards as well: what a [`ChunkIterator`](crate::ChunkIterator) that
/// goes both ways walks.
///
/// # What a descending fill promises
///
/// It pushes entries in strictly *descending* order of keys, starting with the last one before `until`, none below `lower`,
/// until there are no more or [`Chunk::push`] says to stop. A chunk that is not full says that there is nothing more down
/// to `lower`.
///
/// Sources that can fail may fail at any entry. What was pushed before is kept, so it must be right.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::convert::Infallible;
/// use std::ops::Bound;
/// use std::sync::RwLock;
/// use storage_iter::{BidirectionalIterator, Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, StorageIterator};
///
/// struct Table(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);
///
/// impl ChunkSource for Table {
///     type Error = Infallible;
///
///     fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
///         let _ = self.0.read().unwrap().range::<[u8], _>((from, upper)).find(|(key, value)| !chunk.push(key, value));
///         Ok(())
///     }
/// }
///
/// impl DescendingChunkSource for Table {
///     fn fill_descending(&self, lower: Bound<&[u8]>, until: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
///         let _ = self.0.read().unwrap().range::<[u8], _>((lower, until)).rfind(|(key, value)| !chunk.push(key, value));
///         Ok(())
///     }
/// }
///
/// let table = Table(RwLock::new(["a", "b"].map(|key| (key.into(), b"1".to_vec())).into()));
/// let mut entries = ChunkIterator::new(&table, Bound::Unbounded, Bound::Unbounded);
/// assert_eq!(entries.seek_to_last(), Ok(true));
/// assert_eq!(entries.prev(), Ok(true));
/// assert_eq!(entries.key(), b"a");
/// ```
pub trait DescendingChunkSource: ChunkSource {
    /// Copies the entries before `until` down to `lower` into `chunk`, which is empty, until it is full.
    ///
    /// The iterator calls this only with bounds that leave room.
    ///
    /// # Errors
    ///
    /// When the source fails. What was pushed until then is kept.
    ///
    /// ```
    /// use std::ops::Bound::{Excluded, Unbounded};
    /// use storage_iter::{BTreeMemTable, Chunk, DescendingChunkSource};
    ///
    /// let table = BTreeMemTable::new();
    /// for key in ["a", "b", "c"] {
    ///     table.put(key.as_bytes(), b"1");
    /// }
    /// let mut chunk = Chunk::new(64, 64 * 1024);
    /// table.fill_descending(Unbounded, Excluded(b"c"), &mut chunk)?;
    /// assert_eq!((chunk.len(), chunk.key(0)), (2, b"b".as_slice()));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn fill_descending(&self, lower: Bound<&[u8]>, until: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Self::Error>;
}

/// Handles fill from what they point to, so an iterator may borrow its source or own a share of it.
macro_rules! descending_chunk_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ?Sized + DescendingChunkSource> DescendingChunkSource for $pointer {
            #[inline]
            fn fill_descending(
                &self,
                lower: Bound<&[u8]>,
                until: Bound<&[u8]>,
                chunk: &mut Chunk,
            ) -> Result<(), S::Error> {
                (**self).fill_descending(lower, until, chunk)
            }
        }
    )*};
}

descending_chunk_sources_by_deref!(&S, Rc<S>, Arc<S>);
