//! [`Tournament`]: which of several sources comes next.

use std::hint::select_unpredictable;
use std::mem;

use super::code::Coding;
use super::codes::Codes;
use super::node::Node;
use super::ranking::Outcome;
use crate::Key;

/// A tree of losers over *k* sources (Knuth, The Art of Computer Programming 3, 5.4.1), which never moves a source. Its nodes hold
/// [codes](Codes) of the keys.
///
/// It is told that the winner has moved, looks at keys of sources that stand on entries, and answers who wins now: the source
/// with the smallest key, on ties the smallest index.
///
/// What always holds while it is settled:
///
/// - There is a power of two, *w*, of leaves, so that all sources play the same number of matches. The matches are numbered from the
///   leaves up: source `i` plays its first one at `i / 2`, and who wins at `n` plays next at `(w + n) / 2`, up to the last one at
///   `w - 2`; so the end of the array is the end of the way up. `losers[n]` is who has lost at `n`. Leaves without a source are exhausted.
/// - The losers on the winner's path have all lost to the winner. One of them that [is marked](Node::is_duplicate) is a
///   *duplicate*: no other comparison is made for that. It comes next, once the winner has moved, and nobody is compared with it.
/// - Codes that are relative to a key are so to that of the player by which the node has lost.
#[derive(Clone, Debug)]
pub(super) struct Tournament {
    codes: Codes,
    sources: usize,
    leaves: usize,
    winner: Node,
    losers: Vec<Node>,
    climb: Climb,
}

/// A source on its way up. It is kept here so that a comparison that panics leaves a match to be played again.
#[derive(Clone, Copy, Debug)]
struct Climb {
    climber: Node,
    /// The match that is played next; [`TOP`] if nobody is climbing.
    node: usize,
}

/// Behind the last match, in a tree of any size.
const TOP: usize = usize::MAX;

const NOBODY_CLIMBS: Climb = Climb { climber: NOBODY, node: TOP };

/// A climb under way, which is kept if a panic ends it.
struct Climbing<'t> {
    climb: Climb,
    kept: &'t mut Climb,
}

impl Drop for Climbing<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.climb.node != TOP {
            *self.kept = self.climb;
        }
    }
}

/// Nobody: a place that no source has come to yet.
const NOBODY: Node = Node::exhausted(Node::SOURCES);

impl Tournament {
    /// For sources that have not moved yet. [`rebuild`](Self::rebuild) must follow. There will be room for so many nodes, or for as
    /// many as it takes.
    pub(super) fn new(sources: usize, room: usize) -> Self {
        assert!(sources < Node::SOURCES, "a merge of more than {} children", Node::SOURCES - 1);
        let leaves = sources.next_power_of_two();
        Tournament {
            codes: Codes::new(),
            sources,
            leaves,
            winner: NOBODY,
            losers: Vec::with_capacity(room.max(leaves - 1)),
            climb: NOBODY_CLIMBS,
        }
    }

    /// The source that comes next. Meaningless when all are exhausted.
    #[inline]
    pub(super) fn winner(&self) -> usize {
        self.winner.source()
    }

    /// Whether no source has an entry.
    #[inline]
    pub(super) fn is_exhausted(&self) -> bool {
        self.winner.is_exhausted()
    }

    /// Whether it would have less to do once [rebuilt](Self::rebuild).
    #[inline]
    pub(super) fn is_outdated(&self) -> bool {
        self.codes.is_outdated()
    }

