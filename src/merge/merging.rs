//! [`Merging`]: children driven through a tournament, duplicates included. Both k-way merges are made of it.

use std::cmp::Ordering;

use super::tournament::{Outcome, Tournament};
use crate::combinators::assert_valid;
use crate::{ChildError, StorageIterator};

/// Children and the tournament between them.
///
/// An entry with the key of the one before it is a duplicate: it is passed over, unless `KEEPS_DUPLICATES`.
#[derive(Clone, Debug)]
pub(super) struct Merging<I, const KEEPS_DUPLICATES: bool> {
    children: Vec<I>,
    tournament: Tournament,
    step: Step,
    /// The child whose entry is shown, or that the open step is moving.
    current: usize,
    /// The child that gave the entry before.
    entry_source: usize,
    pair: Pair,
}

/// What a merge of two children has in place of a tournament: one comparison of the keys costs less than keeping codes of them.
/// The current child is always one to move.
#[derive(Clone, Copy, Debug)]
struct Pair {
    has_entry: [bool; 2],
    /// Whether the second child is to move as well as the current one, the first: their keys are equal, or nobody has moved.
    moves_both: bool,
    /// How many entries in a row the current child has given, up to [`STREAK`].
    streak: u8,
}

/// A child that has given so many entries in a row is expected to go on, and that is what the processor then predicts.
const STREAK: u8 = 3;

/// How far the current step has come. It is set before a call that may fail or panic, so the next call goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The first step: the children before this one have moved to their first entry.
    Opening(usize),
    /// The current child's entry was shown and is to be left.
    Leaving,
    /// The current child is to be moved.
    Moving,
    /// The current child has moved, to an entry or to its end; the tournament is to be told.
    Moved { is_valid: bool },
    /// Done: the current child's entry is the one to show.
    Valid,
    /// Done: no child has an entry.
    Exhausted,
}

impl<I, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    pub(super) fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children: Vec<I> = children.into_iter().collect();
        Merging {
            tournament: Tournament::new(children.len()),
            children,
            step: Step::Opening(0),
            current: 0,
            entry_source: 0,
            pair: Pair { has_entry: [false; 2], moves_both: true, streak: 0 },
        }
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.step == Step::Valid
    }

    #[inline]
    pub(super) fn source_index(&self) -> Option<usize> {
        self.is_valid().then_some(self.current)
    }

    #[inline]
    #[track_caller]
    fn current(&self) -> &I {
        assert_valid(self.is_valid());
        &self.children[self.current]
    }
}

