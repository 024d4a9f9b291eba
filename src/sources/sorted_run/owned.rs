use std::convert::Infallible;
use std::fmt;

use super::cursor::{Cursor, cursor_over_run};
use super::{Columnar, SortedRun};
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// A storage iterator that owns the [`SortedRun`] it walks, made by [`scan_owned`](SortedRun::scan_owned).
///
/// It shares the run's columns: nothing is copied.
///
/// # Complexity
///
/// *O(1)* a step, in both directions. A seek to a key ahead takes *O(log d)* comparisons, *d* being the number of entries
/// passed over; any other *O(log n)* with *n* entries in the scan. Allocates nothing.
///
/// # Errors
///
/// Never.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{OwnedSortedRunIterator, SliceIterator, SortedRun, StorageIterator};
///
/// fn numbers() -> OwnedSortedRunIterator<u64, char> {
///     let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a')]).collect().unwrap();
///     run.scan_owned(Unbounded, Unbounded)
/// }
/// let mut entries = numbers();
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (&1, &'a'));
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct OwnedSortedRunIterator<K: ?Sized + Columnar = [u8], V: ?Sized + Columnar = [u8]> {
    run: SortedRun<K, V>,
    cursor: Cursor,
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> OwnedSortedRunIterator<K, V> {
    pub(super) fn new(run: SortedRun<K, V>, cursor: Cursor) -> Self {
        OwnedSortedRunIterator { run, cursor }
    }
}

cursor_over_run!(OwnedSortedRunIterator<K, V>);

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> Clone for OwnedSortedRunIterator<K, V> {
    fn clone(&self) -> Self {
        OwnedSortedRunIterator { run: self.run.clone(), cursor: self.cursor }
    }
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> fmt::Debug for OwnedSortedRunIterator<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedSortedRunIterator").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
