//! [`Merging`]: children driven through a tournament, duplicates included. Both k-way merges are made of it.

use super::tournament::Tournament;
use crate::combinators::assert_valid;
use crate::{ChildError, StorageIterator};

/// Children and the tournament between them.
#[derive(Clone, Debug)]
pub(super) struct Merging<I> {
    children: Vec<I>,
    tournament: Tournament,
    step: Step,
}

/// How far the current step has come. It is set before a call that may fail or panic, so the next call goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The first step: the children before this one have moved to their first entry.
    Opening(usize),
    /// The winner is to be moved.
    Moving,
    /// The winner has moved; the tournament is to be settled.
    Settling,
    /// Done: the winner is the entry to show.
    Valid,
    /// Done: no child has an entry.
    Exhausted,
}

impl<I> Merging<I> {
    pub(super) fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children: Vec<I> = children.into_iter().collect();
        Merging { tournament: Tournament::new(children.len()), children, step: Step::Opening(0) }
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.step == Step::Valid
    }

    /// Whether the entry has the same key as the one before it.
    #[inline]
    pub(super) fn is_duplicate(&self) -> bool {
        self.tournament.is_duplicate()
    }

    #[inline]
    pub(super) fn source_index(&self) -> Option<usize> {
        self.is_valid().then(|| self.tournament.winner())
    }

    #[inline]
    #[track_caller]
    fn winner(&self) -> &I {
        assert_valid(self.is_valid());
        &self.children[self.tournament.winner()]
    }
}

impl<I: StorageIterator> Merging<I> {
    /// Moves to the next entry of any child, on equal keys that of the smallest index first.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.step {
            Step::Opening(_) => return self.open(),
            Step::Exhausted => return Ok(false),
            Step::Valid | Step::Moving => {
                self.step = Step::Moving;
                let winner = self.tournament.winner();
                let is_valid = move_child(&mut self.children, winner)?;
                self.tournament.winner_moved(is_valid);
                self.step = Step::Settling;
            }
            Step::Settling => {}
        }
        self.tournament.settle(|child| self.children[child].key());
        Ok(self.finish_step())
    }

    #[cold]
    fn open(&mut self) -> Result<bool, ChildError<I::Error>> {
        while let Step::Opening(child) = self.step
            && child < self.children.len()
        {
            move_child(&mut self.children, child)?;
            self.step = Step::Opening(child + 1);
        }
        self.tournament.rebuild(|child| self.children[child].is_valid(), |child| self.children[child].key());
        Ok(self.finish_step())
    }

    #[inline]
    fn finish_step(&mut self) -> bool {
        self.step = if self.tournament.is_exhausted() { Step::Exhausted } else { Step::Valid };
        self.is_valid()
    }

    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &I::Key {
        self.winner().key()
    }

    #[inline]
    #[track_caller]
    pub(super) fn value(&self) -> &I::Value {
        self.winner().value()
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.children.iter().map(StorageIterator::num_active_iterators).sum()
    }
}

#[inline]
fn move_child<I: StorageIterator>(children: &mut [I], child: usize) -> Result<bool, ChildError<I::Error>> {
    children[child].next().map_err(|error| ChildError { child, error })
}
