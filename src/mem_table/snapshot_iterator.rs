use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;

use super::instants::OpenInstant;
use super::snapshot::Versions;
use super::walk::{Nodes, Walk};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator over one moment of a [`SnapshotMemTable`](crate::SnapshotMemTable), made by
/// [`scan`](crate::SnapshotMemTable::scan).
///
/// Lends keys in ascending order, each with the value that it had when `scan` was called. Keys put since then do not
/// come out.
///
/// # Complexity
///
/// The first step searches the lower bound, expected *O(log n)* comparisons with *n* keys in the table; every other
/// step is *O(1)* for each key that it passes, those that are too new included, with one comparison if there is an
/// upper bound. A seek is such a search, and so is every [`prev`](BidirectionalIterator::prev) for each key that it passes,
/// since the list is linked forwards only. Only [`scan`](crate::SnapshotMemTable::scan) allocates.
///
/// # Errors
///
/// Never.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{SnapshotMemTable, StorageIterator};
///
/// let table = SnapshotMemTable::new();
/// table.put(b"a", b"1");
/// let mut entries = table.scan(Bound::Unbounded, Bound::Unbounded);
/// table.put(b"a", b"2");
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (b"a".as_slice(), b"1".as_slice()));
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct SnapshotMemTableIterator<'a> {
    walk: Walk<'a, Versions>,
    instant: OpenInstant,
}

impl<'a> SnapshotMemTableIterator<'a> {
    pub(super) fn new(
        nodes: &'a Nodes<Versions>,
        instant: OpenInstant,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Self {
        SnapshotMemTableIterator { walk: Walk::new(nodes, lower, upper), instant }
    }
}

impl StorageIterator for SnapshotMemTableIterator<'_> {
    type Key = [u8];
    type Value = [u8];
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        let instant = self.instant.get();
        Ok(self.walk.advance(|versions| versions.at(instant)))
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.walk.is_valid()
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.walk.key()
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.walk.value()
    }
}

impl SeekableIterator for SnapshotMemTableIterator<'_> {
    fn seek(&mut self, key: &[u8]) -> Result<bool, Infallible> {
        let instant = self.instant.get();
        Ok(self.walk.seek(key, |versions| versions.at(instant)))
    }

    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        let instant = self.instant.get();
        Ok(self.walk.seek_to_first(|versions| versions.at(instant)))
    }
}

impl BidirectionalIterator for SnapshotMemTableIterator<'_> {
    fn prev(&mut self) -> Result<bool, Infallible> {
        let instant = self.instant.get();
        Ok(self.walk.retreat(|versions| versions.at(instant)))
    }

    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        let instant = self.instant.get();
        Ok(self.walk.seek_to_last(|versions| versions.at(instant)))
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, Infallible> {
        let instant = self.instant.get();
        Ok(self.walk.seek_for_prev(key, |versions| versions.at(instant)))
    }
}

impl fmt::Debug for SnapshotMemTableIterator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotMemTableIterator").field("walk", &self.walk).field("instant", &self.instant).finish()
    }
}
