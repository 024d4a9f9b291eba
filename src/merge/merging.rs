//! [`Merging`]: children driven through a tournament, duplicates included. Both k-way merges are made of it.

use std::cmp::Ordering;

use super::tournament::Tournament;
use crate::combinators::assert_valid;
use crate::{ChildError, StorageIterator};

/// Children and the tournament between them.
///
/// An entry with the key of the one before it is a duplicate. Duplicates move before the winner does; with
/// `KEEPS_DUPLICATES` they are shown first.
#[derive(Clone, Debug)]
pub(super) struct Merging<I, const KEEPS_DUPLICATES: bool> {
    children: Vec<I>,
    tournament: Tournament,
    step: Step,
    /// The child whose entry is shown, or that the open step is moving.
    current: usize,
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
    /// The current child is to be moved.
    Moving,
    /// The current child has moved, to an entry or to its end; the tournament is to be told.
    Moved { is_valid: bool },
    /// The winner was shown: its duplicates are to move, one after the other, and then the winner.
    Choosing,
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
        if self.step != Step::Valid {
            self.resume()
        } else if self.tournament.has_duplicates() {
            self.leave_entry_with_duplicates()
        } else {
            self.move_winner()
        }
    }

    /// Takes up an open step where it was left.
    #[cold]
    fn resume(&mut self) -> Result<bool, ChildError<I::Error>> {
        let is_of_winner = self.current == self.tournament.winner();
        match self.step {
            Step::Opening(_) => self.open(),
            Step::Exhausted => Ok(false),
            Step::Moving if is_of_winner => self.move_winner(),
            Step::Moved { is_valid } if is_of_winner => Ok(self.winner_moved(is_valid)),
            Step::Moving => {
                self.move_duplicate()?;
                self.choose()
            }
            Step::Moved { is_valid } => {
                self.duplicate_moved(is_valid);
                self.choose()
            }
            Step::Choosing | Step::Valid => self.choose(),
        }
    }

    fn leave_entry_with_duplicates(&mut self) -> Result<bool, ChildError<I::Error>> {
        if KEEPS_DUPLICATES && self.current != self.tournament.winner() {
            self.move_duplicate()?;
        }
        self.choose()
    }

    /// Shows the next duplicate of the winner's key, or moves all of them and then the winner.
    #[inline]
    fn choose(&mut self) -> Result<bool, ChildError<I::Error>> {
        while let Some(duplicate) = self.tournament.duplicate() {
            self.current = duplicate;
            if KEEPS_DUPLICATES {
                self.step = Step::Valid;
                return Ok(true);
            }
            self.move_duplicate()?;
        }
        self.current = self.tournament.winner();
        self.move_winner()
    }

    #[inline]
    fn move_duplicate(&mut self) -> Result<(), ChildError<I::Error>> {
        self.step = Step::Moving;
        let is_valid = self.move_current()?;
        self.step = Step::Moved { is_valid };
        self.duplicate_moved(is_valid);
        Ok(())
    }

    #[inline]
    fn duplicate_moved(&mut self, is_valid: bool) {
        self.tournament.duplicate_moved(self.current, is_valid, |child| self.children[child].key());
        self.step = Step::Choosing;
    }

    /// Moves on from an entry of which there are no duplicates.
    #[inline]
    fn move_winner(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.step = Step::Moving;
        self.tournament
            .prepare(|child| self.children[child].key(), |child| self.children[child].shared_prefix_len().is_some());
        let is_valid = self.move_current()?;
        self.step = Step::Moved { is_valid };
        if is_valid && self.tournament.stays(self.children[self.current].key(), |child| self.children[child].key()) {
            self.step = Step::Valid;
            return Ok(true);
        }
        Ok(self.winner_moved(is_valid))
    }

    #[inline]
    fn move_current(&mut self) -> Result<bool, ChildError<I::Error>> {
        let child = self.current;
        self.children[child].next().map_err(|error| ChildError { child, error })
    }

    #[inline]
    fn winner_moved(&mut self, is_valid: bool) -> bool {
        self.tournament.winner_moved(
            is_valid,
            |child| self.children[child].key(),
            |child| self.children[child].shared_prefix_len(),
        );
        self.show_winner()
    }

    #[inline]
    fn show_winner(&mut self) -> bool {
        self.current = self.tournament.winner();
        self.step = if self.tournament.is_exhausted() { Step::Exhausted } else { Step::Valid };
        self.is_valid()
    }

    #[cold]
    fn open(&mut self) -> Result<bool, ChildError<I::Error>> {
        while let Step::Opening(child) = self.step
            && child < self.children.len()
        {
            self.children[child].next().map_err(|error| ChildError { child, error })?;
            self.step = Step::Opening(child + 1);
        }
        self.tournament.rebuild(|child| self.children[child].is_valid(), |child| self.children[child].key());
        Ok(self.show_winner())
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
