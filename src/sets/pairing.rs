//! [`Pairing`]: two children that both move over every key. The union and the symmetric difference of two are made of it.

use std::cmp::Ordering;

use super::motion::Motion;
use super::two_sides::{Movers, TwoSides};
use crate::combinators::{assert_valid, cut_short};
use crate::{BidirectionalIterator, ChildError, SeekableIterator, StorageIterator};

/// Two children in step: with `SKIPS_COMMON`, keys that both have are passed over.
///
/// What is to be moved is recorded before the call that may fail or panic, and taken off after it, so the next call goes on
/// there. Children that are to be moved do so in turn, so of two of them only the first can have tried.
#[derive(Clone, Debug)]
pub(super) struct Pairing<A, B, const SKIPS_COMMON: bool> {
    sides: TwoSides<A, B>,
    is_valid: bool,
    motion: Motion,
    /// The open step is a backward seek, which both children have been told of.
    has_sought: bool,
}

impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON> {
    #[inline]
    pub(super) fn new(a: A, b: B) -> Self {
        let sides = TwoSides { a, b, movers: Movers::Both };
        Pairing { sides, is_valid: false, motion: Motion::Forward, has_sought: false }
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
        let TwoSides { a, b, movers } = self.sides();
        if *movers == Movers::B { b.key() } else { a.key() }
    }

    // There are no calls with all of the pairing in here, which would have to find it in memory.
    #[inline]
    pub(super) fn next(&mut self) -> Result<bool, ChildError<A::Error>> {
        if self.motion != Motion::Forward {
            self.turn_forward();
        }
        self.is_valid = false;
        self.advance()
    }

    /// Takes children that have moved backwards, or were about to, on to the entries behind where that step ends.
    #[inline]
    fn turn_forward(&mut self) {
        if self.motion == Motion::CutShort {
            cut_short();
        }
        // `A` has tried to go back, which its `next` makes good, and `B` still stands where the step begins.
        let stays_b = !self.is_valid && !self.has_sought && self.sides.movers == Movers::Both;
        self.sides.movers = if stays_b { Movers::A } else { Movers::Both };
        self.motion = Motion::Forward;
    }

    #[inline]
    fn advance(&mut self) -> Result<bool, ChildError<A::Error>> {
        let TwoSides { a, b, movers } = &mut self.sides;
        loop {
            match movers {
                Movers::Neither => {}
                Movers::A => {
                    a.next().map_err(|error| ChildError { child: 0, error })?;
                }
                Movers::B => {
                    b.next().map_err(|error| ChildError { child: 1, error })?;
                }
                Movers::Both => {
                    a.next().map_err(|error| ChildError { child: 0, error })?;
                    *movers = Movers::B;
                    b.next().map_err(|error| ChildError { child: 1, error })?;
                }
            }
            *movers = Movers::Neither;
            let order = match (a.is_valid(), b.is_valid()) {
                (true, true) => a.key().cmp(b.key()),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                _ => return Ok(false),
            };
            *movers = match order {
                Ordering::Less => Movers::A,
                Ordering::Equal => Movers::Both,
                Ordering::Greater => Movers::B,
            };
            if SKIPS_COMMON && order.is_eq() {
                continue;
            }
            self.is_valid = true;
            return Ok(true);
        }
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.sides.a.num_active_iterators() + self.sides.b.num_active_iterators()
    }
}

impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Error = A::Error>,
{
    pub(super) fn seek(&mut self, key: &A::Key) -> Result<bool, ChildError<A::Error>> {
        self.seek_forward(|a| a.seek(key), |b| b.seek(key))
    }

    pub(super) fn seek_to_first(&mut self) -> Result<bool, ChildError<A::Error>> {
        self.seek_forward(A::seek_to_first, B::seek_to_first)
    }

    fn seek_forward(
        &mut self,
        seek_a: impl FnOnce(&mut A) -> Result<bool, A::Error>,
        seek_b: impl FnOnce(&mut B) -> Result<bool, A::Error>,
    ) -> Result<bool, ChildError<A::Error>> {
        self.has_sought = false;
        let result = self.tell_both(seek_a, seek_b).and_then(|()| self.advance());
        self.motion = Motion::Forward;
        result
    }

    /// Both hear of it, whatever the first one says.
    fn tell_both(
        &mut self,
        seek_a: impl FnOnce(&mut A) -> Result<bool, A::Error>,
        seek_b: impl FnOnce(&mut B) -> Result<bool, A::Error>,
    ) -> Result<(), ChildError<A::Error>> {
        self.is_valid = false;
        self.motion = Motion::CutShort;
        let (from_a, from_b) = (seek_a(&mut self.sides.a), seek_b(&mut self.sides.b));
        self.sides.movers = Movers::of(from_a.is_err(), from_b.is_err());
        from_a.map_err(|error| ChildError { child: 0, error })?;
        from_b.map_err(|error| ChildError { child: 1, error })?;
        Ok(())
    }
}

impl<A, B, const SKIPS_COMMON: bool> Pairing<A, B, SKIPS_COMMON>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
{
    pub(super) fn prev(&mut self) -> Result<bool, ChildError<A::Error>> {
        match self.motion {
            Motion::CutShort => cut_short(),
            Motion::Forward => {
                if !self.is_valid {
                    // The open step first. At the end there is none, and this does nothing.
                    self.next()?;
                }
                // One step back takes each to its last entry below the current key, whether it has that or not.
                self.sides.movers = Movers::Both;
                self.has_sought = false;
                self.motion = Motion::Backward;
            }
            Motion::Backward => {}
        }
        self.is_valid = false;
        self.retreat()
    }

    fn retreat(&mut self) -> Result<bool, ChildError<A::Error>> {
        let TwoSides { a, b, movers } = &mut self.sides;
        loop {
            match movers {
                Movers::Neither => {}
                Movers::A => {
                    a.prev().map_err(|error| ChildError { child: 0, error })?;
                }
                Movers::B => {
                    b.prev().map_err(|error| ChildError { child: 1, error })?;
                }
                Movers::Both => {
                    a.prev().map_err(|error| ChildError { child: 0, error })?;
                    *movers = Movers::B;
                    b.prev().map_err(|error| ChildError { child: 1, error })?;
                }
            }
            *movers = Movers::Neither;
            self.has_sought = false;
            let order = match (a.is_valid(), b.is_valid()) {
                (true, true) => a.key().cmp(b.key()),
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                _ => return Ok(false),
            };
            *movers = match order {
                Ordering::Less => Movers::B,
                Ordering::Equal => Movers::Both,
                Ordering::Greater => Movers::A,
            };
            if SKIPS_COMMON && order.is_eq() {
                continue;
            }
            self.is_valid = true;
            return Ok(true);
        }
    }

    pub(super) fn seek_to_last(&mut self) -> Result<bool, ChildError<A::Error>> {
        self.seek_backward(A::seek_to_last, B::seek_to_last)
    }

    pub(super) fn seek_for_prev(&mut self, key: &A::Key) -> Result<bool, ChildError<A::Error>> {
        self.seek_backward(|a| a.seek_for_prev(key), |b| b.seek_for_prev(key))
    }

    fn seek_backward(
        &mut self,
        seek_a: impl FnOnce(&mut A) -> Result<bool, A::Error>,
        seek_b: impl FnOnce(&mut B) -> Result<bool, A::Error>,
    ) -> Result<bool, ChildError<A::Error>> {
        self.has_sought = true;
        let result = self.tell_both(seek_a, seek_b).and_then(|()| self.retreat());
        self.motion = Motion::Backward;
        result
    }
}
