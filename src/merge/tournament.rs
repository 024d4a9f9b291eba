//! [`Tournament`]: which of several sources comes next.

use std::hint::select_unpredictable;

use super::code::{Coding, Node, Rank, compare};
use super::ranking::Outcome;
use crate::Key;
use crate::key::shared_prefix_len;

/// A tree of losers over *k* sources (Knuth, The Art of Computer Programming 3, 5.4.1) with offset-value codes ([`Rank`]),
/// which never moves a source.
///
/// It is told that the winner has moved, looks at keys of sources that stand on entries, and answers who wins now: the source
/// with the smallest key, on ties the smallest index.
///
/// What always holds while it is settled:
///
/// - For `n >= 1`, `losers[n]` is the loser of the match at tree node `n`, whose players come up from the nodes `2n` and
///   `2n + 1`; source `i` starts at node `k + i`.
/// - The rank of a loser is relative to the key that beat it, so the losers on the winner's path, which have all lost to the
///   winner, have ranks relative to the winner's key, and the next winner's rank is relative to it too. `Rank::EQUAL` says that it
///   is a *duplicate*: no other comparison is made for that.
/// - So it is with a duplicate, up to the match that it has lost: all who have lost to it have ranks relative to its key, which is
///   the winner's. It can be moved while the winner still stands, and climbs no farther than that match.
#[derive(Clone, Debug)]
pub(super) struct Tournament {
    winner: Node,
    losers: Vec<Node>,
    /// How many losers have the key of whoever beat them.
    equals: usize,
    /// Where the [duplicate](Self::next_duplicate) that is moved has lost.
    seat: usize,
    /// Whether every source tells how many bytes its key shares with its key before.
    all_tell_shared: bool,
    /// What the ranks of the losers on the winner's path are relative to: the key of the entry before. Not kept if all sources tell
    /// what they share.
    base: Vec<u8>,
    has_base: bool,
    /// The same as `base` for keys that are integers, and only for these.
    integer_base: Option<u64>,
    climb: Climb,
}

/// A source on its way up. It is kept here so that a comparison that panics leaves a match to be played again.
#[derive(Clone, Copy, Debug)]
struct Climb {
    climber: Node,
    /// The node of the match that is played next; 0 if nobody is climbing.
    node: usize,
    /// The node whose loser the climber will be: this match is not played. 0 for the winner of all.
    seat: usize,
}

/// Room for the base, in bytes, before the keys are known.
const FIRST_BASE: usize = 64;

impl Tournament {
    /// For sources that have not moved yet. [`rebuild`](Self::rebuild) must follow.
    pub(super) fn new(sources: usize) -> Self {
        assert!(sources <= Node::SOURCES, "a merge of more than {} children", Node::SOURCES);
        Tournament {
            winner: Node::NOBODY,
            losers: vec![Node::NOBODY; sources],
            equals: 0,
            seat: 0,
            all_tell_shared: false,
            base: Vec::with_capacity(FIRST_BASE),
            has_base: false,
            integer_base: None,
            climb: Climb { climber: Node::NOBODY, node: 0, seat: 0 },
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
        self.winner.rank() == Rank::EXHAUSTED
    }

    /// Starts afresh with every source where it stands: `is_valid(i)` tells whether source `i` has an entry, `tells_shared(i)`
    /// whether it will say how many bytes its keys share. *k* - 1 comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
        tells_shared: impl Fn(usize) -> bool,
    ) {
        self.all_tell_shared = (0..self.losers.len()).all(|source| !is_valid(source) || tells_shared(source));
        self.losers.fill(Node::NOBODY);
        self.equals = 0;
        self.base.clear();
        self.has_base = false;
        for source in 0..self.losers.len() {
            let rank = match is_valid(source) {
                true => Coding::of(key(source)).rank(|_| 0),
                false => Rank::EXHAUSTED,
            };
            if is_valid(source)
                && let Coding::Bytes(bytes, _) = Coding::of(key(source))
            {
                // So that later steps allocate for longer keys only.
                self.base.reserve(bytes.len());
            }
            // The first to come to a node waits there for its opponent.
            let mut climb = Climb { climber: Node::new(rank, source), node: self.leaf(source) / 2, seat: 0 };
            while climb.node > 0 && self.losers[climb.node] != Node::NOBODY {
                climb.climber = self.play_match(climb, &key);
                climb.node /= 2;
            }
            *if climb.node == 0 { &mut self.winner } else { &mut self.losers[climb.node] } = climb.climber;
        }
        self.climb.node = 0;
    }

    /// Remembers what is to be known of the winner, whose key is `winner_key`, before it moves.
    #[inline(always)]
    pub(super) fn prepare<K: ?Sized + Key>(&mut self, winner_key: &K) {
        match Coding::of(winner_key) {
            Coding::Bytes(bytes, _) => {
                self.has_base = !self.all_tell_shared;
                if self.has_base {
                    self.keep_base(bytes);
                }
            }
            Coding::Integer(integer) => self.integer_base = Some(integer),
            Coding::None => {}
        }
    }

