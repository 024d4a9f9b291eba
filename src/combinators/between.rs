use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::Bound;

use super::child::{Child, Verdict, stand_on_child};
use crate::{Key, StorageIterator};

/// The entries of a storage iterator between two bounds, made by [`between`](StorageIterator::between).
///
/// Yields them in the child's order. Bounds that leave no room (`5..5`, or the lower above the upper) are not an error:
/// there are no entries, and the child is not read.
///
/// # Complexity
///
/// The first step reads the child up to the lower bound, *O(entries below it)*; a source that can start at a bound by
/// itself, as [`MemTable::scan`](crate::MemTable::scan) does, should be given it. Every step compares one key with the upper bound,
/// the first ones with the lower as well. The child is read up to the first entry past the upper bound, and not again
/// afterwards. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{BetweenIterator, SliceIterator, StorageIterator};
///
/// let entries = SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]);
/// let mut from_b = BetweenIterator::new(entries, Bound::Included("b"), Bound::Unbounded);
/// assert_eq!(from_b.next(), Ok(true));
/// assert_eq!(from_b.key(), &"b");
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BetweenIterator<I, B> {
    child: Child<I>,
    lower: Bound<B>,
    upper: Bound<B>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing was compared yet, not even the bounds.
    New,
    /// No key has reached the lower bound yet.
    Below,
    /// The lower bound is behind.
    Inside,
}

impl<I, B> BetweenIterator<I, B> {
    /// The entries of `child` between `lower` and `upper`.
    ///
    /// ```
    /// # use std::ops::Bound::{Excluded, Included};
    /// # use storage_iter::{BetweenIterator, SliceIterator, StorageIterator};
    /// let entries = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]);
    /// assert_eq!(BetweenIterator::new(entries, Included(2), Excluded(3)).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I, lower: Bound<B>, upper: Bound<B>) -> Self {
        BetweenIterator { child: Child::new(child), lower, upper, phase: Phase::New }
    }
}

impl<I, B> BetweenIterator<I, B>
where
    I: StorageIterator,
    B: Borrow<I::Key>,
{
    // Not a call: a call would have to find the whole iterator in memory, in the loop as well.
    #[inline]
    fn compare_bounds(&mut self) {
        if is_empty_range(borrow_bound(&self.lower), borrow_bound(&self.upper)) {
            self.child.finish();
        }
        self.phase = Phase::Below;
    }
}

impl<I, B> StorageIterator for BetweenIterator<I, B>
where
    I: StorageIterator,
    B: Borrow<I::Key>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        if self.phase == Phase::New {
            self.compare_bounds();
        }
        let BetweenIterator { child, lower, upper, phase } = self;
        child.advance_to(|key, _| {
            if *phase == Phase::Below {
                if !is_from(key, borrow_bound(lower)) {
                    return Verdict::Skip;
                }
                *phase = Phase::Inside;
            }
            if is_up_to(key, borrow_bound(upper)) { Verdict::Yield } else { Verdict::Finish }
        })
    }

    stand_on_child!(key, value);
}

/// A bound over what its key borrows as.
#[inline]
pub(crate) fn borrow_bound<K: ?Sized, B: Borrow<K>>(bound: &Bound<B>) -> Bound<&K> {
    match bound {
        Bound::Included(key) => Bound::Included(key.borrow()),
        Bound::Excluded(key) => Bound::Excluded(key.borrow()),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// Whether no key can lie between these bounds.
#[inline]
pub(crate) fn is_empty_range<K: ?Sized + Key>(lower: Bound<&K>, upper: Bound<&K>) -> bool {
    match (lower, upper) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
        (Bound::Included(lower) | Bound::Excluded(lower), Bound::Included(upper) | Bound::Excluded(upper)) => {
            lower >= upper
        }
    }
}

/// Whether `key` has reached the lower bound.
#[inline]
pub(crate) fn is_from<K: ?Sized + Key>(key: &K, lower: Bound<&K>) -> bool {
    match lower {
        Bound::Included(lower) => key.cmp(lower) != Ordering::Less,
        Bound::Excluded(lower) => key.cmp(lower) == Ordering::Greater,
        Bound::Unbounded => true,
    }
}

/// Whether `key` has not passed the upper bound.
#[inline]
pub(crate) fn is_up_to<K: ?Sized + Key>(key: &K, upper: Bound<&K>) -> bool {
    match upper {
        Bound::Included(upper) => key.cmp(upper) != Ordering::Greater,
        Bound::Excluded(upper) => key.cmp(upper) == Ordering::Less,
        Bound::Unbounded => true,
    }
}
