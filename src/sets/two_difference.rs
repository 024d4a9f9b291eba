use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use super::approach::Lead;
use super::due::{Due, step_by};
use super::two_children::TwoChildren;
use crate::walk::{Backward, Direction, Forward, Seek, Walk, WalkBoth, cursor_by_seeking};
use crate::{Approach, BidirectionalIterator, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The entries of one storage iterator whose keys another one has not: an anti-join.
///
/// Yields them in ascending order, with the first one's values. `S` says how the second is brought to the first one's key: entry by entry
/// ([`new`](Self::new)) or by seeks ([`galloping`](Self::galloping)). To take away what any of many children has, merge
/// these: a [`MergeIterator`](crate::MergeIterator) of them is the second.
///
/// # Complexity
///
/// With *m* entries in the first child and *n* in the second: entry by entry *O(m + n)* in all, one comparison for each entry that is
/// read; galloping *O(m)* seeks, so *O(m log n)*, and never more than a constant times the former. The
/// second child is not read behind the end of the first. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, and keys that were passed over are not
/// looked at again.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, TwoDifferenceIterator};
///
/// let all = SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]);
/// let banned = SliceIterator::new(&[("b", "spam")]);
/// let allowed = TwoDifferenceIterator::galloping(all, banned);
/// assert_eq!(allowed.collect::<Vec<_>>()?, [("a", 1), ("c", 3)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoDifferenceIterator<A, B, S = Stepping> {
    children: TwoChildren<A, B>,
    approach: PhantomData<fn() -> S>,
}

