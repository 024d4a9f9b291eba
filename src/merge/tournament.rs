//! [`Tournament`]: which of several sources comes next.

use std::cmp::Ordering;
use std::hint::select_unpredictable;

use super::code::{Coding, Node, Rank, compare};
use crate::Key;
use crate::key::shared_prefix_len;

/// A tree of losers over *k* sources (Knuth, The Art of Computer Programming 3, 5.4.1) with offset-value codes ([`Rank`]),
/// which never moves a source.
///
/// It is told that a source has moved, looks at keys of sources that stand on entries, and answers who wins now: the source
/// with the smallest key, on ties the smallest index.
///
/// What always holds while it is settled:
///
/// - For `n >= 1`, `losers[n]` is the loser of the match at tree node `n`, whose players come up from the nodes `2n` and
///   `2n + 1`; source `i` starts at node `k + i`.
/// - The rank of a loser is relative to the key that beat it, so the losers on the winner's path, which have all lost to the
///   winner, have ranks relative to the winner's key. `Rank::EQUAL` marks exactly the *duplicates* of it: they are found without
///   another comparison. They have to move before the winner does.
/// - While the winner's next key is below the least loser on its path, its *rival*, it wins again, nothing is climbed, and
///   the ranks of the losers hold for all of these keys.
#[derive(Clone, Debug)]
pub(super) struct Tournament {
    winner: Node,
    losers: Vec<Node>,
    /// How many losers have the rank `EQUAL`.
    equals: usize,
    prospect: Prospect,
    /// How many entries in a row the winner has given.
    streak: u32,
    /// For how many more changes of the winner the new one is expected to stay.
    momentum: u32,
    /// How many comparisons of keys without codes were saved, compared with one a level for each entry.
    savings: usize,
    /// The winner's key when `prospect` was found out, if `has_base`. Not kept if the winner tells how much its next key shares
    /// with the last one, and no more is to be known.
    base: Vec<u8>,
    has_base: bool,
    climb: Climb,
}

/// A source on its way up. It is kept here so that a comparison that panics leaves a match to be played again.
#[derive(Clone, Copy, Debug)]
struct Climb {
    climber: Node,
    /// The node of the match that is played next. Once it is not above `top` any more, the climber has arrived.
    node: usize,
    /// The node at which the climber is put: a duplicate's own place, or 0 for the winner.
    top: usize,
}

/// What the winner's next key must be for it to win again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prospect {
    /// To be found out before the winner moves.
    Unknown,
    /// Whatever it is, it has to climb.
    Climbs,
    /// No other source has an entry.
    Alone,
    /// The same as the base in the first `offset` bytes, and below `column` in the column there.
    BelowColumn { offset: usize, column: u64 },
    /// Below the key of this source.
    BelowKey { rival: usize },
}

