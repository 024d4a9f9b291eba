//! [`Merging`]: children driven by a ranking, duplicates included. Both k-way merges are made of it.

mod pair;
mod runs;
mod seeking;
mod turning;
#[cfg(feature = "async")]
mod unmoved;

use self::pair::Pair;
use self::turning::Movers;
#[cfg(feature = "async")]
pub(crate) use self::unmoved::Unmoved;
use super::ranking::{Outcome, Ranking};
use crate::combinators::{assert_valid, cut_short};
use crate::walk::{Backward, Direction, Forward, Walk};
use crate::{BidirectionalIterator, ChildError, StorageIterator};

/// Children and the ranking that tells whose turn it is.
///
/// An entry with the key of the one before it is a duplicate: it is passed over, unless `KEEPS_DUPLICATES`.
///
/// What stands here about the order of keys is meant as the merge walks: backward, "less" is "greater", and "first" is "last". While
/// it shows an entry, every other child stands on its first entry that comes behind the one shown, or at its end. Those with the
/// same key come behind it; they move once it has been left, before the child that gave it or after it, as the ranking names them.
#[derive(Clone, Debug)]
pub(super) struct Merging<I, const KEEPS_DUPLICATES: bool> {
    children: Vec<I>,
    ranking: Ranking,
    step: Step,
    /// The way of the step that is open, or of the last one. A merge of one child leaves this to the child.
    direction: Direction,
    /// The child whose entry is shown, or that the open step is moving.
    current: usize,
    /// The child that gave the entry before.
    entry_source: usize,
    pair: Pair,
    /// Who takes part in [`Step::Gathering`].
    movers: Movers,
    /// The children whose part of a failed seek is still open. Their indices ascend.
    unfinished: Vec<usize>,
}

/// How far the current step has come. It is set before a call that may fail or panic, so the next call goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Done, forward: the current child's entry is the one to show.
    Valid,
    /// The same, and the child is the first of a queue, ahead of the others: likely to be so again. (This and the ways are states of
    /// their own, so that `next` finds all out by one look.)
    InRun,
    /// As `Valid`, backward.
    ValidBackward,
    /// As `InRun`, backward.
    InRunBackward,
    /// Done: no child has an entry.
    Exhausted,
    /// Children are to move by one step each, and the ranking is then made anew: the first step, and every change of
    /// direction. Those before `child` have moved; whether its own step `has_begun` is not to be found out from a child that failed.
    Gathering { child: usize, has_begun: bool },
    /// A seek has failed: the unfinished children are to complete it, and the ranking is then made anew.
    Completing,
    /// The current child's entry was shown and is to be left.
    Leaving,
    /// The current child is to be moved.
    Moving,
    /// The current child has moved, to an entry or to its end; the ranking is to be told.
    Moved,
    /// A seek was cut short by a panic: where the children stand is not known.
    CutShort,
}

/// A step under way, which is kept once it is left, be it by a panic: until then nothing has to be written.
struct OpenStep<'s> {
    step: Step,
    kept: &'s mut Step,
}

impl Drop for OpenStep<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.kept = self.step;
    }
}

impl Step {
    /// Done: the current child's entry is the one to show.
    #[inline]
    const fn valid(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Step::Valid,
            Direction::Backward => Step::ValidBackward,
        }
    }

    /// The same for a child that is ahead of the others.
    #[inline]
    const fn in_run(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Step::InRun,
            Direction::Backward => Step::InRunBackward,
        }
    }

    /// Whether the current child's entry is the one to show, and was reached on this way.
    #[inline]
    fn shows_entry(self, direction: Direction) -> bool {
        self == Step::valid(direction) || self == Step::in_run(direction)
    }
}

impl<I, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    pub(super) fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children: Vec<I> = children.into_iter().collect();
        Merging {
            ranking: Ranking::new(children.len()),
            children,
            step: Step::Gathering { child: 0, has_begun: false },
            direction: Direction::Forward,
            current: 0,
            entry_source: 0,
            pair: Pair::new(),
            movers: Movers::All,
            unfinished: vec![],
        }
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        matches!(self.step, Step::Valid | Step::InRun | Step::ValidBackward | Step::InRunBackward)
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

    /// The child that comes next. Meaningless when all are exhausted.
    #[inline]
    fn winner(&self, direction: Direction) -> usize {
        Self::mirrored(&self.children, direction, self.ranking.winner())
    }

    /// The child that is the ranking's source of this number, and the other way round. In the ranking the source with the
    /// smaller number comes first; what comes last where all duplicates are kept has to come first on the way back.
    #[inline]
    fn mirrored(children: &[I], direction: Direction, source: usize) -> usize {
        match direction {
            Direction::Backward if KEEPS_DUPLICATES => children.len().wrapping_sub(source).wrapping_sub(1),
            _ => source,
        }
    }
}

