//! [`Pairing`]: two children that both move over every key. The union and the symmetric difference of two are made of it.

use std::cmp::Ordering;

use super::due::{Due, seek_both_by};
use super::two_sides::{Movers, TwoSides};
use crate::combinators::{assert_valid, cut_short};
use crate::key::compare;
use crate::walk::{Backward, Direction, Forward, Seek, Walk, WalkBoth};
use crate::{BidirectionalIterator, ChildError, StorageIterator};

/// Two children in step: with `SKIPS_COMMON`, keys that both have are passed over.
///
/// What is to be moved is recorded before the call that may fail or panic, and taken off after it, so the next call goes on
/// there. Children that are to be moved do so in turn, so of two of them only the first can have tried.
#[derive(Clone, Debug)]
pub(super) struct Pairing<A, B, const SKIPS_COMMON: bool> {
    sides: TwoSides<A, B>,
    is_valid: bool,
    /// Each child stands on its first entry, in this direction, that does not come before where the step begins, or behind its
    /// last one. `None` if a seek has not reached both.
    direction: Option<Direction>,
    /// The open step is a backward seek, which both children have been told of.
    has_sought: bool,
}

impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON> {
    #[inline]
    pub(super) fn new(a: A, b: B) -> Self {
        let sides = TwoSides { a, b, movers: Movers::Both };
        Pairing { sides, is_valid: false, direction: Some(Direction::Forward), has_sought: false }
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    #[track_caller]
    pub(super) fn sides(&self) -> &TwoSides<A, B> {
        assert_valid(self.is_valid);
        &self.sides
    }
}

impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &A::Key {
        self.sides().key()
    }

    // There are no calls with all of the pairing in here, which would have to find it in memory.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<bool, ChildError<A::Error>> {
        self.begin_forward();
        self.go::<Forward>()
    }

    #[inline]
    pub(super) fn for_each_while<F>(mut self, mut f: F) -> Result<bool, ChildError<A::Error>>
    where
        F: FnMut(&A::Key, &TwoSides<A, B>) -> bool,
    {
        // The step that is open or begins; what is left is a loop over two children that stand where they should.
        self.begin_forward();
        self.sides.go::<Forward>()?;
        let mut sides = self.sides;
        let (mut has_a, mut has_b) = (sides.a.is_valid(), sides.b.is_valid());
        while has_a && has_b {
            let order = compare(sides.a.key(), sides.b.key());
            sides.movers = Movers::of_order(order);
            match order {
                Ordering::Less => {
                    if !f(sides.a.key(), &sides) {
                        return Ok(false);
                    }
                    has_a = sides.a.next().map_err(|error| ChildError { child: 0, error })?;
                }
                Ordering::Equal => {
                    if !SKIPS_COMMON && !f(sides.a.key(), &sides) {
                        return Ok(false);
                    }
                    has_a = sides.a.next().map_err(|error| ChildError { child: 0, error })?;
                    has_b = sides.b.next().map_err(|error| ChildError { child: 1, error })?;
                }
                Ordering::Greater => {
                    if !f(sides.b.key(), &sides) {
                        return Ok(false);
                    }
                    has_b = sides.b.next().map_err(|error| ChildError { child: 1, error })?;
                }
            }
        }
        sides.movers = Movers::A;
        while has_a {
            if !f(sides.a.key(), &sides) {
                return Ok(false);
            }
            has_a = sides.a.next().map_err(|error| ChildError { child: 0, error })?;
        }
        sides.movers = Movers::B;
        while has_b {
            if !f(sides.b.key(), &sides) {
                return Ok(false);
            }
            has_b = sides.b.next().map_err(|error| ChildError { child: 1, error })?;
        }
        Ok(true)
    }

    /// Lets a forward step begin, or go on.
    #[inline(always)]
    fn begin_forward(&mut self) {
        if self.direction != Some(Direction::Forward) {
            self.turn_forward();
        }
        self.is_valid = false;
    }

    /// Takes children that have moved backwards, or were about to, on to the entries behind where that step ends.
    #[inline]
    fn turn_forward(&mut self) {
        if self.direction.is_none() {
            cut_short();
        }
        // `A` has tried to go back, which its `next` makes good, and `B` still stands where the step begins.
        let stays_b = !self.is_valid && !self.has_sought && self.sides.movers == Movers::Both;
        self.sides.movers = if stays_b { Movers::A } else { Movers::Both };
        self.direction = Some(Direction::Forward);
    }

    #[inline(always)]
    fn go<W: WalkBoth<A, B>>(&mut self) -> Result<bool, ChildError<A::Error>> {
        loop {
            let are_valid = self.sides.go::<W>()?;
            if <W as Walk<A>>::DIRECTION == Direction::Backward {
                self.has_sought = false;
            }
            let TwoSides { a, b, movers } = &mut self.sides;
            let order = if are_valid {
                W::compare(a, b)
            } else if a.is_valid() {
                Ordering::Less
            } else if b.is_valid() {
                Ordering::Greater
            } else {
                return Ok(false);
            };
            *movers = Movers::of_order(order);
            if SKIPS_COMMON && order.is_eq() {
                continue;
            }
            self.is_valid = true;
            return Ok(true);
        }
    }

    pub(super) fn seek_by<W>(&mut self, target: Option<&A::Key>) -> Result<bool, ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B> + WalkBoth<A, B>,
    {
        self.is_valid = false;
        self.direction = None;
        let TwoSides { a, b, movers } = &mut self.sides;
        let (mut a_due, mut b_due) = (Due::Nothing, Due::Nothing);
        let told = seek_both_by::<W, A, B>((a, &mut a_due), (b, &mut b_due), target);
        *movers = Movers::of(a_due == Due::Retry, b_due == Due::Retry);
        self.has_sought = <W as Walk<A>>::DIRECTION == Direction::Backward;
        let result = told.and_then(|()| self.go::<W>());
        self.direction = Some(<W as Walk<A>>::DIRECTION);
        result
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.sides.a.num_active_iterators() + self.sides.b.num_active_iterators()
    }
}

impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
{
    pub(super) fn prev(&mut self) -> Result<bool, ChildError<A::Error>> {
        match self.direction {
            None => cut_short(),
            Some(Direction::Forward) => {
                if !self.is_valid {
                    // The open step first. At the end there is none, and this does nothing.
                    self.next()?;
                }
                // One step back takes each to its last entry below the current key, whether it has that or not.
                self.sides.movers = Movers::Both;
                self.has_sought = false;
                self.direction = Some(Direction::Backward);
            }
            Some(Direction::Backward) => {}
        }
        self.is_valid = false;
        self.go::<Backward>()
    }
}

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON> {
    pub(super) fn children_mut(&mut self) -> (&mut A, &mut B) {
        (&mut self.sides.a, &mut self.sides.b)
    }
}
