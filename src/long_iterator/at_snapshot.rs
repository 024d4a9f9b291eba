use std::fmt;
use std::ops::Bound;

use crate::{Chunk, ChunkSource, SnapshotViewSource};

/// Chunks of a [`SnapshotViewSource`] at one snapshot, each read through a fresh view: what
/// [`LongIterator::snapshot`](crate::LongIterator::snapshot) walks.
///
/// Holds the snapshot until it is dropped; view and scan live as long as one call of [`fill`](ChunkSource::fill).
///
/// ```
/// use std::sync::Arc;
/// use storage_iter::{AtSnapshot, LongIterator, SnapshotViewSource};
///
/// /// For those who must store the iterator, this is its type.
/// struct Cursor<Engine: SnapshotViewSource> {
///     entries: LongIterator<AtSnapshot<Arc<Engine>>>,
/// }
/// ```
pub struct AtSnapshot<S: SnapshotViewSource> {
    source: S,
    snapshot: S::Snapshot,
}

impl<S: SnapshotViewSource> AtSnapshot<S> {
    /// Chunks of `source` at `snapshot`, which may have been taken before, and may be shared with other reads.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::{AtSnapshot, LongIterator, SnapshotViewSource, StorageIterator};
    ///
    /// fn count_at<S: SnapshotViewSource>(source: S, snapshot: S::Snapshot) -> Result<usize, S::Error> {
    ///     LongIterator::new(AtSnapshot::new(source, snapshot), Unbounded, Unbounded).count()
    /// }
    /// ```
    #[inline]
    pub fn new(source: S, snapshot: S::Snapshot) -> Self {
        AtSnapshot { source, snapshot }
    }

    /// The snapshot.
    ///
    /// ```
    /// use storage_iter::{AtSnapshot, SnapshotViewSource};
    ///
    /// fn number(chunks: &AtSnapshot<impl SnapshotViewSource<Snapshot = u64>>) -> u64 {
    ///     *chunks.snapshot()
    /// }
    /// ```
    #[inline]
    pub fn snapshot(&self) -> &S::Snapshot {
        &self.snapshot
    }
}

impl<S: SnapshotViewSource> ChunkSource for AtSnapshot<S> {
    type Error = S::Error;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), S::Error> {
        let view = self.source.view()?;
        chunk.extend_from(self.source.scan_at(&view, &self.snapshot, from, upper)?)
    }
}

impl<S: SnapshotViewSource<Snapshot: Clone> + Clone> Clone for AtSnapshot<S> {
    fn clone(&self) -> Self {
        AtSnapshot { source: self.source.clone(), snapshot: self.snapshot.clone() }
    }
}

impl<S: SnapshotViewSource<Snapshot: fmt::Debug>> fmt::Debug for AtSnapshot<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtSnapshot").field("snapshot", &self.snapshot).finish_non_exhaustive()
    }
}
