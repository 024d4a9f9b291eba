use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use super::motion::{Due, Motion, step_by};
use crate::combinators::{assert_valid, cut_short};
use crate::{Approach, BidirectionalIterator, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The keys that both of two storage iterators have, with the values of both at hand: their inner join.
///
/// Yields them in ascending order. The value is that of the first; [`right`](Self::right) is that of the second. `SA` and `SB` say how
/// `A` and `B` are brought to the other's key: entry by entry ([`new`](Self::new)), by seeks ([`galloping`](Self::galloping)), or only
/// the second by seeks ([`probing`](Self::probing)). For more than two children see [`IntersectionIterator`](crate::IntersectionIterator).
///
/// # Complexity
///
/// With *m* entries in the smaller child and *n* in the larger one: entry by entry *O(m + n)* in all, one comparison for each
/// entry that is read; galloping *O(m)* seeks, so *O(m log n)*, and never more than a constant times the former;
/// probing the same if the first child is the smaller one. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, and keys that were passed over are not
/// looked at again.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, TwoIntersectionIterator};
///
/// let wanted = SliceIterator::new(&[("b", ()), ("d", ()), ("x", ())]);
/// let table = SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
/// let mut found = TwoIntersectionIterator::galloping(wanted, table);
/// let mut shown = vec![];
/// while found.next()? {
///     shown.push((*found.key(), *found.right()));
/// }
/// assert_eq!(shown, [("b", 2), ("d", 4)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoIntersectionIterator<A, B, SA = Stepping, SB = SA> {
    a: A,
    b: B,
    /// What they have to do in the open step; on an entry, in the next one.
    a_due: Due,
    b_due: Due,
    is_valid: bool,
    motion: Motion,
    approach: PhantomData<fn() -> (SA, SB)>,
}