impl<I: StorageIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// Moves to the next entry.
    #[inline]
    pub(super) fn next(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.children.len() {
            1 => self.next_of_one(),
            2 if !KEEPS_DUPLICATES => self.next_of_two(),
            _ => self.next_of_many(),
        }
    }

    #[inline]
    fn next_of_one(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.step = Step::Moving;
        let is_valid = self.move_current()?;
        self.step = if is_valid { Step::Valid } else { Step::Exhausted };
        Ok(is_valid)
    }

    /// Moves the current child, whichever it is: nothing branches on that, for it cannot be predicted.
    #[inline]
    fn next_of_two(&mut self) -> Result<bool, ChildError<I::Error>> {
        if !matches!(self.step, Step::Moved { .. }) {
            self.step = Step::Moving;
            if self.pair.moves_both {
                self.pair.has_entry[1] = self.children[1].next().map_err(|error| ChildError { child: 1, error })?;
                self.pair.moves_both = false;
            }
            let is_valid = self.move_current()?;
            self.pair.has_entry[self.current] = is_valid;
            self.step = Step::Moved { is_valid };
        }
        let order = match self.pair.has_entry {
            [true, true] => self.children[0].key().cmp(self.children[1].key()),
            [true, false] => Ordering::Less,
            [false, true] => Ordering::Greater,
            [false, false] => {
                self.step = Step::Exhausted;
                return Ok(false);
            }
        };
        let winner = usize::from(order.is_gt());
        self.pair.moves_both = order.is_eq();
        if self.pair.streak < STREAK {
            self.pair.streak = if winner == self.current { self.pair.streak + 1 } else { 0 };
            self.current = winner;
        } else if winner != self.current {
            self.pair.streak = 0;
            self.current = winner;
        }
        self.step = Step::Valid;
        Ok(true)
    }

    /// Kept out of [`next`](Self::next), so that what that does for one child or two is short enough to be inlined.
    #[inline(never)]
    fn next_of_many(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.step {
            Step::Valid => self.leave_entry(),
            _ => self.resume(),
        }
    }

    /// Takes up an open step where it was left.
    #[cold]
    fn resume(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.step {
            Step::Opening(_) => self.open(),
            Step::Valid | Step::Leaving => self.leave_entry(),
            Step::Moving => self.move_current_and_choose(),
            Step::Moved { is_valid } => {
                let outcome = self.tournament.resume(
                    is_valid,
                    || self.children[self.current].shared_prefix_len(),
                    |child| self.children[child].key(),
                );
                match self.show(outcome) {
                    Some(is_valid) => Ok(is_valid),
                    None => self.move_current_and_choose(),
                }
            }
            Step::Exhausted => Ok(false),
        }
    }

    #[inline(always)]
    fn leave_entry(&mut self) -> Result<bool, ChildError<I::Error>> {
        if !self.tournament.knows_rival() {
            self.step = Step::Leaving;
            self.tournament.prepare(self.children[self.current].key(), |child| self.children[child].key());
            self.entry_source = self.current;
        }
        self.move_current_and_choose()
    }

    /// Moves the current child, the winner, and then every duplicate of its entry.
    #[inline(always)]
    fn move_current_and_choose(&mut self) -> Result<bool, ChildError<I::Error>> {
        loop {
            let current = self.current;
            let children = self.children.as_mut_slice();
            self.step = Step::Moving;
            let is_valid = children[current].next().map_err(|error| ChildError { child: current, error })?;
            self.step = Step::Moved { is_valid };
            let children = &*children;
            let key = |child: usize| children[child].key();
            let outcome = match is_valid {
                true => self.tournament.winner_moved(key(current), || children[current].shared_prefix_len(), key),
                false => self.tournament.winner_ended(key),
            };
            if let Some(is_valid) = self.show(outcome) {
                return Ok(is_valid);
            }
        }
    }

    /// Shows the winner's entry, or tells by `None` that it is to be passed over.
    #[inline(always)]
    fn show(&mut self, outcome: Outcome) -> Option<bool> {
        if outcome != Outcome::Stays {
            self.current = self.tournament.winner();
            if outcome == Outcome::Duplicate && !KEEPS_DUPLICATES {
                return None;
            }
            self.tournament.note_entry(self.current == self.entry_source);
            if outcome == Outcome::Exhausted {
                self.step = Step::Exhausted;
                return Some(false);
            }
        }
        self.step = Step::Valid;
        Some(true)
    }

    #[inline]
    fn move_current(&mut self) -> Result<bool, ChildError<I::Error>> {
        let child = self.current;
        self.children[child].next().map_err(|error| ChildError { child, error })
    }

    #[cold]
    fn open(&mut self) -> Result<bool, ChildError<I::Error>> {
        while let Step::Opening(child) = self.step
            && child < self.children.len()
        {
            self.children[child].next().map_err(|error| ChildError { child, error })?;
            self.step = Step::Opening(child + 1);
        }
        self.tournament.rebuild(
            |child| self.children[child].is_valid(),
            |child| self.children[child].key(),
            |child| self.children[child].shared_prefix_len().is_some(),
        );
        self.current = self.tournament.winner();
        self.step = if self.tournament.is_exhausted() { Step::Exhausted } else { Step::Valid };
        Ok(self.is_valid())
    }

    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &I::Key {
        self.current().key()
    }

    #[inline]
    #[track_caller]
    pub(super) fn value(&self) -> &I::Value {
        self.current().value()
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.children.iter().map(StorageIterator::num_active_iterators).sum()
    }
}
