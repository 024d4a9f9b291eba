//! [`Tournament`]: which of several sources comes next.

use std::hint::select_unpredictable;

use super::code::{Coding, Node, Rank, compare};
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
/// - While the winner's next key is below the least loser on its path, its *rival*, it wins again, nothing is climbed, and
///   the ranks of the losers hold for all of these keys.
#[derive(Clone, Debug)]
pub(super) struct Tournament {
    winner: Node,
    losers: Vec<Node>,
    rival: Rival,
    /// How many entries in a row the winner has given.
    streak: usize,
    /// Whether the last match of equal keys was played since the winner last moved.
    has_equal: bool,
    /// How many comparisons of keys without codes were saved, compared with one a level for each entry.
    savings: usize,
    /// Whether every source tells how many bytes its key shares with its key before.
    all_tell_shared: bool,
    /// What the ranks of the losers on the winner's path are relative to: the key of the entry before or, where the winner has
    /// stayed since then, the first of these. Not kept if all sources tell what they share, and no more is to be known.
    base: Vec<u8>,
    has_base: bool,
    /// The same as `base` for keys that are integers, and only for these.
    integer_base: Option<u64>,
    climb: Climb,
}

/// Who comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The same source, which has not even climbed.
    Stays,
    /// The winner.
    Entry,
    /// The winner, with the key of the entry before, which [`prepare`](Tournament::prepare) was told of.
    Duplicate,
    /// Nobody.
    Exhausted,
}

/// A source on its way up. It is kept here so that a comparison that panics leaves a match to be played again.
#[derive(Clone, Copy, Debug)]
struct Climb {
    climber: Node,
    /// The node of the match that is played next; 0 once the climber has arrived.
    node: usize,
}

/// The least loser on the winner's path, which tells what the winner's next key must be for it to win again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rival {
    /// Not known: the winner has to climb, whatever its key is.
    Unknown,
    /// No other source has an entry.
    Nobody,
    /// The winner's key is to be the same as the base in the first `offset` bytes, and below `column` in the column there.
    Column { offset: usize, column: u64 },
    /// The winner's key is to be below that of this source. It is known since the streak had this length.
    Source { source: usize, since: usize },
}

/// Where sources take turns, looking for the rival would cost more than it saves: only a winner that has given so many entries
/// in a row is expected to stay.
const STREAK: usize = 2;
/// The same where the rival is found by comparing keys.
const STREAK_WITHOUT_CODES: usize = 6;

/// Room for the base, in bytes, before the keys are known.
const FIRST_BASE: usize = 64;

impl Tournament {
    /// For sources that have not moved yet. [`rebuild`](Self::rebuild) must follow.
    pub(super) fn new(sources: usize) -> Self {
        assert!(sources <= Node::SOURCES, "a merge of more than {} children", Node::SOURCES);
        Tournament {
            winner: Node::NOBODY,
            losers: vec![Node::NOBODY; sources],
            rival: Rival::Unknown,
            streak: 0,
            has_equal: false,
            savings: 0,
            all_tell_shared: false,
            base: Vec::with_capacity(FIRST_BASE),
            has_base: false,
            integer_base: None,
            climb: Climb { climber: Node::NOBODY, node: 0 },
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
        self.rival = Rival::Unknown;
        self.streak = 0;
        self.savings = 2 * self.levels();
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
            let mut climb = Climb { climber: Node::new(rank, source), node: self.leaf(source) / 2 };
            while climb.node > 0 && self.losers[climb.node] != Node::NOBODY {
                climb.climber = self.play_match(climb, &key);
                climb.node /= 2;
            }
            *if climb.node == 0 { &mut self.winner } else { &mut self.losers[climb.node] } = climb.climber;
        }
        self.climb.node = 0;
    }

    /// Whether the winner is expected to stay. Otherwise it is to be [prepared](Self::prepare) before it moves.
    #[inline]
    pub(super) fn knows_rival(&self) -> bool {
        self.rival != Rival::Unknown
    }

