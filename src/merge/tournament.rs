//! [`Tournament`]: which of several sources comes next.

use std::cmp::Ordering;

use crate::Key;

/// A tree of losers over *k* sources (Knuth, The Art of Computer Programming 3, 5.4.1), which never moves a source.
///
/// It is told that the winner has moved, looks at keys of sources that stand on entries, and answers who wins now: the
/// source with the smallest key, on ties the smallest index.
///
/// What always holds once it is settled:
///
/// - `nodes[0]` is the winner. For `n >= 1`, `nodes[n]` is the loser of the match at tree node `n`, whose players come up from
///   the nodes `2n` and `2n + 1`; source `i` starts at node `k + i`.
/// - Every loser on the winner's path lost to the winner itself, so its rank is relative to the winner's key. When the
///   winner moves, that key is the one that came out last, and `Rank::Equal` marks exactly the duplicates of it: they are
///   found without another comparison.
#[derive(Clone, Debug)]
pub(super) struct Tournament {
    nodes: Vec<Node>,
    /// The node of the match that the climber in `nodes[0]` has to play next; 0 when it is settled. It is kept here, not
    /// in a local variable, so that a comparison that panics leaves a match to be played again.
    climbing: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    source: usize,
    rank: Rank,
}

/// How a source compares with the key that beat it, or, for the climber, with the key that came out last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Equal,
    Greater,
    /// The source has no entries left.
    Exhausted,
    /// Nobody has come to this node yet.
    Vacant,
}

const VACANT: Node = Node { source: usize::MAX, rank: Rank::Vacant };

impl Tournament {
    /// For sources that have not moved yet. See [`rebuild`](Self::rebuild).
    pub(super) fn new(sources: usize) -> Self {
        Tournament { nodes: vec![VACANT; sources], climbing: 0 }
    }

    /// The source that comes next, or has moved since and is to climb. Must not be called without sources.
    #[inline]
    pub(super) fn winner(&self) -> usize {
        self.nodes[0].source
    }

    /// Whether no source has an entry.
    #[inline]
    pub(super) fn is_exhausted(&self) -> bool {
        self.nodes.first().is_none_or(|winner| winner.rank == Rank::Exhausted)
    }

    /// Whether the winner's key is the one that came out before it.
    #[inline]
    pub(super) fn is_duplicate(&self) -> bool {
        self.nodes[0].rank == Rank::Equal
    }

    /// Starts afresh with every source where it stands: `is_valid(i)` tells whether source `i` has an entry. *k* - 1
    /// comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
    ) {
        self.nodes.fill(VACANT);
        for source in 0..self.nodes.len() {
            let rank = if is_valid(source) { Rank::Greater } else { Rank::Exhausted };
            let mut climber = Node { source, rank };
            let mut node = (self.nodes.len() + source) / 2;
            // The first to come to a node waits there for its opponent.
            while node > 0 && self.nodes[node].rank != Rank::Vacant {
                if beats(&mut self.nodes[node], &mut climber, &key) {
                    std::mem::swap(&mut self.nodes[node], &mut climber);
                }
                node /= 2;
            }
            self.nodes[node] = climber;
        }
        self.climbing = 0;
    }

    /// Tells that the winner has moved, to an entry or to its end. [`settle`](Self::settle) must follow.
    #[inline]
    pub(super) fn winner_moved(&mut self, is_valid: bool) {
        let winner = self.nodes[0].source;
        self.nodes[0].rank = if is_valid { Rank::Greater } else { Rank::Exhausted };
        self.climbing = (self.nodes.len() + winner) / 2;
    }

    /// Lets the climber play its way up: at most one comparison a level, none against duplicates of the last key.
    #[inline]
    pub(super) fn settle<'k, K: ?Sized + Key + 'k>(&mut self, key: impl Fn(usize) -> &'k K) {
        while self.climbing > 0 {
            let (winner, losers) = self.nodes.split_at_mut(self.climbing);
            if beats(&mut losers[0], &mut winner[0], &key) {
                std::mem::swap(&mut losers[0], &mut winner[0]);
            }
            self.climbing /= 2;
        }
    }
}

/// Whether `node` wins against `climber`. Of two ranks that differ, the loser's stands as it is: what is greater than a
/// key is greater than its equals. Of two that are the same, the loser's becomes relative to the winner.
#[inline]
fn beats<'k, K: ?Sized + Key + 'k>(node: &mut Node, climber: &mut Node, key: &impl Fn(usize) -> &'k K) -> bool {
    match node.rank.cmp(&climber.rank) {
        Ordering::Less => true,
        Ordering::Greater => false,
        Ordering::Equal => {
            let order = match node.rank {
                Rank::Greater => key(node.source).cmp(key(climber.source)),
                Rank::Equal | Rank::Exhausted | Rank::Vacant => Ordering::Equal,
            };
            let node_wins = order.then(node.source.cmp(&climber.source)).is_lt();
            if order.is_eq() && node.rank == Rank::Greater {
                let loser = if node_wins { climber } else { node };
                loser.rank = Rank::Equal;
            }
            node_wins
        }
    }
}