/// Where sources take turns, looking for the rival would cost more than it saves. A winner is expected to stay when it has
/// given so many entries in a row.
const STREAK: u32 = 6;
/// After a streak of this length, the next winners are expected to stay at once, as many of them as the constant below says.
const LONG_STREAK: u32 = 8;
const MOMENTUM: u32 = 2;

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
            prospect: Prospect::Unknown,
            streak: 0,
            momentum: 0,
            savings: 0,
            base: Vec::with_capacity(FIRST_BASE),
            has_base: false,
            climb: Climb { climber: Node::NOBODY, node: 0, top: 0 },
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

    /// Whether there may be a [`duplicate`](Self::duplicate).
    #[inline]
    pub(super) fn has_duplicates(&self) -> bool {
        self.equals > 0
    }

    /// The source with the smallest index among those that have the winner's key as well.
    #[inline]
    pub(super) fn duplicate(&self) -> Option<usize> {
        if self.equals == 0 {
            return None;
        }
        let mut duplicate = Node::NOBODY;
        let mut node = self.leaf(self.winner()) / 2;
        while node > 0 {
            let loser = self.losers[node];
            if loser.rank() == Rank::EQUAL && loser.source() < duplicate.source() {
                duplicate = loser;
            }
            node /= 2;
        }
        (duplicate != Node::NOBODY).then(|| duplicate.source())
    }

    /// Starts afresh with every source where it stands: `is_valid(i)` tells whether source `i` has an entry. *k* - 1
    /// comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
    ) {
        self.losers.fill(Node::NOBODY);
        self.equals = 0;
        self.prospect = Prospect::Unknown;
        self.streak = 0;
        self.momentum = 0;
        self.savings = 2 * self.levels();
        for source in 0..self.losers.len() {
            let rank = match is_valid(source) {
                true => Coding::of(key(source)).rank(|_| 0),
                false => Rank::EXHAUSTED,
            };
            self.climb.climber = Node::new(rank, source);
            self.climb.node = self.leaf(source) / 2;
            if is_valid(source)
                && let Coding::Bytes(bytes) = Coding::of(key(source))
            {
                // So that later steps allocate for longer keys only.
                self.base.reserve(bytes.len());
            }
            // The first to come to a node waits there for its opponent.
            self.climb.top = self.find_above(source, Node::NOBODY.source());
            self.play_to_the_top(&key);
        }
    }

    /// Remembers what is to be known of the winner before it moves, if that was not done. `tells_shared`: it will tell
    /// how many bytes its next key shares with this one.
    #[inline]
    pub(super) fn prepare<'k, K: ?Sized + Key + 'k>(
        &mut self,
        key: impl Fn(usize) -> &'k K,
        tells_shared: impl Fn(usize) -> bool,
    ) {
        if self.prospect != Prospect::Unknown {
            return;
        }
        let coding = Coding::of(key(self.winner()));
        let is_expected_to_stay = self.momentum > 0 || self.streak >= STREAK;
        // Looking for the rival of a key without codes takes comparisons, which have to be saved first.
        let may_stay = is_expected_to_stay && (!matches!(coding, Coding::None) || self.pay_for_the_rival());
        self.has_base = false;
        if let Coding::Bytes(bytes) = coding
            && (may_stay || !tells_shared(self.winner()))
        {
            self.base.clear();
            self.base.extend_from_slice(bytes);
            self.has_base = true;
        }
        self.prospect = if may_stay { self.find_prospect(&key) } else { Prospect::Climbs };
    }

    fn find_prospect<'k, K: ?Sized + Key + 'k>(&self, key: &impl Fn(usize) -> &'k K) -> Prospect {
        let mut rival = Node::NOBODY;
        let mut node = self.leaf(self.winner()) / 2;
        while node > 0 {
            let loser = self.losers[node];
            let is_less = match loser.high() == rival.high() {
                true if loser.rank() == Rank::GREATER => key(loser.source()) < key(rival.source()),
                // Of two losers with one code either will do: the winner is below both if it is below the code.
                true => loser.rank() < rival.rank(),
                false => loser.high() < rival.high(),
            };
            if is_less {
                rival = loser;
            }
            node /= 2;
        }
        match rival.rank() {
            Rank::EXHAUSTED => Prospect::Alone,
            Rank::GREATER => Prospect::BelowKey { rival: rival.source() },
            rank => rank.column().map_or(Prospect::Climbs, |(offset, column)| Prospect::BelowColumn { offset, column }),
        }
    }

    /// Whether the winner, which has moved to `moved`, is known to win again. Otherwise it is to climb, see
    /// [`winner_moved`](Self::winner_moved).
    #[inline]
    pub(super) fn stays<'k, K: ?Sized + Key + 'k>(&mut self, moved: &K, key: impl Fn(usize) -> &'k K) -> bool {
        let stays = match self.prospect {
            Prospect::BelowColumn { offset, column } => Coding::of(moved).is_below(&self.base, offset, column),
            Prospect::BelowKey { rival } => {
                let stays = moved < key(rival);
                if stays {
                    self.savings = self.savings.saturating_add(self.levels() - 1);
                }
                stays
            }
            Prospect::Alone => true,
            Prospect::Climbs | Prospect::Unknown => false,
        };
        self.streak = self.streak.wrapping_add(u32::from(stays));
        stays
    }

    /// Finds the new winner after the old one has moved to its end or, if `is_valid`, to an entry. `tell_shared` asks it how
    /// many bytes of its key are those of its key before. After a panic it is to be called again.
    #[inline]
    pub(super) fn winner_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: bool,
        key: impl Fn(usize) -> &'k K,
        tell_shared: impl Fn(usize) -> Option<usize>,
    ) {
        let moved = self.winner();
        if self.climb.node == 0 {
            let rank = match is_valid {
                true => Coding::of(key(moved)).rank(|bytes| match self.has_base {
                    true => shared_prefix_len(&self.base, bytes),
                    false => tell_shared(moved).unwrap_or(0),
                }),
                false => Rank::EXHAUSTED,
            };
            self.climb = Climb { climber: Node::new(rank, moved), node: self.leaf(moved) / 2, top: 0 };
        }
        self.play_to_the_top(&key);
        self.prospect = Prospect::Unknown;
        // Whether it has won again cannot be predicted either, so there is no branch here.
        let has_stayed = self.winner() == moved;
        let momentum = if self.streak >= LONG_STREAK { MOMENTUM } else { self.momentum.saturating_sub(1) };
        self.momentum = select_unpredictable(has_stayed, self.momentum, momentum);
        self.streak = select_unpredictable(has_stayed, self.streak.wrapping_add(1), 0);
    }

    /// Finds the new place of the duplicate of the winner's key that has moved to its end or, if `is_valid`, to an entry. After a
    /// panic it is to be called again.
    pub(super) fn duplicate_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        duplicate: usize,
        is_valid: bool,
        key: impl Fn(usize) -> &'k K,
    ) {
        if self.climb.node == 0 {
            let rank = match is_valid {
                // The key that it had is the winner's.
                true => Coding::of(key(duplicate)).rank(|bytes| match Coding::of(key(self.winner())) {
                    Coding::Bytes(base) => shared_prefix_len(base, bytes),
                    Coding::Integer(_) | Coding::None => 0,
                }),
                false => Rank::EXHAUSTED,
            };
            let top = self.find_above(duplicate, duplicate);
            let climber = Node::new(rank, duplicate);
            self.equals -= 1;
            self.climb = Climb { climber, node: self.leaf(duplicate) / 2, top };
        }
        self.play_to_the_top(&key);
        self.prospect = Prospect::Unknown;
    }

    /// Lets the climber play its way up: at most one comparison a level, none against duplicates of its last key.
    #[inline]
    fn play_to_the_top<'k, K: ?Sized + Key + 'k>(&mut self, key: &impl Fn(usize) -> &'k K) {
        let Climb { mut climber, mut node, top } = self.climb;
        while node > top {
            let opponent = self.losers[node];
            // Who wins cannot be predicted, so nothing branches on that.
            let wins = match climber.high() == opponent.high() {
                false => climber.high() < opponent.high(),
                true if climber.rank() != opponent.rank() => climber.rank() < opponent.rank(),
                true => {
                    // The comparison may panic.
                    self.climb = Climb { climber, node, top };
                    climber = self.play_equals(key);
                    node /= 2;
                    continue;
                }
            };
            self.losers[node] = Node::select(wins, opponent, climber);
            climber = Node::select(wins, climber, opponent);
            node /= 2;
        }
        *if top == 0 { &mut self.winner } else { &mut self.losers[top] } = climber;
        self.climb.node = 0;
    }

    /// The match of a climber and an opponent of one rank; who wins it climbs on.
    #[inline]
    fn play_equals<'k, K: ?Sized + Key + 'k>(&mut self, key: &impl Fn(usize) -> &'k K) -> Node {
        let Climb { climber, node, .. } = self.climb;
        let opponent = self.losers[node];
        let (order, loser_rank) = match climber.rank() {
            rank @ (Rank::EQUAL | Rank::EXHAUSTED) => (Ordering::Equal, rank),
            rank => {
                let (order, loser_rank) = compare(rank, key(climber.source()), key(opponent.source()));
                self.equals += usize::from(loser_rank == Rank::EQUAL);
                (order, loser_rank)
            }
        };
        let wins = order.then(climber.source().cmp(&opponent.source())).is_lt();
        let (winner, loser) = (Node::select(wins, climber, opponent), Node::select(wins, opponent, climber));
        self.losers[node] = Node::new(loser_rank, loser.source());
        winner
    }

    /// The lowest node above the leaf of a source where `loser` waits, or 0 if it does not wait there.
    #[inline]
    fn find_above(&self, source: usize, loser: usize) -> usize {
        let mut node = self.leaf(source) / 2;
        while node > 0 && self.losers[node].source() != loser {
            node /= 2;
        }
        node
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
