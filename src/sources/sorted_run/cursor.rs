//! [`Cursor`]: a position in a run, behind both its iterators.

use std::fmt;
use std::ops::Range;

use crate::combinators::{assert_valid, cut_short};
use crate::sources::search::{gallop, partition_point};

/// A position among the entries from one index to another. It does not know the run: what it has to compare, it asks for by
/// index.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    start: usize,
    /// The index of the entry that `advance` moves to; `NOWHERE` while a seek is under way.
    following: usize,
    /// One past the index of the last entry.
    end: usize,
    standing: Standing,
}

/// More than the index of any entry.
const NOWHERE: usize = usize::MAX;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Before the first entry or behind the last.
    Off,
    /// On an entry that was reached from the one before it, or by a seek.
    Forward,
    /// On an entry that was reached from the one behind it.
    Backward,
}

impl Cursor {
    /// Before the first of the entries `start..end`, of which there are none if `start` is greater.
    pub(super) fn new(start: usize, end: usize) -> Self {
        Cursor { start, following: start, end: end.max(start), standing: Standing::Off }
    }

    #[inline]
    pub(super) fn advance(&mut self) -> bool {
        if self.following >= self.end {
            return self.stay_behind();
        }
        self.following += 1;
        self.standing = Standing::Forward;
        true
    }

    /// The indices of the entries that are left.
    #[inline]
    pub(super) fn ahead(&self) -> Range<usize> {
        if self.following == NOWHERE {
            cut_short();
        }
        self.following..self.end
    }

    /// Moves on, entry by entry, and calls `f` with what `range` has for the index of each, until one call fails.
    #[inline]
    pub(super) fn try_for_each<R, E>(
        &mut self,
        range: impl FnOnce(Range<usize>) -> R,
        mut f: impl FnMut(R::Item) -> Result<(), E>,
    ) -> Result<(), E>
    where
        R: Iterator,
    {
        for item in range(self.ahead()) {
            // Before the call, which may panic.
            self.following += 1;
            self.standing = Standing::Forward;
            f(item)?;
        }
        self.standing = Standing::Off;
        Ok(())
    }

    #[inline]
    pub(super) fn retreat(&mut self) -> bool {
        if self.following == NOWHERE {
            cut_short();
        }
        let behind = self.following - usize::from(self.is_valid());
        self.stand_before(behind, Standing::Backward)
    }

    /// Moves to the first entry.
    pub(super) fn seek_to_first(&mut self) -> bool {
        self.following = self.start;
        self.standing = Standing::Off;
        self.advance()
    }

    /// Moves to the last entry.
    pub(super) fn seek_to_last(&mut self) -> bool {
        self.stand_before(self.end, Standing::Forward)
    }

    /// Moves to the first entry whose index `is_before` does not hold for.
    pub(super) fn seek(&mut self, is_before: impl Fn(usize) -> bool) -> bool {
        self.following = self.search(is_before);
        self.advance()
    }

    /// Moves to the last entry whose index `is_before` holds for.
    pub(super) fn seek_for_prev(&mut self, is_before: impl Fn(usize) -> bool) -> bool {
        let behind = self.search(is_before);
        self.stand_before(behind, Standing::Forward)
    }

    /// Gallops from the entry that this stands on, if the index searched for is ahead. A comparison that panics leaves no
    /// position.
    fn search(&mut self, is_before: impl Fn(usize) -> bool) -> usize {
        let (standing, here) = (self.standing, self.following.wrapping_sub(1));
        self.standing = Standing::Off;
        self.following = NOWHERE;
        if standing == Standing::Off {
            return partition_point(self.start..self.end, is_before);
        }
        gallop(self.start..self.end, here, is_before)
    }

    /// Moves to the entry before the index `behind`, if there is one.
    #[inline]
    fn stand_before(&mut self, behind: usize, standing: Standing) -> bool {
        let is_valid = behind > self.start;
        self.following = behind;
        self.standing = if is_valid { standing } else { Standing::Off };
        is_valid
    }

    #[cold]
    fn stay_behind(&mut self) -> bool {
        if self.following == NOWHERE {
            cut_short();
        }
        self.standing = Standing::Off;
        false
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.standing != Standing::Off
    }

    /// The index of the entry that this stands on.
    #[inline]
    #[track_caller]
    pub(super) fn index(&self) -> usize {
        assert_valid(self.is_valid());
        self.following - 1
    }

    /// The index of the entry that the next step forward moves to, if there is one.
    #[inline]
    pub(super) fn following(&self) -> usize {
        self.following
    }

    /// The index of the entry from which this came to where it stands, if it came from one.
    #[inline]
    pub(super) fn came_from(&self) -> Option<usize> {
        match self.standing {
            Standing::Backward => (self.following < self.end).then_some(self.following),
            Standing::Off | Standing::Forward => self.index().checked_sub(1),
        }
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("is_valid", &self.is_valid())
            .field("remaining", &self.end.saturating_sub(self.following))
            .finish()
    }
}

/// The iterators over a run, which differ only in how they hold it.
macro_rules! cursor_over_run {
    ($iterator:ty) => {
        impl<K: ?Sized + Key + Columnar, V: ?Sized + Columnar> StorageIterator for $iterator {
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
            fn for_each_while<F>(self, mut f: F) -> Result<bool, Infallible>
            where
                F: FnMut(&K, &V) -> bool,
            {
                Ok(self.run.range(self.cursor.ahead()).all(|(key, value)| f(key, value)))
            }

            /// Without the checks of the index that a loop around `next` makes at every step.
            #[inline]
            fn try_for_each<E, F>(&mut self, mut f: F) -> Result<(), E>
            where
                E: From<Infallible>,
                F: FnMut(&K, &V) -> Result<(), E>,
            {
                let run = &self.run;
                self.cursor.try_for_each(|indices| run.range(indices), |(key, value)| f(key, value))
            }

            #[inline]
            fn shared_prefix_len(&self) -> Option<usize> {
                self.run.shared_prefix_len_at(self.cursor.index(), self.cursor.came_from())
            }

            #[inline]
            fn prefetch(&self) {
                self.run.prefetch_key_at(self.cursor.following());
            }
        }

        impl<K: ?Sized + Key + Columnar, V: ?Sized + Columnar> SeekableIterator for $iterator {
            fn seek(&mut self, key: &K) -> Result<bool, Infallible> {
                let run = &self.run;
                Ok(self.cursor.seek(|index| run.key_at(index) < key))
            }

            fn seek_to_first(&mut self) -> Result<bool, Infallible> {
                Ok(self.cursor.seek_to_first())
            }
        }

        impl<K: ?Sized + Key + Columnar, V: ?Sized + Columnar> BidirectionalIterator for $iterator {
            #[inline]
            fn prev(&mut self) -> Result<bool, Infallible> {
                Ok(self.cursor.retreat())
            }

            fn seek_to_last(&mut self) -> Result<bool, Infallible> {
                Ok(self.cursor.seek_to_last())
            }

            fn seek_for_prev(&mut self, key: &K) -> Result<bool, Infallible> {
                let run = &self.run;
                Ok(self.cursor.seek_for_prev(|index| run.key_at(index) <= key))
            }
        }
    };
}
pub(super) use cursor_over_run;
