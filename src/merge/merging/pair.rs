//! [`Pair`]: merges of two children.

use std::cmp::Ordering;
use std::hint::select_unpredictable;

use super::turning::Movers;
use super::{Merging, Step};
use crate::key::compare_throughout;
use crate::walk::{Direction, Walk};
use crate::{ChildError, StorageIterator, TwoMergeIterator};

/// What a merge of two children has in place of a ranking: one comparison of the keys costs less than keeping codes of them.
/// The current child is always one to move.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// Whether the second child is to move as well as the current one, the first: their keys are equal.
    pub(super) moves_both: bool,
    /// The child that has given the last entries, and how many in a row, up to [`STREAK`]: from then on, keys that both have do not
    /// count.
    runner: usize,
    streak: u8,
}

/// A child that has given so many entries in a row is expected to go on, and that is what the processor then predicts.
const STREAK: u8 = 3;

impl Pair {
    pub(super) const fn new() -> Self {
        Pair { moves_both: false, runner: 0, streak: 0 }
    }
}

impl<I, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// Whether there is a pair in place of the ranking.
    #[inline]
    pub(super) fn is_pair(&self) -> bool {
        self.children.len() == 2 && !KEEPS_DUPLICATES
    }
}

impl<I: StorageIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// The two children, taken out into a merge that goes on where this one stands: before the first entry, or on one that a step
    /// forward led to.
    #[inline]
    pub(super) fn take_pair(&mut self) -> Option<TwoMergeIterator<I, I>> {
        if !self.is_pair() {
            return None;
        }
        let order = match self.step {
            Step::Valid | Step::InRun if self.pair.moves_both => Some(Ordering::Equal),
            Step::Valid | Step::InRun if self.current == 0 => Some(Ordering::Less),
            Step::Valid | Step::InRun => Some(Ordering::Greater),
            Step::Gathering { child: 0, has_begun: false }
                if self.direction == Direction::Forward && self.movers == Movers::All =>
            {
                None
            }
            _ => return None,
        };
        let (b, a) = (self.children.pop()?, self.children.pop()?);
        Some(match order {
            Some(order) => TwoMergeIterator::on_entry(a, b, order),
            None => TwoMergeIterator::new(a, b),
        })
    }

    /// Moves on from an entry.
    #[inline(always)]
    pub(super) fn step_of_two<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.step = Step::Moving;
        self.move_pair::<W>()
    }

    /// Moves the current child, whichever it is: nothing branches on that, for it cannot be predicted.
    #[inline(always)]
    pub(super) fn move_pair<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        let [first, second] = self.children.as_mut_slice() else { unreachable!("there are two children") };
        if self.pair.moves_both {
            W::step(second).map_err(|error| ChildError { child: 1, error })?;
            self.pair.moves_both = false;
        }
        let current = self.current;
        let mover = if current == 0 { first } else { second };
        W::step(mover).map_err(|error| ChildError { child: current, error })?;
        self.step = Step::Moved;
        Ok(self.compare_pair::<W>())
    }

    #[inline(always)]
    pub(super) fn compare_pair<W: Walk<I>>(&mut self) -> bool {
        let [first, second] = self.children.as_slice() else { unreachable!("there are two children") };
        let order = match (first.is_valid(), second.is_valid()) {
            (true, true) => {
                let (first, second) = (W::key(first.key()), W::key(second.key()));
                if self.pair.streak < STREAK { compare_throughout(first, second) } else { first.cmp(second) }
            }
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => {
                self.step = Step::Exhausted;
                return false;
            }
        };
        self.settle_pair::<W>(order);
        true
    }

    /// The keys of the two children have this order.
    #[inline(always)]
    fn settle_pair<W: Walk<I>>(&mut self, order: Ordering) {
        let winner = usize::from(order.is_gt());
        self.pair.moves_both = order.is_eq();
        self.step = Step::valid(W::DIRECTION);
        if self.pair.streak < STREAK {
            // Who wins cannot be predicted, so there is no branch on it.
            self.pair.streak = select_unpredictable(winner == self.pair.runner, self.pair.streak + 1, 0);
            (self.pair.runner, self.current) = (winner, winner);
            return;
        }
        // Now it can be, and whoever is to move need not be waited for.
        if winner != self.current {
            self.current = winner;
            if order.is_ne() && winner != self.pair.runner {
                (self.pair.runner, self.pair.streak) = (winner, 0);
                return;
            }
        }
        if order.is_ne() {
            self.step = Step::in_run(W::DIRECTION);
        }
    }

    /// Moves the current child of two, which is likely to stay ahead of the other one.
    #[inline(never)]
    pub(super) fn step_of_two_in_run<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        let [first, second] = self.children.as_mut_slice() else { unreachable!("there are two children") };
        let (mover, other) = if self.current == 0 { (first, second) } else { (second, first) };
        self.step = Step::Moving;
        let is_valid = W::step(mover).map_err(|error| ChildError { child: self.current, error })?;
        self.step = Step::Moved;
        if !(is_valid && other.is_valid()) {
            return Ok(self.compare_pair::<W>());
        }
        let order = W::key(mover.key()).cmp(W::key(other.key()));
        if order.is_lt() {
            self.step = Step::in_run(W::DIRECTION);
            return Ok(true);
        }
        self.settle_pair::<W>(if self.current == 0 { order } else { order.reverse() });
        Ok(true)
    }
}
