use std::convert::Infallible;
use std::fmt;

use super::cursor::{Cursor, cursor_over_run};
use super::{Columnar, SortedRun};
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// A storage iterator over a [`SortedRun`], made by [`iter`](SortedRun::iter) and [`scan`](SortedRun::scan).
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
/// use storage_iter::{SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a')]).collect()?;
/// let mut entries = run.iter();
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!((entries.key(), entries.value()), (&1, &'a'));
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct SortedRunIterator<'a, K: ?Sized + Columnar = [u8], V: ?Sized + Columnar = [u8]> {
    run: &'a SortedRun<K, V>,
    cursor: Cursor,
}

impl<'a, K: ?Sized + Columnar, V: ?Sized + Columnar> SortedRunIterator<'a, K, V> {
    pub(super) fn new(run: &'a SortedRun<K, V>, cursor: Cursor) -> Self {
        SortedRunIterator { run, cursor }
    }
}

cursor_over_run!(SortedRunIterator<'_, K, V>);

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> Clone for SortedRunIterator<'_, K, V> {
    fn clone(&self) -> Self {
        SortedRunIterator { ..*self }
    }
}

impl<K: ?Sized + Columnar, V: ?Sized + Columnar> fmt::Debug for SortedRunIterator<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SortedRunIterator").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
