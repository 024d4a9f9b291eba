//! Steps of [`Merging`] where the ranking is a queue.

use std::cmp::Ordering;

use super::{Merging, OpenStep, Step};
use crate::walk::{Direction, Walk};
use crate::{ChildError, StorageIterator};

impl<I: StorageIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// Moves the current child, which was ahead of the others: nothing else is in this function, so that it takes few registers.
    #[inline(never)]
    pub(super) fn step_in_run<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.move_first::<W, false>()
    }

    /// Moves the duplicates of the entry that is left, one after the other, and then the child that gave it.
    #[inline(never)]
    pub(super) fn step_in_queue<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.move_duplicates::<W>()?;
        self.move_first::<W, true>()
    }

    /// The same for three children, each of which is as likely to be the first then.
    #[inline(never)]
    pub(super) fn step_of_three<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.move_duplicates::<W>()?;
        let (current, children) = (self.current, self.children.as_mut_slice());
        let mut open = OpenStep { step: Step::Moving, kept: &mut self.step };
        let is_valid = W::step(&mut children[current]).map_err(|error| ChildError { child: current, error })?;
        open.step = Step::Moved;
        if is_valid {
            if W::DIRECTION == Direction::Forward {
                children[current].prefetch();
            }
            let key = |source| Self::key_of::<W>(children, source);
            if self.ranking.first_of_three_moved(W::key(children[current].key()), key) {
                open.step = Step::valid(W::DIRECTION);
                self.current = Self::mirrored(children, W::DIRECTION, self.ranking.winner());
                return Ok(true);
            }
        }
        drop(open);
        let outcome = self.rank_moved::<W>(is_valid);
        self.show_or_move_on::<W>(outcome)
    }

    /// Moves the duplicates of the entry that is left. The child that gave it is to be moved then.
    #[inline(always)]
    fn move_duplicates<W: Walk<I>>(&mut self) -> Result<(), ChildError<I::Error>> {
        while !KEEPS_DUPLICATES && let Some(duplicate) = self.ranking.next_duplicate() {
            let children = self.children.as_mut_slice();
            self.current = duplicate;
            self.step = Step::Moving;
            let is_valid = W::step(&mut children[duplicate]).map_err(|error| ChildError { child: duplicate, error })?;
            self.step = Step::Moved;
            let moved_key = is_valid.then(|| W::key(children[duplicate].key()));
            self.ranking.duplicate_moved(moved_key, |source| Self::key_of::<W>(children, source));
        }
        self.current = self.entry_source;
        Ok(())
    }

    /// Moves the current child, the first of a queue, which is likely to stay ahead of the others; or, if it `MAY_TIE`, to stay the first.
    #[inline(always)]
    fn move_first<W: Walk<I>, const MAY_TIE: bool>(&mut self) -> Result<bool, ChildError<I::Error>> {
        let (current, children) = (self.current, self.children.as_mut_slice());
        self.step = Step::Moving;
        let is_valid = W::step(&mut children[current]).map_err(|error| ChildError { child: current, error })?;
        self.step = Step::Moved;
        if !is_valid {
            return self.end_run::<W>();
        }
        let key = |source| Self::key_of::<W>(children, source);
        let moved_key = W::key(children[current].key());
        let order = match MAY_TIE {
            true => self.ranking.order_to_next(moved_key, key),
            false => self.ranking.order_in_run(moved_key, key),
        };
        if order.is_lt() {
            self.step = Step::in_run(W::DIRECTION);
            return Ok(true);
        }
        if MAY_TIE && self.ranking.ties_in_run(order) {
            self.step = Step::valid(W::DIRECTION);
            return Ok(true);
        }
        self.leave_run::<W>(order)
    }

    /// The current child has moved in a run, to a key that compares as `order` with that of the next.
    #[inline(never)]
    fn leave_run<W: Walk<I>>(&mut self, order: Ordering) -> Result<bool, ChildError<I::Error>> {
        if self.ranking.ties_in_run(order) {
            self.step = Step::valid(W::DIRECTION);
            return Ok(true);
        }
        let key = |source| Self::key_of::<W>(&self.children, source);
        let outcome = self.ranking.first_moved(W::key(self.children[self.current].key()), order, key);
        self.show_or_move_on::<W>(outcome)
    }

    /// The current child has moved in a run, to its end.
    #[inline(never)]
    fn end_run<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        let outcome = self.ranking.first_ended();
        self.show_or_move_on::<W>(outcome)
    }
}