    /// The same before the winner moves by a seek, after which it does not tell what its key shares with this one.
    pub(super) fn prepare_for_seek<K: ?Sized + Key>(&mut self, winner_key: &K) {
        match Coding::of(winner_key) {
            Coding::Bytes(bytes, _) => {
                self.has_base = true;
                self.keep_base(bytes);
            }
            Coding::Integer(_) | Coding::None => self.prepare(winner_key),
        }
    }

    #[inline]
    fn keep_base(&mut self, bytes: &[u8]) {
        self.base.clear();
        self.base.extend_from_slice(bytes);
    }

    /// Whether there may be duplicates.
    #[inline]
    pub(super) fn has_duplicates(&self) -> bool {
        self.equals > 0
    }

    /// A source that has the winner's key as well, if there is one. It is to be [moved](Self::duplicate_moved) before the winner, and
    /// this asked again: there may be others.
    #[inline]
    pub(super) fn next_duplicate(&mut self) -> Option<usize> {
        if self.equals == 0 { None } else { self.find_duplicate() }
    }

    /// The duplicate below which there is no other: when it has moved, nobody on its way up ties with the key that it had.
    #[inline(never)]
    fn find_duplicate(&mut self) -> Option<usize> {
        self.seat = 0;
        let mut source = self.winner();
        let mut node = self.leaf(source) / 2;
        while node > self.seat {
            if self.has_base_key(self.losers[node]) {
                self.seat = node;
                source = self.losers[node].source();
                node = self.leaf(source);
            }
            node /= 2;
        }
        (self.seat > 0).then_some(source)
    }

    /// Whether a node has the key that its rank is relative to, given that this is the base.
    #[inline]
    fn has_base_key(&self, node: Node) -> bool {
        match self.integer_base {
            Some(integer) => node.ties_with(Node::of_integer(integer)),
            None => node.rank() == Rank::EQUAL,
        }
    }