    /// Starts afresh with every source where it stands: `is_valid(i)` tells whether source `i` has an entry, `tells_shared(i)`
    /// whether it will say how many bytes its keys share. *k* - 1 comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
        tells_shared: impl Fn(usize) -> bool,
    ) {
        let valid = (0..self.sources).filter(|&source| is_valid(source));
        self.codes.renew(&valid, &key, tells_shared);
        self.losers.clear();
        self.losers.resize(self.leaves - 1, NOBODY);
        for leaf in 0..self.leaves {
            let climber = match leaf < self.sources && is_valid(leaf) {
                true => Node::new(self.codes.first(key(leaf)), leaf),
                false => Node::exhausted(leaf),
            };
            // The first to come to a node waits there for its opponent.
            let mut climb = Climb { climber, node: first_match(leaf) };
            while self.losers.get(climb.node).is_some_and(|&opponent| opponent != NOBODY) {
                climb.climber = self.play_match(climb, &key);
                climb.node = next_match(self.leaves, climb.node);
            }
            *self.losers.get_mut(climb.node).unwrap_or(&mut self.winner) = climb.climber;
        }
        self.climb = NOBODY_CLIMBS;
        self.codes.renewed();
    }

    /// Lends its nodes, until it is [rebuilt](Self::rebuild).
    pub(super) fn room(&mut self) -> &mut Vec<Node> {
        &mut self.losers
    }

    /// Remembers what is to be known of the winner, whose key is `winner_key`, before it moves.
    #[inline(always)]
    pub(super) fn prepare<'k, K: ?Sized + Key + 'k>(&mut self, winner_key: impl FnOnce() -> &'k K) {
        self.codes.prepare(winner_key);
    }

    /// The same before the winner moves by a seek, after which it does not tell what its key shares with this one.
    #[inline]
    pub(super) fn prepare_for_seek<'k, K: ?Sized + Key + 'k>(&mut self, winner_key: impl FnOnce() -> &'k K) {
        self.codes.prepare_for_seek(winner_key);
    }

    /// A source that has yet to move away from the key that the winner has, or had before it moved: the first one found.
    pub(super) fn unmoved_duplicate(&self) -> Option<usize> {
        let Climb { climber, mut node } = self.climb;
        if node == TOP {
            node = first_match(self.winner());
        } else if climber.is_duplicate() {
            return Some(climber.source());
        }
        while let Some(loser) = self.losers.get(node) {
            if loser.is_duplicate() {
                return Some(loser.source());
            }
            node = next_match(self.leaves, node);
        }
        None
    }

    /// Finds the new winner after the old one has moved to an entry with `moved_key`. `tell_shared` asks it how many bytes of its
    /// key are those of its key before. At most one comparison a level, none against duplicates of its last key.
    ///
    /// None if keys that have codes have to be compared themselves: then, as after a panic, [`resume`](Self::resume) is to be called. So
    /// whoever calls this has nothing to keep for what is left to do.
    #[inline(always)]
    pub(super) fn winner_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Option<Outcome> {
        let coding = Coding::of(moved_key);
        let code = self.codes.moved(coding, tell_shared);
        let moved = self.winner();
        let climb = Climb { climber: Node::new(code, moved), node: first_match(moved) };
        match coding {
            Coding::None => self.climb_by_key(climb, moved_key, &key),
            Coding::Bytes(..) | Coding::Integer(_) => {
                if !self.climb(climb) {
                    return None;
                }
            }
        }
        Some(self.outcome())
    }

    #[inline(always)]
    fn outcome(&self) -> Outcome {
        if self.winner.is_plain() { Outcome::Entry } else { self.rare_outcome() }
    }

    #[cold]
    #[inline(never)]
    fn rare_outcome(&self) -> Outcome {
        if self.winner.is_exhausted() { Outcome::Exhausted } else { Outcome::Duplicate }
    }

    /// Whether a search for the winner was not finished.
    #[inline]
    pub(super) fn has_to_resume(&self) -> bool {
        self.climb.node != TOP
    }

    /// Takes up the search for the winner where a comparison is due or a panic has ended it; or else begins it, after the winner has
    /// moved to its end.
    #[inline(never)]
    pub(super) fn resume<'k, K: ?Sized + Key + 'k>(&mut self, key: impl Fn(usize) -> &'k K) -> Outcome {
        if !self.has_to_resume() {
            let ended = self.winner();
            self.climb(Climb { climber: Node::exhausted(ended), node: first_match(ended) });
        }
        while self.has_to_resume() {
            let next = next_match(self.leaves, self.climb.node);
            let climber = self.play_match(self.climb, &key);
            self.climb = NOBODY_CLIMBS;
            self.climb(Climb { climber, node: next });
        }
        self.outcome()
    }

    /// Lets a climber play its way up as far as the codes tell who wins: whether that is to the top. If not, the match at hand is
    /// kept.
    #[inline(always)]
    fn climb(&mut self, Climb { mut climber, mut node }: Climb) -> bool {
        let (losers, leaves) = (self.losers.as_mut_slice(), self.leaves);
        while let Some(loser) = losers.get_mut(node) {
            let opponent = *loser;
            if climber.code() == opponent.code() {
                self.climb = Climb { climber, node };
                return false;
            }
            // Who wins cannot be predicted, so there is no branch on it.
            let wins = climber.code() < opponent.code();
            *loser = Node::select(wins, opponent, climber);
            climber = Node::select(wins, climber, opponent);
            node = next_match(leaves, node);
        }
        self.winner = climber;
        true
    }

    /// Lets a climber play its way up where most matches are decided by the keys.
    #[inline(always)]
    fn climb_by_key<'k, K: ?Sized + Key + 'k>(
        &mut self,
        climb: Climb,
        mut climber_key: &'k K,
        key: &impl Fn(usize) -> &'k K,
    ) {
        let (losers, leaves) = (self.losers.as_mut_slice(), self.leaves);
        // Looking at a key and comparing may panic.
        let mut climbing = Climbing { climb, kept: &mut self.climb };
        while let Some(loser) = losers.get_mut(climbing.climb.node) {
            let Climb { climber, node } = climbing.climb;
            let opponent = *loser;
            if opponent.is_plain() {
                let opponent_key = key(opponent.source());
                let order = climber_key.cmp(opponent_key);
                if order.is_eq() {
                    let wins = climber.source() < opponent.source();
                    *loser = Node::select_source(wins, opponent, climber).into_duplicate();
                    climbing.climb.climber = Node::select_source(wins, climber, opponent);
                    climbing.climb.node = next_match(leaves, node);
                    continue;
                }
                let wins = order.is_lt();
                *loser = Node::select_source(wins, opponent, climber);
                climbing.climb.climber = Node::select_source(wins, climber, opponent);
                climber_key = select_unpredictable(wins, climber_key, opponent_key);
            } else if opponent.is_duplicate() {
                // It comes next: others with its key have lost to it, or stand higher up and have greater numbers.
                *loser = climber;
                climbing.climb.climber = opponent;
                break;
            }
            climbing.climb.node = next_match(leaves, node);
        }
        let Climb { climber, .. } = mem::replace(&mut climbing.climb, NOBODY_CLIMBS);
        drop(climbing);
        self.winner = climber;
    }

    /// Any match; who wins it climbs on.
    #[cold]
    #[inline(never)]
    fn play_match<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { climber, node }: Climb,
        key: &impl Fn(usize) -> &'k K,
    ) -> Node {
        let opponent = self.losers[node];
        let order = climber.code().cmp(&opponent.code());
        // Behind those with a key come those without; before others that have the base's key.
        let rank = |node: Node| (node.is_exhausted(), !node.is_duplicate());
        let mut order = order.then(rank(climber).cmp(&rank(opponent)));
        let mut code = None;
        if order.is_eq() && climber.is_plain() {
            let (of_keys, code_of_loser) =
                self.codes.compare(climber.code(), key(climber.source()), key(opponent.source()));
            (order, code) = (of_keys, Some(code_of_loser));
        }
        let wins = order.then(climber.source().cmp(&opponent.source())).is_lt();
        let (winner, mut loser) = if wins { (climber, opponent) } else { (opponent, climber) };
        if let Some(code) = code {
            loser = loser.with_code(code);
            if order.is_eq() {
                loser = loser.into_duplicate();
            }
        }
        self.losers[node] = loser;
        winner
    }
}

/// Where a source plays first.
#[inline]
fn first_match(source: usize) -> usize {
    source / 2
}

/// Where who wins at `node` plays next, or the number of nodes if that was the last match.
#[inline]
fn next_match(leaves: usize, node: usize) -> usize {
    (leaves + node) / 2
}