    /// Remembers what is to be known of the winner, whose key is `winner_key`, before it moves.
    #[inline(always)]
    pub(super) fn prepare<'k, K: ?Sized + Key + 'k>(&mut self, winner_key: &K, key: impl Fn(usize) -> &'k K) {
        // Where the next entry is a duplicate there is nothing to be gained.
        let has_streak = self.streak >= STREAK && !self.has_equal;
        match Coding::of(winner_key) {
            Coding::Bytes(bytes, _) => {
                if has_streak {
                    self.rival = Rival::of_bytes(self.least_loser());
                }
                self.has_base = !self.all_tell_shared || self.rival != Rival::Unknown;
                if self.has_base {
                    self.keep_base(bytes);
                }
            }
            Coding::Integer(integer) => {
                self.integer_base = Some(integer);
                if has_streak {
                    self.rival = Rival::of_integer(self.least_loser());
                }
            }
            Coding::None => {
                // Looking for the rival takes comparisons, which have to be saved first.
                if has_streak && self.streak >= STREAK_WITHOUT_CODES && self.pay_for_the_rival() {
                    self.rival = self.find_rival_by_key(&key);
                }
            }
        }
    }

    /// The same before the winner moves by a seek, after which it does not tell what its key shares with this one. It has to climb.
    pub(super) fn prepare_for_seek<K: ?Sized + Key>(&mut self, winner_key: &K) {
        match Coding::of(winner_key) {
            // A base that there is goes with what else is known.
            Coding::Bytes(bytes, _) if !self.knows_rival() => {
                self.has_base = true;
                self.keep_base(bytes);
            }
            Coding::Integer(integer) => self.integer_base = Some(integer),
            Coding::Bytes(..) | Coding::None => {}
        }
    }

    #[inline]
    fn keep_base(&mut self, bytes: &[u8]) {
        self.base.clear();
        self.base.extend_from_slice(bytes);
    }

    /// The least loser on the winner's path; of several with one code, any.
    #[inline(never)]
    fn least_loser(&self) -> Node {
        let mut least = Node::NOBODY;
        let mut node = self.leaf(self.winner()) / 2;
        while node > 0 {
            let loser = self.losers[node];
            least = Node::select(loser.is_below(least), loser, least);
            node /= 2;
        }
        least
    }

    #[inline(never)]
    fn find_rival_by_key<'k, K: ?Sized + Key + 'k>(&self, key: &impl Fn(usize) -> &'k K) -> Rival {
        let mut rival = Node::NOBODY;
        let mut node = self.leaf(self.winner()) / 2;
        while node > 0 {
            let loser = self.losers[node];
            let is_less = match loser.ties_with(rival) && loser.rank() == Rank::GREATER {
                true => key(loser.source()) < key(rival.source()),
                false => loser.is_below(rival),
            };
            if is_less {
                rival = loser;
            }
            node /= 2;
        }
        match rival.rank() {
            Rank::EQUAL => Rival::Unknown,
            Rank::EXHAUSTED => Rival::Nobody,
            _ => Rival::Source { source: rival.source(), since: self.streak },
        }
    }

