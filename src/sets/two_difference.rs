use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use super::motion::{Due, Motion, step_by};
use crate::combinators::{assert_valid, cut_short};
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
    a: A,
    b: B,
    /// What they have to do in the open step; on an entry, in the next one.
    a_due: Due,
    b_due: Due,
    is_valid: bool,
    motion: Motion,
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
        TwoDifferenceIterator {
            a,
            b,
            a_due: Due::Step,
            b_due: Due::Step,
            is_valid: false,
            motion: Motion::Forward,
            approach: PhantomData,
        }
    }
}

impl<A, B, S> TwoDifferenceIterator<A, B, S>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    /// Takes children that have moved backwards, or were about to, to where a step forwards from the end of that step may begin.
    #[inline]
    fn turn_forward(&mut self) {
        if self.motion == Motion::CutShort {
            cut_short();
        }
        // The first one is at least behind the entry where that step ends, by its next step.
        self.a_due = Due::Step;
        if !matches!(self.b_due, Due::CatchUp | Due::Retry) {
            self.b_due = Due::Turn;
        }
        self.motion = Motion::Forward;
    }
}

impl<A, B, S> TwoDifferenceIterator<A, B, S>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    // There are no calls with all of the iterator in here, which would have to find it in memory.
    #[inline]
    fn advance(&mut self) -> Result<bool, ChildError<A::Error>> {
        let TwoDifferenceIterator { a, b, a_due, b_due, .. } = self;
        if *b_due == Due::CatchUp {
            S::forward_again(b, a.key()).map_err(|error| ChildError { child: 1, error })?;
            *b_due = Due::Nothing;
        }
        let has_a = match *a_due {
            Due::Step | Due::Retry => step_by(a, a_due, A::next).map_err(|error| ChildError { child: 0, error })?,
            _ => a.is_valid(),
        };
        b_due.settle(|| b.is_valid());
        // The second one is not asked where the first has nothing, unless it has a step to complete.
        if *b_due == Due::Retry || *b_due == Due::Step && has_a {
            step_by(b, b_due, B::next).map_err(|error| ChildError { child: 1, error })?;
        }
        *b_due = Due::Nothing;
        if !has_a {
            return Ok(false);
        }
        let mut steps = 0;
        loop {
            let order = if b.is_valid() { a.key().cmp(b.key()) } else { Ordering::Less };
            match order {
                Ordering::Less => {
                    *a_due = Due::Step;
                    self.is_valid = true;
                    return Ok(true);
                }
                Ordering::Equal => {
                    // As above, which would cost a flag to tell the two apart.
                    *b_due = Due::Step;
                    let has_a = step_by(a, a_due, A::next).map_err(|error| ChildError { child: 0, error })?;
                    if !has_a {
                        *b_due = Due::Nothing;
                        return Ok(false);
                    }
                    step_by(b, b_due, B::next).map_err(|error| ChildError { child: 1, error })?;
                    steps = 0;
                }
                Ordering::Greater => {
                    // Asked for before the child is said to have tried.
                    let key = a.key();
                    *b_due = Due::CatchUp;
                    S::forward(b, key, steps).map_err(|error| ChildError { child: 1, error })?;
                    *b_due = Due::Nothing;
                    steps += 1;
                }
            }
        }
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

    #[inline]
    fn next(&mut self) -> Result<bool, Self::Error> {
        if self.motion != Motion::Forward {
            self.turn_forward();
        }
        self.is_valid = false;
        self.advance()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &A::Key {
        assert_valid(self.is_valid);
        self.a.key()
    }

    #[inline]
    fn value(&self) -> &A::Value {
        assert_valid(self.is_valid);
        self.a.value()
    }

    fn num_active_iterators(&self) -> usize {
        self.a.num_active_iterators() + self.b.num_active_iterators()
    }
}

impl<A, B, S> TwoDifferenceIterator<A, B, S>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Error = A::Error>,
{
    /// Runs a seek of both children: both hear of it, whatever the first one says.
    fn tell_both(
        &mut self,
        seek_a: impl FnOnce(&mut A) -> Result<bool, A::Error>,
        seek_b: impl FnOnce(&mut B) -> Result<bool, A::Error>,
    ) -> Result<(), ChildError<A::Error>> {
        self.is_valid = false;
        self.motion = Motion::CutShort;
        let (from_a, from_b) = (seek_a(&mut self.a), seek_b(&mut self.b));
        self.a_due = if from_a.is_err() { Due::Retry } else { Due::Nothing };
        self.b_due = if from_b.is_err() { Due::Retry } else { Due::Nothing };
        from_a.map_err(|error| ChildError { child: 0, error })?;
        from_b.map_err(|error| ChildError { child: 1, error })?;
        Ok(())
    }
}

impl<A, B, S> SeekableIterator for TwoDifferenceIterator<A, B, S>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    fn seek(&mut self, key: &A::Key) -> Result<bool, Self::Error> {
        let result = self.tell_both(|a| a.seek(key), |b| b.seek(key)).and_then(|()| self.advance());
        self.motion = Motion::Forward;
        result
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        let result = self.tell_both(A::seek_to_first, B::seek_to_first).and_then(|()| self.advance());
        self.motion = Motion::Forward;
        result
    }
}

