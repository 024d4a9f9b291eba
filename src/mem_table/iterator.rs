use std::convert::Infallible;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use crossbeam_skiplist::SkipMap;
use crossbeam_skiplist::map::Entry;

use super::skiplist::Cell;
use crate::StorageIterator;
use crate::combinators::{is_up_to, not_on_an_entry};

/// A storage iterator over a [`MemTable`](crate::MemTable), made by [`scan`](crate::MemTable::scan).
///
/// Lends keys in ascending order, each with the value that it had when the iterator stepped onto it. See the table for
/// what is seen of concurrent writes.
///
/// # Complexity
///
/// The first step searches the lower bound, expected *O(log n)* comparisons with *n* keys in the table; every other step is *O(1)*, with
/// one comparison if there is an upper bound. Only [`scan`](crate::MemTable::scan) allocates, for the bounds.
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
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MemTableIterator<'a> {
    map: &'a SkipMap<Box<[u8]>, Cell>,
    lower: Bound<Box<[u8]>>,
    upper: Bound<Box<[u8]>>,
    position: Position<'a>,
}

/// The entry keeps its node alive, and the handle its value, so both are lent without a lock.
#[derive(Clone)]
enum Position<'a> {
    Before,
    On(Entry<'a, Box<[u8]>, Cell>, Arc<[u8]>),
    After,
}

impl<'a> MemTableIterator<'a> {
    pub(super) fn new(map: &'a SkipMap<Box<[u8]>, Cell>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        MemTableIterator { map, lower: lower.map(Box::from), upper: upper.map(Box::from), position: Position::Before }
    }
}

impl StorageIterator for MemTableIterator<'_> {
    type Key = [u8];
    type Value = [u8];
    type Error = Infallible;

    fn next(&mut self) -> Result<bool, Infallible> {
        // `lower_bound` and `move_next`, not `SkipMap::range`: in crossbeam-skiplist 0.1.3 a range keeps a reference to
        // every node it visits, for ever (crossbeam-rs/crossbeam#1178).
        let mut following = match std::mem::replace(&mut self.position, Position::After) {
            Position::Before => self.map.lower_bound(self.lower.as_ref().map(|key| &**key)),
            Position::On(mut entry, _) => entry.move_next().then_some(entry),
            Position::After => None,
        };
        while let Some(mut entry) = following {
            if !is_up_to(&**entry.key(), self.upper.as_ref().map(|key| &**key)) {
                break;
            }
            if let Some(value) = entry.value().get() {
                self.position = Position::On(entry, value);
                return Ok(true);
            }
            // The first put of this key has not finished.
            following = entry.move_next().then_some(entry);
        }
        Ok(false)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        matches!(self.position, Position::On(..))
    }

    #[inline]
    fn key(&self) -> &[u8] {
        match &self.position {
            Position::On(entry, _) => entry.key(),
            Position::Before | Position::After => not_on_an_entry(),
        }
    }

    #[inline]
    fn value(&self) -> &[u8] {
        match &self.position {
            Position::On(_, value) => value,
            Position::Before | Position::After => not_on_an_entry(),
        }
    }
}

impl Clone for MemTableIterator<'_> {
    fn clone(&self) -> Self {
        MemTableIterator {
            map: self.map,
            lower: self.lower.clone(),
            upper: self.upper.clone(),
            position: self.position.clone(),
        }
    }
}

impl fmt::Debug for MemTableIterator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemTableIterator")
            .field("is_valid", &self.is_valid())
            .field("lower", &self.lower)
            .field("upper", &self.upper)
            .finish_non_exhaustive()
    }
}
