use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;

use super::skiplist::Cell;
use super::walk::{Nodes, Walk};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator over a [`MemTable`](crate::MemTable), made by [`scan`](crate::MemTable::scan).
///
/// Lends keys in ascending order, each with the value that it had when the iterator stepped onto it. See the table for
/// what is seen of concurrent writes. A step back moves to the greatest smaller key that is there at that moment: a key that
/// was put meanwhile between two others comes out on the way back though it did not on the way there, and a key that is there
/// all the time comes out in each direction.
///
/// # Complexity
///
/// The first step searches the lower bound, expected *O(log n)* comparisons with *n* keys in the table; every other
/// step is *O(1)*, with one comparison if there is an upper bound. A seek is such a search, and so is every
/// [`prev`](BidirectionalIterator::prev), since the list is linked forwards only. Only [`scan`](crate::MemTable::scan)
/// allocates, for the bounds.
///
/// # Errors
///
/// Never.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{MemTable, StorageIterator};
///
/// let table = MemTable::new();
/// table.put(b"a", b"1");
/// let mut entries = table.scan(Bound::Unbounded, Bound::Unbounded);
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (b"a".as_slice(), b"1".as_slice()));
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MemTableIterator<'a> {
    walk: Walk<'a, Cell>,
}

impl<'a> MemTableIterator<'a> {
    pub(super) fn new(nodes: &'a Nodes<Cell>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        MemTableIterator { walk: Walk::new(nodes, lower, upper) }
    }
}

impl StorageIterator for MemTableIterator<'_> {
    type Key = [u8];
    type Value = [u8];
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        // A cell without a value is that of a key whose first put has not finished.
        Ok(self.walk.advance(Cell::get))
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

impl SeekableIterator for MemTableIterator<'_> {
    fn seek(&mut self, key: &[u8]) -> Result<bool, Infallible> {
        Ok(self.walk.seek(key, Cell::get))
    }

    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        Ok(self.walk.seek_to_first(Cell::get))
    }
}

impl BidirectionalIterator for MemTableIterator<'_> {
    fn prev(&mut self) -> Result<bool, Infallible> {
        Ok(self.walk.retreat(Cell::get))
    }

    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        Ok(self.walk.seek_to_last(Cell::get))
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, Infallible> {
        Ok(self.walk.seek_for_prev(key, Cell::get))
    }
}

impl fmt::Debug for MemTableIterator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemTableIterator").field("walk", &self.walk).finish()
    }
}