impl<I: StorageIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// Moves to the next entry.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.children.len() {
            1 => self.step_of_one::<Forward>(),
            2 if !KEEPS_DUPLICATES && self.step == Step::Valid => self.step_of_two::<Forward>(),
            2 if !KEEPS_DUPLICATES && self.step == Step::InRun => Ok(self.step_of_two_in_run::<Forward>()?),
            2 if !KEEPS_DUPLICATES => Ok(self.next_from_elsewhere()?),
            _ if self.step == Step::InRun => Ok(self.step_in_run::<Forward>()?),
            _ if self.ranking.is_tournament() => Ok(self.next_in_turns()?),
            _ => Ok(self.next_in_queue()?),
        }
    }

    /// Kept out of [`next`](Self::next), so that what that does for one child or two is short enough to be inlined.
    #[inline(never)]
    fn next_in_turns(&mut self) -> Result<bool, ChildError<I::Error>> {
        if self.step == Step::Valid && !self.ranking.is_time_to_change_tournament() {
            self.leave_in_turns::<Forward>()
        } else {
            self.next_from_elsewhere()
        }
    }

    #[inline(never)]
    fn next_in_queue(&mut self) -> Result<bool, ChildError<I::Error>> {
        if self.step == Step::Valid && !self.ranking.is_time_to_change_queue() {
            self.leave_in_queue::<Forward>()
        } else {
            self.next_from_elsewhere()
        }
    }

    /// Completes an open step, turns round, or moves on by another ranking.
    #[cold]
    #[inline(never)]
    fn next_from_elsewhere(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.turn_forward();
        self.resume::<Forward>()
    }

    #[inline(always)]
    fn step_of_one<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.step = Step::Moving;
        let [child] = self.children.as_mut_slice() else { unreachable!("there is one child") };
        let is_valid = W::step(child).map_err(|error| ChildError { child: 0, error })?;
        // A branch, so that behind `Ok(true)` the compiler knows the state.
        if !is_valid {
            self.step = Step::Exhausted;
            return Ok(false);
        }
        self.step = Step::Valid;
        Ok(true)
    }

    /// Takes up an open step where it was left. It is one on this way.
    #[cold]
    fn resume<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.step {
            Step::Exhausted => Ok(false),
            Step::CutShort => cut_short(),
            Step::Gathering { .. } => self.gather::<W>(),
            Step::Completing => self.complete::<W>(),
            Step::Moved if self.is_pair() => Ok(self.compare_pair::<W>()),
            _ if self.is_pair() => self.move_pair::<W>(),
            Step::Valid | Step::InRun | Step::ValidBackward | Step::InRunBackward | Step::Leaving => {
                self.leave_entry::<W>()
            }
            Step::Moving if self.ranking.is_tournament() => self.step_in_turns::<W>(),
            Step::Moving => self.step_in_queue::<W>(),
            Step::Moved if self.is_passing_duplicates() => {
                let children = &self.children;
                let moved = &children[self.current];
                let moved_key = moved.is_valid().then(|| W::key(moved.key()));
                self.ranking.duplicate_moved(moved_key, |source| Self::key_of::<W>(children, source));
                self.step_in_queue::<W>()
            }
            Step::Moved => {
                let outcome = self.rank_moved::<W>(self.children[self.current].is_valid());
                self.show_or_move_on::<W>(outcome)
            }
        }
    }

    /// Tells the ranking that its winner, the current child, has moved, to an entry if it `is_valid`.
    #[inline]
    fn rank_moved<W: Walk<I>>(&mut self, is_valid: bool) -> Outcome {
        let children = self.children.as_slice();
        let key = |source| Self::key_of::<W>(children, source);
        self.ranking.winner_moved(is_valid, || children[self.current].shared_prefix_len(), key)
    }

    /// Moves on from an entry, by another ranking if it is time to change it.
    #[cold]
    fn leave_entry<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.step = Step::Leaving;
        if self.ranking.is_time_to_change() {
            self.change_ranking::<W>();
        }
        if self.ranking.is_tournament() { self.leave_in_turns::<W>() } else { self.leave_in_queue::<W>() }
    }

    /// Moves on from an entry by a tournament.
    #[inline(always)]
    fn leave_in_turns<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.entry_source = self.current;
        self.ranking.tournament().prepare(|| {
            // Looking at the key may panic.
            self.step = Step::Leaving;
            W::key(self.children[self.current].key())
        });
        self.step_in_turns::<W>()
    }

    /// Moves on from an entry by a queue.
    #[inline(always)]
    fn leave_in_queue<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.entry_source = self.current;
        if self.ranking.is_three_in_turns() { self.step_of_three::<W>() } else { self.step_in_queue::<W>() }
    }

    #[cold]
    #[inline(never)]
    fn change_ranking<W: Walk<I>>(&mut self) {
        let children = &self.children;
        self.ranking.change(
            |source| Self::child_of::<W>(children, source).is_valid(),
            |source| Self::key_of::<W>(children, source),
            |source| Self::child_of::<W>(children, source).shared_prefix_len().is_some(),
        );
        // The same child, unless the order of the keys contradicts itself.
        self.current = self.winner(W::DIRECTION);
    }

    /// Whether the child that the open step is moving is a duplicate that moves before the one that gave the entry.
    #[inline]
    fn is_passing_duplicates(&self) -> bool {
        !KEEPS_DUPLICATES && self.current != self.ranking.winner()
    }

    /// Moves the current child, the winner of a tournament, and then every duplicate of its entry, as these win.
    #[inline(always)]
    fn step_in_turns<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.move_winner::<W>()? {
            Some(Outcome::Entry) => {
                self.show_turn::<W>();
                Ok(true)
            }
            outcome => self.show_other_turn::<W>(outcome),
        }
    }

    /// What is not likely to happen in a step in turns. Nothing is left to do after it, so before it nothing has to be put away.
    #[inline(never)]
    fn show_other_turn<W: Walk<I>>(&mut self, outcome: Option<Outcome>) -> Result<bool, ChildError<I::Error>> {
        let outcome = outcome.unwrap_or_else(|| self.rank_moved::<W>(self.children[self.current].is_valid()));
        self.show_or_move_on::<W>(outcome)
    }

    #[inline(never)]
    fn show_or_move_on<W: Walk<I>>(&mut self, mut outcome: Outcome) -> Result<bool, ChildError<I::Error>> {
        loop {
            if let Some(is_valid) = self.show::<W>(outcome) {
                return Ok(is_valid);
            }
            outcome = match self.move_winner::<W>()? {
                Some(outcome) => outcome,
                None => self.rank_moved::<W>(self.children[self.current].is_valid()),
            };
        }
    }

    /// Moves the current child, the winner of a tournament. Who wins then, if that is found out without looking at keys of others.
    #[inline(always)]
    fn move_winner<W: Walk<I>>(&mut self) -> Result<Option<Outcome>, ChildError<I::Error>> {
        let current = self.current;
        let children = self.children.as_mut_slice();
        let mut open = OpenStep { step: Step::Moving, kept: &mut self.step };
        let is_valid = W::step(&mut children[current]).map_err(|error| ChildError { child: current, error })?;
        open.step = Step::Moved;
        if !is_valid {
            return Ok(None);
        }
        if W::DIRECTION == Direction::Forward {
            children[current].prefetch();
        }
        let (children, moved) = (&*children, &children[current]);
        let key = |source| Self::key_of::<W>(children, source);
        Ok(self.ranking.tournament().winner_moved(W::key(moved.key()), || moved.shared_prefix_len(), key))
    }

    /// Shows the winner's entry, by a tournament.
    #[inline(always)]
    fn show_turn<W: Walk<I>>(&mut self) {
        self.current = Self::mirrored(&self.children, W::DIRECTION, self.ranking.tournament().winner());
        self.ranking.note_turn(self.current == self.entry_source);
        self.step = Step::valid(W::DIRECTION);
    }

    /// Shows the winner's entry, or tells by `None` that it is to be passed over.
    #[inline(always)]
    fn show<W: Walk<I>>(&mut self, outcome: Outcome) -> Option<bool> {
        if outcome == Outcome::InRun {
            self.step = Step::in_run(W::DIRECTION);
            return Some(true);
        }
        self.current = self.winner(W::DIRECTION);
        if outcome == Outcome::Duplicate && !KEEPS_DUPLICATES {
            self.ranking.note_duplicate();
            return None;
        }
        if self.ranking.is_tournament() {
            self.ranking.note_turn(self.current == self.entry_source);
        }
        let is_valid = outcome != Outcome::Exhausted;
        self.step = if is_valid { Step::valid(W::DIRECTION) } else { Step::Exhausted };
        Some(is_valid)
    }

    /// Finds the winner anew with every child where it stands.
    fn settle<W: Walk<I>>(&mut self) -> bool {
        if self.is_pair() {
            return self.compare_pair::<W>();
        }
        self.ranking.rebuild(
            |source| Self::child_of::<W>(&self.children, source).is_valid(),
            |source| Self::key_of::<W>(&self.children, source),
            |source| Self::child_of::<W>(&self.children, source).shared_prefix_len().is_some(),
        );
        self.current = self.winner(W::DIRECTION);
        let is_valid = !self.ranking.is_exhausted();
        self.step = if is_valid { Step::valid(W::DIRECTION) } else { Step::Exhausted };
        is_valid
    }

    #[inline]
    fn key_of<W: Walk<I>>(children: &[I], source: usize) -> &W::Key {
        W::key(Self::child_of::<W>(children, source).key())
    }

    #[inline]
    fn child_of<W: Walk<I>>(children: &[I], source: usize) -> &I {
        &children[Self::mirrored(children, W::DIRECTION, source)]
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

    /// Calls `f` with every entry that is left. One child or two are taken out for it, so that the loop is over them and not over
    /// whatever may lie in memory somewhere.
    #[inline]
    pub(super) fn for_each_while(
        mut self,
        mut f: impl FnMut(&I::Key, &I::Value) -> bool,
    ) -> Result<bool, ChildError<I::Error>> {
        if self.children.len() == 1
            && let Some(child) = self.children.pop()
        {
            return child.for_each_while(f).map_err(|error| ChildError { child: 0, error });
        }
        loop {
            if let Some(two_merge) = self.take_pair() {
                return two_merge.for_each_while(f);
            }
            if !self.next()? {
                return Ok(true);
            }
            if !f(self.key(), self.value()) {
                return Ok(false);
            }
        }
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.children.iter().map(StorageIterator::num_active_iterators).sum()
    }
}