    /// Notes that the [next duplicate](Self::next_duplicate) has moved, to an entry with `moved_key` or to its end. After a panic
    /// this is to be called again.
    pub(super) fn duplicate_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: Option<&'k K>,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) {
        if self.climb.node > 0 {
            self.resume_climb(&key);
            self.equals = self.equals.saturating_sub(1);
            return;
        }
        let moved = self.losers[self.seat].source();
        let rank = moved_key.map_or(Rank::EXHAUSTED, |key| self.rank(Coding::of(key), tell_shared));
        let climb = Climb { climber: Node::new(rank, moved), node: self.leaf(moved) / 2, seat: self.seat };
        match moved_key {
            Some(moved_key) if matches!(Coding::of(moved_key), Coding::None) => {
                self.climb_by_key(climb, moved_key, &key);
            }
            _ => self.climb_with_ties(climb, &key),
        }
        self.equals = self.equals.saturating_sub(1);
    }

    /// The rank of the key to which a source has moved, relative to the base, which was its key before.
    #[inline(always)]
    fn rank(&self, coding: Coding<'_>, tell_shared: impl FnOnce() -> Option<usize>) -> Rank {
        coding.rank(|bytes| match self.has_base {
            true => shared_prefix_len(&self.base, bytes),
            false => tell_shared().unwrap_or(0),
        })
    }

    /// Finds the new winner after the old one has moved to an entry with `moved_key`. `tell_shared` asks it how many bytes of its
    /// key are those of its key before. At most one comparison a level, none against duplicates of its last key. After a panic [`resume`](Self::resume) is to be called.
    #[inline(always)]
    pub(super) fn winner_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        let coding = Coding::of(moved_key);
        let rank = self.rank(coding, tell_shared);
        let moved = self.winner();
        let climb = Climb { climber: Node::new(rank, moved), node: self.leaf(moved) / 2, seat: 0 };
        match coding {
            Coding::Bytes(..) => self.climb_with_ties(climb, &key),
            Coding::Integer(_) => self.climb_by_code(climb),
            Coding::None => self.climb_by_key(climb, moved_key, &key),
        }
        let is_duplicate = match coding {
            Coding::Integer(_) => self.has_base_key(self.winner),
            Coding::Bytes(..) | Coding::None => self.winner.rank() == Rank::EQUAL,
        };
        self.outcome(is_duplicate)
    }

    #[inline]
    fn outcome(&mut self, is_duplicate: bool) -> Outcome {
        if is_duplicate {
            self.equals = self.equals.saturating_sub(1);
            return Outcome::Duplicate;
        }
        Outcome::Entry
    }

    /// Finds the new winner after the old one has moved to its end. After a panic [`resume`](Self::resume) is to be called.
    #[inline(never)]
    pub(super) fn winner_ended<'k, K: ?Sized + Key + 'k>(&mut self, key: impl Fn(usize) -> &'k K) -> Outcome {
        let ended = self.winner();
        self.climb_with_ties(
            Climb { climber: Node::new(Rank::EXHAUSTED, ended), node: self.leaf(ended) / 2, seat: 0 },
            &key,
        );
        self.outcome_of_climb()
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
                self.resume_climb(&key);
                self.outcome_of_climb()
            }
            true => self.winner_moved(key(self.winner()), tell_shared, key),
            false => self.winner_ended(key),
        }
    }

    fn resume_climb<'k, K: ?Sized + Key + 'k>(&mut self, key: &impl Fn(usize) -> &'k K) {
        let climb = self.climb;
        self.climb.node = 0;
        self.climb_with_ties(climb, key);
    }

    fn outcome_of_climb(&mut self) -> Outcome {
        match self.winner.rank() {
            Rank::EXHAUSTED => Outcome::Exhausted,
            _ => self.outcome(self.has_base_key(self.winner)),
        }
    }

    /// Lets a climber play its way to the top where no two nodes have the same rank and keys that differ.
    #[inline]
    fn climb_by_code(&mut self, Climb { mut climber, mut node, .. }: Climb) {
        let losers = self.losers.as_mut_slice();
        while node > 0 {
            self.equals += usize::from(climber.ties_with(losers[node]));
            climber = settle_match(climber, &mut losers[node]);
            node /= 2;
        }
        self.winner = climber;
    }

    #[inline]
    fn climb_with_ties<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { mut climber, mut node, seat }: Climb,
        key: &impl Fn(usize) -> &'k K,
    ) {
        loop {
            let losers = self.losers.as_mut_slice();
            while node > seat && !climber.ties_with(losers[node]) {
                climber = settle_match(climber, &mut losers[node]);
                node /= 2;
            }
            if node <= seat {
                break;
            }
            // The comparison may panic.
            self.climb = Climb { climber, node, seat };
            climber = self.play_match(self.climb, key);
            self.climb.node = 0;
            node /= 2;
        }
        self.seat_climber(climber, seat);
    }

    /// Lets a climber play its way up where most matches are decided by the keys.
    #[inline]
    fn climb_by_key<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { mut climber, mut node, seat }: Climb,
        mut climber_key: &'k K,
        key: &impl Fn(usize) -> &'k K,
    ) {
        while node > seat {
            let opponent = self.losers[node];
            if opponent.rank() != Rank::GREATER {
                // The opponent is a duplicate, which wins, or exhausted.
                return self.climb_with_ties(Climb { climber, node, seat }, key);
            }
            // Both of these may panic.
            self.climb = Climb { climber, node, seat };
            let opponent_key = key(opponent.source());
            let order = climber_key.cmp(opponent_key);
            self.climb.node = 0;
            let wins = order.then(climber.source().cmp(&opponent.source())).is_lt();
            let mut loser = Node::select(wins, opponent, climber);
            if order.is_eq() {
                loser = Node::new(Rank::EQUAL, loser.source());
                self.equals += 1;
            }
            self.losers[node] = loser;
            climber = Node::select(wins, climber, opponent);
            climber_key = select_unpredictable(wins, climber_key, opponent_key);
            node /= 2;
        }
        self.seat_climber(climber, seat);
    }

    #[inline]
    fn seat_climber(&mut self, climber: Node, seat: usize) {
        *if seat == 0 { &mut self.winner } else { &mut self.losers[seat] } = climber;
    }

    /// Any match; who wins it climbs on. Not inlined: the compiler would make branches of what it has in common with
    /// [`settle_match`].
    #[inline(never)]
    fn play_match<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { climber, node, .. }: Climb,
        key: &impl Fn(usize) -> &'k K,
    ) -> Node {
        let opponent = self.losers[node];
        if !climber.ties_with(opponent) || matches!(climber.rank(), Rank::EQUAL | Rank::EXHAUSTED) {
            return settle_match(climber, &mut self.losers[node]);
        }
        let (order, loser_rank) = compare(climber.rank(), key(climber.source()), key(opponent.source()));
        self.equals += usize::from(order.is_eq());
        let wins = order.then(climber.source().cmp(&opponent.source())).is_lt();
        self.losers[node] = Node::new(loser_rank, Node::select(wins, opponent, climber).source());
        Node::select(wins, climber, opponent)
    }

    #[inline]
    fn leaf(&self, source: usize) -> usize {
        self.losers.len() + source
    }
}

/// A match of two whose nodes tell who wins: that one climbs on. Which it is cannot be predicted, so there is no branch here.
#[inline]
fn settle_match(climber: Node, loser: &mut Node) -> Node {
    let opponent = *loser;
    let wins = climber.is_below(opponent);
    *loser = Node::select(wins, opponent, climber);
    Node::select(wins, climber, opponent)
}