impl<A, B> TwoDifferenceIterator<A, B> {
    /// The entries of `a` whose keys `b` has not, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoDifferenceIterator};
    /// assert_eq!(TwoDifferenceIterator::new(OnceIterator::new(1, 'a'), OnceIterator::new(1, "b")).count(), Ok(0));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: StorageIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B> TwoDifferenceIterator<A, B, Galloping> {
    /// The entries of `a`, which may be a child that cannot seek, whose keys are not found in `b`, by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{PairsIterator, SliceIterator, StorageIterator, TwoDifferenceIterator};
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let wanted = PairsIterator::new([(50, 'a'), (5000, 'a')]);
    /// let missing = TwoDifferenceIterator::galloping(wanted, SliceIterator::new(&many));
    /// assert_eq!(missing.collect(), Ok(vec![(5000, 'a')]));
    /// ```
    #[inline]
    pub fn galloping(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: SeekableIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B, S> TwoDifferenceIterator<A, B, S> {
    #[inline]
    fn of(a: A, b: B) -> Self {
        TwoDifferenceIterator { children: TwoChildren::new(a, b), approach: PhantomData }
    }
}

impl<A, B, S> TwoDifferenceIterator<A, B, S>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    /// Lets a forward step begin, or go on.
    #[inline(always)]
    fn begin_forward(&mut self) {
        if self.children.direction != Some(Direction::Forward) {
            self.turn_forward();
        }
        self.children.is_valid = false;
    }

    /// Takes children that have moved backwards, or were about to, to where a step forwards from the end of that step may begin.
    #[inline]
    fn turn_forward(&mut self) {
        let children = &mut self.children;
        children.assert_sought();
        // The first one is at least behind the entry where that step ends, by its next step.
        children.a_due = Due::Step;
        if !matches!(children.b_due, Due::CatchUp | Due::Retry) {
            children.b_due = Due::Turn;
        }
        children.direction = Some(Direction::Forward);
    }

    // There are no calls with all of the iterator in here, which would have to find it in memory.
    #[inline(always)]
    fn go<W>(&mut self) -> Result<bool, ChildError<A::Error>>
    where
        W: WalkBoth<A, B> + Lead<A, Stepping> + Lead<B, S>,
    {
        if !self.children.settle::<W, Stepping, S>()?.0 {
            return Ok(false);
        }
        let TwoChildren { a, b, a_due, b_due, is_valid, .. } = &mut self.children;
        let mut steps = 0;
        loop {
            let order = if b.is_valid() { W::compare(a, b) } else { Ordering::Less };
            if order.is_gt() {
                // Asked for before the child is said to have tried.
                let key = a.key();
                *b_due = Due::CatchUp;
                <W as Lead<B, S>>::lead(b, key, steps).map_err(|error| ChildError { child: 1, error })?;
                *b_due = Due::Nothing;
                steps += 1;
                continue;
            }
            if order.is_lt() {
                *a_due = Due::Step;
                *is_valid = true;
                return Ok(true);
            }
            // Said before the first one moves: to tell the two steps apart after it would cost a flag.
            *b_due = Due::Step;
            if !step_by(a, a_due, <W as Walk<A>>::step).map_err(|error| ChildError { child: 0, error })? {
                *b_due = Due::Nothing;
                return Ok(false);
            }
            step_by(b, b_due, <W as Walk<B>>::step).map_err(|error| ChildError { child: 1, error })?;
            steps = 0;
        }
    }

    fn seek_by<W>(&mut self, target: Option<&A::Key>) -> Result<bool, ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B> + WalkBoth<A, B> + Lead<A, Stepping> + Lead<B, S>,
    {
        let result = self.children.tell::<W>(target).and_then(|()| self.go::<W>());
        self.children.direction = Some(<W as Walk<A>>::DIRECTION);
        result
    }
}

impl<A, B, S> StorageIterator for TwoDifferenceIterator<A, B, S>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    // Always: with the iterator behind a pointer a step takes up to twice as many instructions.
    #[inline(always)]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.begin_forward();
        self.go::<Forward>()
    }

    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&A::Key, &A::Value) -> bool,
    {
        // The step that is open or begins; what is left is a loop over two children that stand where they should.
        self.begin_forward();
        let (has_a, mut has_b) = self.children.settle::<Forward, Stepping, S>()?;
        if !has_a {
            return Ok(true);
        }
        let TwoChildren { mut a, mut b, .. } = self.children;
        let mut steps = 0;
        while has_b {
            // In this order the compiler makes one comparison of it, and one place from which the first child moves.
            let order = a.key().cmp(b.key());
            if order.is_gt() {
                has_b = S::forward(&mut b, a.key(), steps).map_err(|error| ChildError { child: 1, error })?;
                steps += 1;
                continue;
            }
            if order.is_lt() && !f(a.key(), a.value()) {
                return Ok(false);
            }
            if !a.next().map_err(|error| ChildError { child: 0, error })? {
                return Ok(true);
            }
            if order.is_eq() {
                has_b = b.next().map_err(|error| ChildError { child: 1, error })?;
            }
            steps = 0;
        }
        if !f(a.key(), a.value()) {
            return Ok(false);
        }
        a.for_each_while(f).map_err(|error| ChildError { child: 0, error })
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.children.is_valid
    }

    #[inline]
    fn key(&self) -> &A::Key {
        self.children.shown().key()
    }

    #[inline]
    fn value(&self) -> &A::Value {
        self.children.shown().value()
    }

    fn num_active_iterators(&self) -> usize {
        self.children.num_active_iterators()
    }
}

impl<A, B, S> SeekableIterator for TwoDifferenceIterator<A, B, S>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    cursor_by_seeking!(seek);
}

impl<A, B, S> BidirectionalIterator for TwoDifferenceIterator<A, B, S>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.children.assert_sought();
        if self.children.direction == Some(Direction::Forward) {
            if !self.children.is_valid {
                // The open step first. At the end there is none, and this does nothing.
                self.next()?;
            }
            self.children.b_due = Due::Turn;
            self.children.a_due = Due::Step;
            self.children.direction = Some(Direction::Backward);
        }
        self.children.is_valid = false;
        self.go::<Backward>()
    }

    cursor_by_seeking!(prev);
}

impl<A: Clone, B: Clone, S> Clone for TwoDifferenceIterator<A, B, S> {
    fn clone(&self) -> Self {
        TwoDifferenceIterator { children: self.children.clone(), approach: PhantomData }
    }
}

impl<A: fmt::Debug, B: fmt::Debug, S> fmt::Debug for TwoDifferenceIterator<A, B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TwoChildren { a, b, is_valid, .. } = &self.children;
        f.debug_struct("TwoDifferenceIterator")
            .field("a", a)
            .field("b", b)
            .field("is_valid", is_valid)
            .finish_non_exhaustive()
    }
}

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<A, B, S> TwoDifferenceIterator<A, B, S> {
    pub(crate) fn children_mut(&mut self) -> (&mut A, &mut B) {
        (&mut self.children.a, &mut self.children.b)
    }
}