impl<A, B, S> TwoDifferenceIterator<A, B, S>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    fn retreat(&mut self) -> Result<bool, ChildError<A::Error>> {
        let TwoDifferenceIterator { a, b, a_due, b_due, .. } = self;
        if *b_due == Due::CatchUp {
            S::backward_again(b, a.key()).map_err(|error| ChildError { child: 1, error })?;
            *b_due = Due::Nothing;
        }
        let has_a = match *a_due {
            Due::Step | Due::Retry => step_by(a, a_due, A::prev).map_err(|error| ChildError { child: 0, error })?,
            _ => a.is_valid(),
        };
        b_due.settle(|| b.is_valid());
        // The second one is not asked where the first has nothing, unless it has a step to complete.
        if *b_due == Due::Retry || *b_due == Due::Step && has_a {
            step_by(b, b_due, B::prev).map_err(|error| ChildError { child: 1, error })?;
        }
        *b_due = Due::Nothing;
        if !has_a {
            return Ok(false);
        }
        let mut steps = 0;
        loop {
            let order = if b.is_valid() { a.key().cmp(b.key()) } else { Ordering::Greater };
            match order {
                Ordering::Greater => {
                    *a_due = Due::Step;
                    self.is_valid = true;
                    return Ok(true);
                }
                Ordering::Equal => {
                    // As above, which would cost a flag to tell the two apart.
                    *b_due = Due::Step;
                    let has_a = step_by(a, a_due, A::prev).map_err(|error| ChildError { child: 0, error })?;
                    if !has_a {
                        *b_due = Due::Nothing;
                        return Ok(false);
                    }
                    step_by(b, b_due, B::prev).map_err(|error| ChildError { child: 1, error })?;
                    steps = 0;
                }
                Ordering::Less => {
                    // Asked for before the child is said to have tried.
                    let key = a.key();
                    *b_due = Due::CatchUp;
                    S::backward(b, key, steps).map_err(|error| ChildError { child: 1, error })?;
                    *b_due = Due::Nothing;
                    steps += 1;
                }
            }
        }
    }
}

impl<A, B, S> BidirectionalIterator for TwoDifferenceIterator<A, B, S>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
    S: Approach<B>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        if self.motion == Motion::CutShort {
            cut_short();
        }
        if self.motion == Motion::Forward {
            if !self.is_valid {
                // The open step first. At the end there is none, and this does nothing.
                self.next()?;
            }
            self.b_due = Due::Turn;
            self.a_due = Due::Step;
            self.motion = Motion::Backward;
        }
        self.is_valid = false;
        self.retreat()
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        let result = self.tell_both(A::seek_to_last, B::seek_to_last).and_then(|()| self.retreat());
        self.motion = Motion::Backward;
        result
    }

    fn seek_for_prev(&mut self, key: &A::Key) -> Result<bool, Self::Error> {
        let result = self.tell_both(|a| a.seek_for_prev(key), |b| b.seek_for_prev(key)).and_then(|()| self.retreat());
        self.motion = Motion::Backward;
        result
    }
}

impl<A: Clone, B: Clone, S> Clone for TwoDifferenceIterator<A, B, S> {
    fn clone(&self) -> Self {
        TwoDifferenceIterator { a: self.a.clone(), b: self.b.clone(), ..*self }
    }
}

impl<A: fmt::Debug, B: fmt::Debug, S> fmt::Debug for TwoDifferenceIterator<A, B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoDifferenceIterator")
            .field("a", &self.a)
            .field("b", &self.b)
            .field("is_valid", &self.is_valid)
            .finish_non_exhaustive()
    }
}
