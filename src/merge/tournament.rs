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
/// - There is a power of two, *w*, of leaves, so that all sources play the same number of matches. For `n >= 1`, `losers[n]` is the
///   loser of the match at tree node `n`, whose players come up from the nodes `2n` and `2n + 1`; source `i` starts at node
///   `w + i`. Leaves without a source are exhausted.
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
    /// The node of the match that is played next; 0 if nobody is climbing.
    node: usize,
}

const NOBODY_CLIMBS: Climb = Climb { climber: NOBODY, node: 0 };

/// A climb under way, which is kept if a panic ends it.
struct Climbing<'t> {
    climb: Climb,
    kept: &'t mut Climb,
}

impl Drop for Climbing<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.climb.node > 0 {
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
            losers: Vec::with_capacity(room.max(leaves)),
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
        self.losers.resize(self.leaves, NOBODY);
        for leaf in 0..self.leaves {
            let climber = match leaf < self.sources && is_valid(leaf) {
                true => Node::new(self.codes.first(key(leaf)), leaf),
                false => Node::exhausted(leaf),
            };
            // The first to come to a node waits there for its opponent.
            let mut climb = Climb { climber, node: self.leaf(leaf) / 2 };
            while climb.node > 0 && self.losers[climb.node] != NOBODY {
                climb.climber = self.play_match(climb, &key);
                climb.node /= 2;
            }
            *if climb.node == 0 { &mut self.winner } else { &mut self.losers[climb.node] } = climb.climber;
        }
        self.climb.node = 0;
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
        if node == 0 {
            node = self.leaf(self.winner()) / 2;
        } else if climber.is_duplicate() {
            return Some(climber.source());
        }
        while node > 0 {
            if self.losers[node].is_duplicate() {
                return Some(self.losers[node].source());
            }
            node /= 2;
        }
        None
    }

    /// Finds the new winner after the old one has moved to an entry with `moved_key`. `tell_shared` asks it how many bytes of its
    /// key are those of its key before. At most one comparison a level, none against duplicates of its last key. After a panic
    /// [`resume`](Self::resume) is to be called.
    #[inline(always)]
    pub(super) fn winner_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        let coding = Coding::of(moved_key);
        let code = self.codes.moved(coding, tell_shared);
        let moved = self.winner();
        let climb = Climb { climber: Node::new(code, moved), node: self.leaf(moved) / 2 };
        match coding {
            Coding::None => self.climb_by_key(climb, moved_key, &key),
            Coding::Bytes(..) | Coding::Integer(_) => self.climb(climb, &key),
        }
        self.outcome()
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

    /// Finds the new winner after the old one has moved to its end. After a panic [`resume`](Self::resume) is to be called.
    #[inline(never)]
    pub(super) fn winner_ended<'k, K: ?Sized + Key + 'k>(&mut self, key: impl Fn(usize) -> &'k K) -> Outcome {
        let ended = self.winner();
        self.climb(Climb { climber: Node::exhausted(ended), node: self.leaf(ended) / 2 }, &key);
        self.outcome()
    }

    /// Takes up the search for the winner where a panic has ended it, which was told `is_valid` of it.
    pub(super) fn resume<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: bool,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        match is_valid {
            _ if self.climb.node > 0 => {
                self.climb(self.climb, &key);
                self.outcome()
            }
            true => self.winner_moved(key(self.winner()), tell_shared, key),
            false => self.winner_ended(key),
        }
    }

    /// Lets a climber play its way up.
    #[inline(always)]
    fn climb<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { mut climber, mut node }: Climb,
        key: &impl Fn(usize) -> &'k K,
    ) {
        loop {
            let losers = self.losers.as_mut_slice();
            while node > 0 && climber.code() != losers[node].code() {
                // Who wins cannot be predicted, so there is no branch on it.
                let opponent = losers[node];
                let wins = climber.code() < opponent.code();
                losers[node] = Node::select(wins, opponent, climber);
                climber = Node::select(wins, climber, opponent);
                node /= 2;
            }
            if node == 0 {
                break;
            }
            climber = self.play_match(Climb { climber, node }, key);
            node /= 2;
        }
        self.winner = climber;
    }

    /// Lets a climber play its way up where most matches are decided by the keys.
    #[inline(always)]
    fn climb_by_key<'k, K: ?Sized + Key + 'k>(
        &mut self,
        climb: Climb,
        mut climber_key: &'k K,
        key: &impl Fn(usize) -> &'k K,
    ) {
        let losers = self.losers.as_mut_slice();
        // Looking at a key and comparing may panic.
        let mut climbing = Climbing { climb, kept: &mut self.climb };
        while climbing.climb.node > 0 {
            let Climb { climber, node } = climbing.climb;
            let opponent = losers[node];
            if opponent.is_plain() {
                let opponent_key = key(opponent.source());
                let order = climber_key.cmp(opponent_key);
                if order.is_eq() {
                    let wins = climber.source() < opponent.source();
                    losers[node] = Node::select_source(wins, opponent, climber).into_duplicate();
                    climbing.climb.climber = Node::select_source(wins, climber, opponent);
                    climbing.climb.node /= 2;
                    continue;
                }
                let wins = order.is_lt();
                losers[node] = Node::select_source(wins, opponent, climber);
                climbing.climb.climber = Node::select_source(wins, climber, opponent);
                climber_key = select_unpredictable(wins, climber_key, opponent_key);
            } else if opponent.is_duplicate() {
                // It comes next: others with its key have lost to it, or stand higher up and have greater numbers.
                losers[node] = climber;
                climbing.climb = Climb { climber: opponent, node: 0 };
            }
            climbing.climb.node /= 2;
        }
        let Climb { climber, .. } = mem::replace(&mut climbing.climb, NOBODY_CLIMBS);
        drop(climbing);
        self.winner = climber;
    }

    /// Any match; who wins it climbs on.
    #[cold]
    #[inline(never)]
    fn play_match<'k, K: ?Sized + Key + 'k>(&mut self, climb: Climb, key: &impl Fn(usize) -> &'k K) -> Node {
        let Climb { climber, node } = climb;
        let opponent = self.losers[node];
        let order = climber.code().cmp(&opponent.code());
        // Behind those with a key come those without; before others that have the base's key.
        let rank = |node: Node| (node.is_exhausted(), !node.is_duplicate());
        let mut order = order.then(rank(climber).cmp(&rank(opponent)));
        let mut code = None;
        if order.is_eq() && climber.is_plain() {
            // The comparison may panic.
            self.climb = climb;
            let (of_keys, code_of_loser) =
                self.codes.compare(climber.code(), key(climber.source()), key(opponent.source()));
            self.climb.node = 0;
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

    #[inline]
    fn leaf(&self, source: usize) -> usize {
        self.leaves + source
    }
}