impl<A, B> TwoIntersectionIterator<A, B> {
    /// The keys that `a` and `b` have, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoIntersectionIterator};
    /// assert_eq!(TwoIntersectionIterator::new(OnceIterator::new(1, 'a'), OnceIterator::new(1, "b")).count(), Ok(1));
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

impl<A, B> TwoIntersectionIterator<A, B, Galloping, Galloping> {
    /// The keys that `a` and `b` have, found by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, StorageIterator, TwoIntersectionIterator};
    /// let [few, many] = [[(50_u64, 'a')].to_vec(), (0..1000).map(|key| (key, 'b')).collect()];
    /// let common = TwoIntersectionIterator::galloping(SliceIterator::new(&few), SliceIterator::new(&many));
    /// assert_eq!(common.collect(), Ok(vec![(50, 'a')]));
    /// ```
    #[inline]
    pub fn galloping(a: A, b: B) -> Self
    where
        A: SeekableIterator,
        B: SeekableIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B> TwoIntersectionIterator<A, B, Stepping, Galloping> {
    /// The keys of `a`, which may be a child that cannot seek, that are found in `b` by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{PairsIterator, SliceIterator, StorageIterator, TwoIntersectionIterator};
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let wanted = PairsIterator::new([(50, 'a'), (5000, 'a')]);
    /// let found = TwoIntersectionIterator::probing(wanted, SliceIterator::new(&many));
    /// assert_eq!(found.collect(), Ok(vec![(50, 'a')]));
    /// ```
    #[inline]
    pub fn probing(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: SeekableIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB> {
    #[inline]
    fn of(a: A, b: B) -> Self {
        TwoIntersectionIterator {
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

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    /// The first child's value.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut common = OnceIterator::new(1, 'a').intersection(OnceIterator::new(1, "b"));
    /// common.next()?;
    /// assert_eq!((common.left(), common.value()), (&'a', &'a'));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn left(&self) -> &A::Value {
        assert_valid(self.is_valid);
        self.a.value()
    }

    /// The second child's value.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut common = OnceIterator::new(1, 'a').intersection(OnceIterator::new(1, "b"));
    /// common.next()?;
    /// assert_eq!(common.right(), &"b");
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn right(&self) -> &B::Value {
        assert_valid(self.is_valid);
        self.b.value()
    }

    /// Takes children that have moved backwards, or were about to, to where a step forwards from the end of that step may begin.
    #[inline]
    fn turn_forward(&mut self) {
        if self.motion == Motion::CutShort {
            cut_short();
        }
        (self.a_due, self.b_due) = match (self.a_due, self.b_due) {
            dues if self.is_valid => dues,
            // The other one stands on the key that this one was to be brought to, which may be the one where that step ends.
            (Due::CatchUp, _) => (Due::CatchUp, Due::Step),
            (_, Due::CatchUp) => (Due::Step, Due::CatchUp),
            // What has tried to go back comes behind the entry where that step ends by its next step.
            (Due::Retry, Due::Retry) => (Due::Retry, Due::Retry),
            (Due::Retry, _) => (Due::Retry, Due::Turn),
            (_, Due::Retry) => (Due::Turn, Due::Retry),
            _ => (Due::Step, Due::Turn),
        };
        self.motion = Motion::Forward;
    }
}

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
{
    // There are no calls with all of the iterator in here, which would have to find it in memory.
    #[inline]
    fn advance(&mut self) -> Result<bool, ChildError<A::Error>> {
        let TwoIntersectionIterator { a, b, a_due, b_due, .. } = self;
        if *a_due == Due::CatchUp {
            SA::forward_again(a, b.key()).map_err(|error| ChildError { child: 0, error })?;
            *a_due = Due::Nothing;
        }
        if *b_due == Due::CatchUp {
            SB::forward_again(b, a.key()).map_err(|error| ChildError { child: 1, error })?;
            *b_due = Due::Nothing;
        }
        a_due.settle(|| a.is_valid());
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
        if !has_a || !b.is_valid() {
            return Ok(false);
        }
        let (mut a_steps, mut b_steps) = (0, 0);
        loop {
            match a.key().cmp(b.key()) {
                Ordering::Less => {
                    // Asked for before the child is said to have tried.
                    let key = b.key();
                    *a_due = Due::CatchUp;
                    let is_valid = SA::forward(a, key, a_steps).map_err(|error| ChildError { child: 0, error })?;
                    *a_due = Due::Nothing;
                    (a_steps, b_steps) = (a_steps + 1, 0);
                    if !is_valid {
                        return Ok(false);
                    }
                }
                Ordering::Greater => {
                    // Asked for before the child is said to have tried.
                    let key = a.key();
                    *b_due = Due::CatchUp;
                    let is_valid = SB::forward(b, key, b_steps).map_err(|error| ChildError { child: 1, error })?;
                    *b_due = Due::Nothing;
                    (a_steps, b_steps) = (0, b_steps + 1);
                    if !is_valid {
                        return Ok(false);
                    }
                }
                Ordering::Equal => {
                    (*a_due, *b_due) = (Due::Step, Due::Step);
                    self.is_valid = true;
                    return Ok(true);
                }
            }
        }
    }
}

impl<A, B, SA, SB> StorageIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
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
        self.left()
    }

    fn num_active_iterators(&self) -> usize {
        self.a.num_active_iterators() + self.b.num_active_iterators()
    }
}

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB>
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

impl<A, B, SA, SB> SeekableIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
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

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
{
    fn retreat(&mut self) -> Result<bool, ChildError<A::Error>> {
        let TwoIntersectionIterator { a, b, a_due, b_due, .. } = self;
        if *a_due == Due::CatchUp {
            SA::backward_again(a, b.key()).map_err(|error| ChildError { child: 0, error })?;
            *a_due = Due::Nothing;
        }
        if *b_due == Due::CatchUp {
            SB::backward_again(b, a.key()).map_err(|error| ChildError { child: 1, error })?;
            *b_due = Due::Nothing;
        }
        a_due.settle(|| a.is_valid());
        let has_a = match *a_due {
            Due::Step | Due::Retry => step_by(a, a_due, A::prev).map_err(|error| ChildError { child: 0, error })?,
            _ => a.is_valid(),
        };
        b_due.settle(|| b.is_valid());
        if *b_due == Due::Retry || *b_due == Due::Step && has_a {
            step_by(b, b_due, B::prev).map_err(|error| ChildError { child: 1, error })?;
        }
        *b_due = Due::Nothing;
        if !has_a || !b.is_valid() {
            return Ok(false);
        }
        let (mut a_steps, mut b_steps) = (0, 0);
        loop {
            match a.key().cmp(b.key()) {
                Ordering::Greater => {
                    // Asked for before the child is said to have tried.
                    let key = b.key();
                    *a_due = Due::CatchUp;
                    let is_valid = SA::backward(a, key, a_steps).map_err(|error| ChildError { child: 0, error })?;
                    *a_due = Due::Nothing;
                    (a_steps, b_steps) = (a_steps + 1, 0);
                    if !is_valid {
                        return Ok(false);
                    }
                }
                Ordering::Less => {
                    // Asked for before the child is said to have tried.
                    let key = a.key();
                    *b_due = Due::CatchUp;
                    let is_valid = SB::backward(b, key, b_steps).map_err(|error| ChildError { child: 1, error })?;
                    *b_due = Due::Nothing;
                    (a_steps, b_steps) = (0, b_steps + 1);
                    if !is_valid {
                        return Ok(false);
                    }
                }
                Ordering::Equal => {
                    (*a_due, *b_due) = (Due::Step, Due::Step);
                    self.is_valid = true;
                    return Ok(true);
                }
            }
        }
    }
}

impl<A, B, SA, SB> BidirectionalIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        if self.motion == Motion::CutShort {
            cut_short();
        }
        if self.motion == Motion::Forward {
            // The open step first. At the end there is none, and this does nothing.
            if !self.is_valid && !self.next()? {
                self.a_due = Due::Turn;
                self.b_due = Due::Turn;
            }
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

impl<A: Clone, B: Clone, SA, SB> Clone for TwoIntersectionIterator<A, B, SA, SB> {
    fn clone(&self) -> Self {
        TwoIntersectionIterator { a: self.a.clone(), b: self.b.clone(), ..*self }
    }
}

impl<A: fmt::Debug, B: fmt::Debug, SA, SB> fmt::Debug for TwoIntersectionIterator<A, B, SA, SB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoIntersectionIterator")
            .field("a", &self.a)
            .field("b", &self.b)
            .field("is_valid", &self.is_valid)
            .finish_non_exhaustive()
    }
}
