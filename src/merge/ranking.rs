//! [`Ranking`]: which of several sources comes next.

use std::cmp::Ordering;
use std::hint::select_unpredictable;
use std::mem;

use super::code::Coding;
use super::queue::Queue;
use super::tournament::Tournament;
use crate::Key;

/// Which of several sources comes next, by whatever finds it out with the least work: a [`Tournament`] where sources take turns, a
/// [`Queue`] where they come in runs or have most keys in common, and for three sources whose keys have no codes.
///
/// It never moves a source. It is told that one has moved, looks at keys of sources that stand on entries, and answers who comes next:
/// the source with the smallest key, on ties the smallest number. Sources with the key of the entry that is left, its *duplicates*,
/// are named one by one: by a tournament as [`Outcome::Duplicate`] once the source that gave it has moved, by a queue to be moved
/// [before that](Self::next_duplicate).
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    tournament: Tournament,
    queue: Queue,
    mode: Mode,
    /// How much speaks for the queue.
    score: usize,
    /// How much has to.
    enough: usize,
    sources: usize,
    /// For three sources whose keys have no codes, how many entries they are still to leave before they are lined up, for good: to compare
    /// the one that has moved with both others at once takes less time than with one after the other.
    three: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Tournament,
    Queue,
}

/// Who comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The same source, the first of a queue, ahead of all others: it is in a run.
    InRun,
    /// The winner.
    Entry,
    /// The winner of a tournament, with the key of the entry before.
    Duplicate,
    /// Nobody.
    Exhausted,
}

/// What speaks against the queue when its first source goes back: so many entries of which it does not.
const COST_OF_TURN: usize = 4;
/// What speaks for the queue at the most.
const MOST: usize = 64;
/// What has to speak for a run for the first of three sources to be compared with the next one alone.
const RUN_OF_THREE: usize = 6;
/// With more sources it takes too long to make room for one in a queue.
const MOST_SOURCES: usize = 1024;

/// As many entries in a row as it takes a queue, which compares once for each, to have spared the comparisons of lining up.
fn enough_for_queue(sources: usize) -> usize {
    let levels = sources.next_power_of_two().trailing_zeros() as usize;
    sources * levels / levels.saturating_sub(1).max(1)
}

impl Ranking {
    /// For sources that have not moved yet. [`rebuild`](Self::rebuild) must follow.
    pub(super) fn new(sources: usize) -> Self {
        Ranking {
            // A queue has room for twice as many; it is the same room.
            tournament: Tournament::new(sources, if sources <= MOST_SOURCES { 2 * sources } else { 0 }),
            queue: Queue::new(),
            mode: Mode::Tournament,
            score: 0,
            enough: if sources <= MOST_SOURCES { enough_for_queue(sources) } else { usize::MAX },
            sources,
            three: None,
        }
    }

    /// Whether sources are expected to take turns.
    #[inline]
    pub(super) fn is_tournament(&self) -> bool {
        self.mode == Mode::Tournament
    }

    /// The tournament, which has to be the one that [ranks](Self::is_tournament).
    #[inline]
    pub(super) fn tournament(&mut self) -> &mut Tournament {
        &mut self.tournament
    }

    /// The source that comes next. Meaningless when all are exhausted.
    #[inline]
    pub(super) fn winner(&self) -> usize {
        match self.mode {
            Mode::Tournament => self.tournament.winner(),
            Mode::Queue => self.queue.winner(),
        }
    }

    /// Whether no source has an entry.
    #[inline]
    pub(super) fn is_exhausted(&self) -> bool {
        match self.mode {
            Mode::Tournament => self.tournament.is_exhausted(),
            Mode::Queue => self.queue.is_empty(),
        }
    }