impl<I: BidirectionalIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// Moves to the entry before.
    #[inline]
    pub(super) fn prev(&mut self) -> Result<bool, ChildError<I::Error>> {
        match self.children.len() {
            1 => self.step_of_one::<Backward>(),
            2 if !KEEPS_DUPLICATES && self.step == Step::ValidBackward => self.step_of_two::<Backward>(),
            2 if !KEEPS_DUPLICATES && self.step == Step::InRunBackward => self.step_of_two_in_run::<Backward>(),
            2 if !KEEPS_DUPLICATES => self.prev_from_elsewhere(),
            _ if self.step == Step::InRunBackward => self.step_in_run::<Backward>(),
            _ if self.ranking.is_tournament() => self.prev_in_turns(),
            _ => self.prev_in_queue(),
        }
    }

    #[inline(never)]
    fn prev_in_turns(&mut self) -> Result<bool, ChildError<I::Error>> {
        if self.step == Step::ValidBackward && !self.ranking.is_time_to_change_tournament() {
            self.leave_in_turns::<Backward>()
        } else {
            self.prev_from_elsewhere()
        }
    }

    #[inline(never)]
    fn prev_in_queue(&mut self) -> Result<bool, ChildError<I::Error>> {
        if self.step == Step::ValidBackward && !self.ranking.is_time_to_change_queue() {
            self.leave_in_queue::<Backward>()
        } else {
            self.prev_from_elsewhere()
        }
    }

    #[cold]
    fn prev_from_elsewhere(&mut self) -> Result<bool, ChildError<I::Error>> {
        self.turn_backward()?;
        self.resume::<Backward>()
    }
}
