use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use super::Chunk;

/// A sorted structure that can copy out its next few entries: what a [`ChunkIterator`](crate::ChunkIterator) walks.
///
/// It is for structures whose own iterator must not stay open: because it holds a lock, a transaction or an epoch
/// guard, or pins memory. One call of [`fill`](Self::fill) opens that iterator, copies a chunk and lets it go.
///
/// # What a `fill` promises
///
/// It pushes entries in strictly ascending order of keys, starting with the first one behind `from`, none past `upper`,
/// until there are no more or [`Chunk::push`] says to stop. A chunk that is not full says that there is nothing more up
/// to `upper`.
///
/// Sources that can fail may fail at any entry. What was pushed before is kept, so it must be right.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::convert::Infallible;
/// use std::ops::Bound;
/// use std::sync::RwLock;
/// use storage_iter::{Chunk, ChunkIterator, ChunkSource, StorageIterator};
///
/// struct Table(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);
///
/// impl ChunkSource for Table {
///     type Error = Infallible;
///
///     fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
///         for (key, value) in self.0.read().unwrap().range::<[u8], _>((from, upper)) {
///             if !chunk.push(key, value) {
///                 break;
///             }
///         }
///         Ok(())
///     }
/// }
///
/// let table = Table(RwLock::new(BTreeMap::from([(b"a".to_vec(), b"1".to_vec())])));
/// let mut entries = ChunkIterator::new(&table, Bound::Unbounded, Bound::Unbounded);
/// assert_eq!(entries.next(), Ok(true));
/// table.0.write().unwrap().clear(); // No lock is held here.
/// assert_eq!(entries.key(), b"a");
/// ```
pub trait ChunkSource {
    /// What a fill may fail with; [`Infallible`](std::convert::Infallible) if it cannot.
    type Error;

    /// Copies the entries behind `from` up to `upper` into `chunk`, which is empty, until it is full.
    ///
    /// The iterator calls this only with bounds that leave room, so a map that panics on others, as `BTreeMap::range`
    /// does, may be given them as they are.
    ///
    /// # Errors
    ///
    /// When the source fails. What was pushed until then is kept.
    ///
    /// ```
    /// use std::ops::Bound::{Excluded, Unbounded};
    /// use storage_iter::{BTreeMemTable, Chunk, ChunkSource};
    ///
    /// let table = BTreeMemTable::new();
    /// table.put(b"a", b"1");
    /// table.put(b"b", b"2");
    /// let mut chunk = Chunk::new(64, 64 * 1024);
    /// table.fill(Excluded(b"a"), Unbounded, &mut chunk)?;
    /// assert_eq!((chunk.len(), chunk.key(0)), (1, b"b".as_slice()));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Self::Error>;
}

/// Handles fill from what they point to, so an iterator may borrow its source or own a share of it.
macro_rules! chunk_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ?Sized + ChunkSource> ChunkSource for $pointer {
            type Error = S::Error;

            #[inline]
            fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), S::Error> {
                (**self).fill(from, upper, chunk)
            }
        }
    )*};
}

chunk_sources_by_deref!(&S, Rc<S>, Arc<S>);