    /// Starts afresh with every source where it stands: `is_valid(i)` tells whether source `i` has an entry, `tells_shared(i)`
    /// whether it will say how many bytes its keys share. *k* - 1 comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
        tells_shared: impl Fn(usize) -> bool,
    ) {
        let has_no_code = |source| matches!(Coding::of(key(source)), Coding::None);
        if self.sources == 3 && (0..3).find(|&source| is_valid(source)).is_some_and(has_no_code) {
            // Not at once, for the first step is not to make more comparisons than a tournament does.
            (self.three, self.enough) = (Some(3), 0);
        }
        self.use_tournament();
        self.tournament.rebuild(is_valid, key, tells_shared);
    }

    /// Whether it is time to [change](Self::change).
    #[inline]
    pub(super) fn is_time_to_change(&self) -> bool {
        match self.mode {
            Mode::Tournament => self.is_time_to_change_tournament(),
            Mode::Queue => self.is_time_to_change_queue(),
        }
    }

    /// The same if a tournament ranks.
    #[inline]
    pub(super) fn is_time_to_change_tournament(&self) -> bool {
        self.is_time_to_line_up() || self.tournament.is_outdated()
    }

    /// The same if a queue does.
    #[inline]
    pub(super) fn is_time_to_change_queue(&self) -> bool {
        self.score == 0 || self.queue.is_outdated()
    }

    /// Whether it would have less to do once [rebuilt](Self::rebuild).
    #[inline]
    pub(super) fn is_outdated(&self) -> bool {
        self.mode == Mode::Tournament && self.tournament.is_outdated()
    }

    #[inline]
    fn is_time_to_line_up(&self) -> bool {
        self.score >= self.enough
    }

    /// Changes to what has less work to do.
    #[cold]
    #[inline(never)]
    pub(super) fn change<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
        tells_shared: impl Fn(usize) -> bool,
    ) {
        match self.mode {
            // If a key has panicked, it has to be before anything is asked of it.
            Mode::Tournament if self.tournament.is_outdated() => self.tournament.rebuild(is_valid, key, tells_shared),
            Mode::Tournament if self.three.is_some_and(|entries| entries > 0) => {
                self.three = self.three.map(|entries| entries - 1);
            }
            Mode::Tournament => {
                let (first, has_duplicate) = (self.tournament.winner(), self.tournament.unmoved_duplicate().is_some());
                self.queue.swap_room(self.tournament.room());
                // So that the tournament is rebuilt if a comparison panics now.
                (self.mode, self.score) = (Mode::Queue, 0);
                if self.three.is_some() && (0..3).all(&is_valid) {
                    self.queue.line_up_three(first, has_duplicate, key);
                } else {
                    self.queue.rebuild(self.sources, is_valid, key);
                }
                self.score = if self.three.is_some() { 1 } else { MOST };
            }
            Mode::Queue if self.score > 0 => {
                // So that it is given up if a key panics now.
                let score = mem::take(&mut self.score);
                self.queue.renew(key);
                self.score = score;
            }
            Mode::Queue => {
                self.use_tournament();
                self.tournament.rebuild(is_valid, key, tells_shared);
            }
        }
    }

    /// How much speaks for the queue when nothing else does.
    fn least(&self) -> usize {
        usize::from(self.three.is_some())
    }

    /// The tournament is to be rebuilt.
    fn use_tournament(&mut self) {
        self.score = 0;
        if self.mode == Mode::Queue {
            self.mode = Mode::Tournament;
            self.queue.swap_room(self.tournament.room());
        }
    }

    /// A source of the queue that has the first one's key as well and is to be [moved](Self::duplicate_moved) before that, if there is one.
    /// This is to be asked again then: there may be others.
    #[inline]
    pub(super) fn next_duplicate(&self) -> Option<usize> {
        self.queue.next_duplicate()
    }

    /// Notes that the [next duplicate](Self::next_duplicate) has moved, to an entry with `moved_key` or to its end. After a panic
    /// this is to be called again.
    #[inline(always)]
    pub(super) fn duplicate_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: Option<&'k K>,
        key: impl Fn(usize) -> &'k K,
    ) {
        self.note_duplicate();
        self.queue.duplicate_moved(moved_key, key);
    }

    /// Notes that a duplicate was passed over.
    #[inline]
    pub(super) fn note_duplicate(&mut self) {
        self.score += 1;
    }

    /// In the middle of a step, a source that has yet to move away from the key of the entry that is left, if it is not the one that
    /// is moving.
    pub(super) fn unmoved_duplicate(&self) -> Option<usize> {
        match self.mode {
            Mode::Tournament => self.tournament.unmoved_duplicate(),
            Mode::Queue => Some(self.queue.winner()),
        }
    }

    /// Remembers what is to be known of the winner, whose key is `winner_key`, before it moves by a seek: after that it does not tell what
    /// its key shares with this one.
    #[inline]
    pub(super) fn prepare_for_seek<'k, K: ?Sized + Key + 'k>(&mut self, winner_key: impl FnOnce() -> &'k K) {
        if self.mode == Mode::Tournament {
            self.tournament.prepare_for_seek(winner_key);
        }
    }

    /// How the first of the queue, which has moved to an entry with `moved_key`, compares with the source behind it. Unless it is less, or
    /// [ties](Self::ties_in_run), [`first_moved`](Self::first_moved) is to be told.
    #[inline(always)]
    pub(super) fn order_to_next<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        key: impl Fn(usize) -> &'k K,
    ) -> Ordering {
        let order = self.queue.order_to_next(moved_key, &key);
        if order.is_lt() {
            self.score += 1;
        }
        order
    }

    /// The same if the first had no duplicate.
    #[inline(always)]
    pub(super) fn order_in_run<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        key: impl Fn(usize) -> &'k K,
    ) -> Ordering {
        let order = self.queue.order_in_run(moved_key, key);
        if order.is_lt() {
            self.score += 1;
        }
        order
    }

    /// Whether the first of the queue, which compares so with the source behind it, stays the first although that has its key.
    #[inline(always)]
    pub(super) fn ties_in_run(&mut self, order: Ordering) -> bool {
        let ties = self.queue.first_stays(order);
        self.score += usize::from(ties);
        ties
    }

    /// Finds the new first of the queue after the old one has moved to an entry with `moved_key`, which compares as `order` with the
    /// next one's.
    #[inline(always)]
    pub(super) fn first_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        order: Ordering,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        if !self.queue.first_moved(moved_key, order, key) {
            return self.turn();
        }
        self.score += 1;
        if order.is_lt() { Outcome::InRun } else { Outcome::Entry }
    }

    /// Finds the new first of a queue after the old one has moved to its end.
    #[inline(never)]
    pub(super) fn first_ended(&mut self) -> Outcome {
        self.queue.first_ended();
        self.turn()
    }

    /// Whether there are three sources in a queue that take turns.
    #[inline]
    pub(super) fn is_three_in_turns(&self) -> bool {
        self.three.is_some() && self.score < RUN_OF_THREE
    }

    /// Finds the new first of [three](Self::is_three_in_turns) after the old one has moved to an entry with `moved_key`. False if there
    /// are not so many left, and then nothing is done.
    #[inline(always)]
    pub(super) fn first_of_three_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &K,
        key: impl Fn(usize) -> &'k K,
    ) -> bool {
        let moved = self.queue.winner();
        let are_three = self.queue.first_of_three_moved(moved_key, key);
        if are_three {
            let less = self.score.saturating_sub(COST_OF_TURN).max(1);
            self.score = select_unpredictable(self.queue.winner() == moved, self.score + 1, less);
        }
        are_three
    }

    /// The queue's first source has gone back.
    #[inline(never)]
    fn turn(&mut self) -> Outcome {
        self.score = self.score.min(MOST).saturating_sub(COST_OF_TURN).max(self.least());
        if self.queue.is_empty() { Outcome::Exhausted } else { Outcome::Entry }
    }

    /// Finds the new winner after the old one has moved, to an entry if it `is_valid`. `tell_shared` asks it how many bytes of its key are
    /// those of its key before. After a panic this is to be called again.
    #[inline(always)]
    pub(super) fn winner_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: bool,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        match self.mode {
            Mode::Tournament if is_valid && !self.tournament.has_to_resume() => {
                let moved_key = key(self.tournament.winner());
                let outcome = self.tournament.winner_moved(moved_key, tell_shared, &key);
                outcome.unwrap_or_else(|| self.tournament.resume(key))
            }
            Mode::Tournament => self.tournament.resume(key),
            Mode::Queue if !is_valid => self.first_ended(),
            Mode::Queue => {
                let moved_key = key(self.queue.winner());
                let order = self.queue.order_to_next(moved_key, &key);
                self.first_moved(moved_key, order, key)
            }
        }
    }

    /// Notes who gave the entry that is shown, by a tournament: `has_stayed` if it gave the one before as well.
    #[inline]
    pub(super) fn note_turn(&mut self, has_stayed: bool) {
        // Who it is cannot be predicted, so there is no branch on it.
        self.score = select_unpredictable(has_stayed, self.score + 1, self.score.saturating_sub(COST_OF_TURN));
    }
}