    /// Finds the new winner after the old one has moved to an entry with `moved_key`. `tell_shared` asks it how many bytes of its
    /// key are those of its key before. At most one comparison a level, none against duplicates of its last key, and one in
    /// all while it stays. After a panic [`resume`](Self::resume) is to be called.
    #[inline(always)]
    pub(super) fn winner_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &'k K,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        let coding = Coding::of(moved_key);
        if self.knows_rival() && self.is_below_rival(moved_key, &key) {
            self.streak += 1;
            return Outcome::Stays;
        }
        self.forget_rival();
        let rank = coding.rank(|bytes| match self.has_base {
            true => shared_prefix_len(&self.base, bytes),
            false => tell_shared().unwrap_or(0),
        });
        let moved = self.winner();
        let climb = Climb { climber: Node::new(rank, moved), node: self.leaf(moved) / 2 };
        match coding {
            Coding::Bytes(..) => self.climb_with_ties(climb, &key),
            Coding::Integer(_) => self.climb_by_code(climb),
            Coding::None => self.climb_by_key(climb, moved_key, &key),
        }
        let is_duplicate = match coding {
            Coding::Integer(_) => Some(self.winner.integer()) == self.integer_base,
            Coding::Bytes(..) | Coding::None => self.winner.rank() == Rank::EQUAL,
        };
        if is_duplicate { Outcome::Duplicate } else { Outcome::Entry }
    }

    #[inline(always)]
    fn is_below_rival<'k, K: ?Sized + Key + 'k>(&self, moved_key: &K, key: &impl Fn(usize) -> &'k K) -> bool {
        match self.rival {
            Rival::Column { offset, column } => Coding::of(moved_key).is_below(&self.base, offset, column),
            Rival::Source { source, .. } => moved_key < key(source),
            Rival::Nobody => true,
            Rival::Unknown => false,
        }
    }

    #[inline]
    fn forget_rival(&mut self) {
        if let Rival::Source { since, .. } = self.rival {
            self.savings = self.savings.saturating_add((self.streak - since).saturating_mul(self.levels() - 1));
        }
        self.rival = Rival::Unknown;
        self.has_equal = false;
    }

    /// Finds the new winner after the old one has moved to its end. After a panic [`resume`](Self::resume) is to be called.
    #[inline(never)]
    pub(super) fn winner_ended<'k, K: ?Sized + Key + 'k>(&mut self, key: impl Fn(usize) -> &'k K) -> Outcome {
        let ended = self.winner();
        self.forget_rival();
        self.finish_climb(Climb { climber: Node::new(Rank::EXHAUSTED, ended), node: self.leaf(ended) / 2 }, &key)
    }

    /// Takes up the search for the winner where a panic has ended it, which was told `is_valid` of it.
    pub(super) fn resume<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: bool,
        tell_shared: impl FnOnce() -> Option<usize>,
        key: impl Fn(usize) -> &'k K,
    ) -> Outcome {
        match is_valid {
            _ if self.climb.node > 0 => self.finish_climb(self.climb, &key),
            true => self.winner_moved(key(self.winner()), tell_shared, key),
            false => self.winner_ended(key),
        }
    }

    fn finish_climb<'k, K: ?Sized + Key + 'k>(&mut self, climb: Climb, key: &impl Fn(usize) -> &'k K) -> Outcome {
        self.climb.node = 0;
        self.climb_with_ties(climb, key);
        if self.winner.rank() == Rank::EXHAUSTED {
            return Outcome::Exhausted;
        }
        let is_duplicate = match self.integer_base {
            Some(integer) => self.winner.integer() == integer,
            None => self.winner.rank() == Rank::EQUAL,
        };
        if is_duplicate { Outcome::Duplicate } else { Outcome::Entry }
    }

    /// A source that has the key of the entry before and is not the winner, if there is one.
    pub(super) fn duplicate(&self) -> Option<usize> {
        let is_duplicate = |node: Node| match self.integer_base {
            Some(integer) => node.integer() == integer,
            None => node.rank() == Rank::EQUAL,
        };
        let mut node = self.leaf(self.winner()) / 2;
        if self.climb.node > 0 {
            if is_duplicate(self.climb.climber) {
                return Some(self.climb.climber.source());
            }
            // Below, the matches have been played anew: their losers are relative to other keys.
            node = self.climb.node;
        }
        while node > 0 && !is_duplicate(self.losers[node]) {
            node /= 2;
        }
        (node > 0).then(|| self.losers[node].source())
    }

    /// Notes who gave the entry that is shown: `has_stayed` if it gave the one before as well.
    #[inline]
    pub(super) fn note_entry(&mut self, has_stayed: bool) {
        // Who it is cannot be predicted, so there is no branch here.
        self.streak = select_unpredictable(has_stayed, self.streak + 1, 0);
    }

    /// Lets a climber play its way up where no two nodes have the same rank and keys that differ.
    #[inline]
    fn climb_by_code(&mut self, Climb { mut climber, mut node }: Climb) {
        let losers = self.losers.as_mut_slice();
        while node > 0 {
            climber = settle_match(climber, &mut losers[node]);
            node /= 2;
        }
        self.winner = climber;
    }

    #[inline]
    fn climb_with_ties<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { mut climber, mut node }: Climb,
        key: &impl Fn(usize) -> &'k K,
    ) {
        loop {
            let losers = self.losers.as_mut_slice();
            while node > 0 && !climber.ties_with(losers[node]) {
                climber = settle_match(climber, &mut losers[node]);
                node /= 2;
            }
            if node == 0 {
                break;
            }
            // The comparison may panic.
            self.climb = Climb { climber, node };
            climber = self.play_match(self.climb, key);
            self.climb.node = 0;
            node /= 2;
        }
        self.winner = climber;
    }

    /// Lets a climber play its way up where most matches are decided by the keys.
    #[inline]
    fn climb_by_key<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { mut climber, mut node }: Climb,
        mut climber_key: &'k K,
        key: &impl Fn(usize) -> &'k K,
    ) {
        while node > 0 {
            let opponent = self.losers[node];
            if opponent.rank() != Rank::GREATER {
                // The opponent is a duplicate, which wins, or exhausted.
                return self.climb_with_ties(Climb { climber, node }, key);
            }
            // Both of these may panic.
            self.climb = Climb { climber, node };
            let opponent_key = key(opponent.source());
            let order = climber_key.cmp(opponent_key);
            self.climb.node = 0;
            if order.is_eq() {
                return self.climb_with_ties(Climb { climber, node }, key);
            }
            let wins = order.is_lt();
            self.losers[node] = Node::select(wins, opponent, climber);
            climber = Node::select(wins, climber, opponent);
            climber_key = select_unpredictable(wins, climber_key, opponent_key);
            node /= 2;
        }
        self.winner = climber;
    }

    /// Any match; who wins it climbs on. Not inlined: the compiler would make branches of what it has in common with
    /// [`settle_match`].
    #[inline(never)]
    fn play_match<'k, K: ?Sized + Key + 'k>(
        &mut self,
        Climb { climber, node }: Climb,
        key: &impl Fn(usize) -> &'k K,
    ) -> Node {
        let opponent = self.losers[node];
        if !climber.ties_with(opponent) || matches!(climber.rank(), Rank::EQUAL | Rank::EXHAUSTED) {
            return settle_match(climber, &mut self.losers[node]);
        }
        let (order, loser_rank) = compare(climber.rank(), key(climber.source()), key(opponent.source()));
        self.has_equal |= order.is_eq();
        let wins = order.then(climber.source().cmp(&opponent.source())).is_lt();
        self.losers[node] = Node::new(loser_rank, Node::select(wins, opponent, climber).source());
        Node::select(wins, climber, opponent)
    }

    /// The rival is found by one comparison less than there are levels, and one more shows that it has won.
    fn pay_for_the_rival(&mut self) -> bool {
        let price = self.levels();
        let can_pay = self.savings >= price;
        if can_pay {
            self.savings -= price;
        }
        can_pay
    }

    /// How many matches a source plays on its way up, at the most.
    #[inline]
    fn levels(&self) -> usize {
        (usize::BITS - self.losers.len().saturating_sub(1).leading_zeros()) as usize
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

impl Rival {
    fn of_bytes(least: Node) -> Self {
        match least.rank() {
            Rank::EXHAUSTED => Rival::Nobody,
            rank => rank.column().map_or(Rival::Unknown, |(offset, column)| Rival::Column { offset, column }),
        }
    }

    fn of_integer(least: Node) -> Self {
        match least.rank() {
            Rank::EXHAUSTED => Rival::Nobody,
            _ => Rival::Column { offset: 0, column: least.integer() },
        }
    }
}
