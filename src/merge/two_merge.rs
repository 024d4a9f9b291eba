use std::cmp::Ordering;

use crate::combinators::assert_valid;
use crate::{ChildError, StorageIterator};

/// Two storage iterators, of one type or of two, merged into one order; the first is the newer.
///
/// Yields every key that either child has, once, in ascending order. On equal keys `A`'s entry is yielded, whatever its
/// value is, and `B`'s is skipped.
///
/// # Complexity
///
/// One comparison a step while both children have entries, none after that. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open: `next` goes on with the child that failed,
/// and does not touch the other if that has moved already.
///
/// ```
/// use std::collections::BTreeMap;
/// use storage_iter::{PairsIterator, SliceIterator, StorageIterator, TwoMergeIterator};
///
/// // A write-set over a table: two types, one view.
/// let write_set = BTreeMap::from([(2, "two"), (3, "three")]);
/// let table = [(1, "one"), (2, "TWO")];
/// let merged = TwoMergeIterator::new(PairsIterator::new(write_set), SliceIterator::new(&table));
/// let entries: Vec<_> = merged.collect()?;
/// assert_eq!(entries, [(1, "one"), (2, "two"), (3, "three")]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoMergeIterator<A, B> {
    a: A,
    b: B,
    a_stands: Stands,
    b_stands: Stands,
    /// How the children's keys compare, when the merge stands on an entry: one without entries counts as greater.
    order: Ordering,
    is_valid: bool,
}

/// Where a child stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// On an entry that is used up, or before the first: the open step has to move it.
    Behind,
    OnEntry,
    AtEnd,
}

impl Stands {
    #[inline]
    fn after_move(is_valid: bool) -> Self {
        if is_valid { Stands::OnEntry } else { Stands::AtEnd }
    }
}

impl<A, B> TwoMergeIterator<A, B> {
    /// Merges `a`, the newer, over `b`.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoMergeIterator};
    /// assert_eq!(TwoMergeIterator::new(OnceIterator::new(1, 'b'), OnceIterator::new(1, 'a')).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: StorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
    {
        TwoMergeIterator {
            a,
            b,
            a_stands: Stands::Behind,
            b_stands: Stands::Behind,
            order: Ordering::Equal,
            is_valid: false,
        }
    }

    /// Which child the current entry came from, 0 for `A` and 1 for `B`; `None` when the merge does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoMergeIterator};
    /// let mut merged = TwoMergeIterator::new(OnceIterator::new(2, 'b'), OnceIterator::new(1, 'a'));
    /// merged.next()?;
    /// assert_eq!(merged.source_index(), Some(1));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.is_valid.then_some(usize::from(self.order.is_gt()))
    }
}

impl<A, B> StorageIterator for TwoMergeIterator<A, B>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    #[inline]
    fn next(&mut self) -> Result<bool, Self::Error> {
        if self.is_valid {
            self.is_valid = false;
            if self.order.is_le() {
                self.a_stands = Stands::Behind;
            }
            if self.order.is_ge() {
                self.b_stands = Stands::Behind;
            }
        }
        if self.a_stands == Stands::Behind {
            self.a_stands = Stands::after_move(self.a.next().map_err(|error| ChildError { child: 0, error })?);
        }
        if self.b_stands == Stands::Behind {
            self.b_stands = Stands::after_move(self.b.next().map_err(|error| ChildError { child: 1, error })?);
        }
        // The children are asked, and not `a_stands` and `b_stands`: `key` makes the same test, so the compiler makes it once.
        self.order = match (self.a.is_valid(), self.b.is_valid()) {
            (true, true) => self.a.key().cmp(self.b.key()),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => return Ok(false),
        };
        self.is_valid = true;
        Ok(true)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &A::Key {
        assert_valid(self.is_valid);
        if self.order.is_le() { self.a.key() } else { self.b.key() }
    }

    #[inline]
    fn value(&self) -> &A::Value {
        assert_valid(self.is_valid);
        if self.order.is_le() { self.a.value() } else { self.b.value() }
    }

    fn num_active_iterators(&self) -> usize {
        self.a.num_active_iterators() + self.b.num_active_iterators()
    }
}
