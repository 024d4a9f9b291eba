use std::convert::Infallible;
use std::fmt;

use super::{Columnar, SortedRun};
use crate::combinators::assert_valid;
use crate::{Key, StorageIterator};

/// A storage iterator over a [`SortedRun`], made by [`iter`](SortedRun::iter) and [`scan`](SortedRun::scan).
///
/// # Complexity
///
/// *O(1)* a step. Allocates nothing.
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

/// A position among the entries from one index to another.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// The index of the entry that `advance` moves to.
    following: usize,
    /// One past the index of the last entry.
    end: usize,
    is_valid: bool,
}

impl Cursor {
    /// Before the first of the entries `start..end`, of which there are none if `start` is greater.
    pub(super) fn new(start: usize, end: usize) -> Self {
        Cursor { following: start, end, is_valid: false }
    }

    #[inline]
    pub(super) fn advance(&mut self) -> bool {
        self.is_valid = self.following < self.end;
        self.following += usize::from(self.is_valid);
        self.is_valid
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.is_valid
    }

    /// The index of the entry that this stands on.
    #[inline]
    #[track_caller]
    pub(super) fn index(&self) -> usize {
        assert_valid(self.is_valid);
        self.following - 1
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("is_valid", &self.is_valid)
            .field("remaining", &self.end.saturating_sub(self.following))
            .finish()
    }
}

impl<'a, K: ?Sized + Columnar, V: ?Sized + Columnar> SortedRunIterator<'a, K, V> {
    pub(super) fn new(run: &'a SortedRun<K, V>, cursor: Cursor) -> Self {
        SortedRunIterator { run, cursor }
    }
}

impl<K: ?Sized + Key + Columnar, V: ?Sized + Columnar> StorageIterator for SortedRunIterator<'_, K, V> {
    type Key = K;
    type Value = V;
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        Ok(self.cursor.advance())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.cursor.is_valid()
    }

    #[inline]
    fn key(&self) -> &K {
        self.run.key_at(self.cursor.index())
    }

    #[inline]
    fn value(&self) -> &V {
        self.run.value_at(self.cursor.index())
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        self.run.shared_prefix_len_at(self.cursor.index())
    }
}

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
