//! [`Queue`]: sources in the order in which they come.

use std::cmp::Ordering;
use std::mem;

use super::code::{Coding, NO_CODE};
use super::node::Node;
use super::stem::{OFF_THE_STEM, Stem};
use crate::Key;

/// Sources in the order of their keys, those with the same key in the order of their numbers.
///
/// Who has moved goes back to where its new key belongs: one comparison if it stays first, and else a binary search. So it is made for
/// data in runs, where the same source comes first again and again, or a few duplicates come before it does. Whether a source is
/// a duplicate a comparison has told when it was put behind its neighbour.
///
/// What is compared are [leading codes](Stem) of the keys, which lie in the queue itself, as far as these tell the order.
///
/// A comparison that panics leaves the queue as it was.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// The queue begins at `first`; before that is room which those who have left leave. Who [is marked](Node::is_duplicate) has the
    /// key of the one before, or of the source that was the first before. The first one's code may be an old one.
    nodes: Vec<Node>,
    first: usize,
    stem: Stem,
}

/// Among so many it is faster to look at each than to search in halves.
const FEW: usize = 16;

/// Where among the nodes a source belongs.
#[derive(Clone, Copy, Debug)]
struct Search {
    /// All before `low` come before the source, all from `high` on behind it.
    low: usize,
    high: usize,
    /// Whether the one before `low` has its key.
    is_duplicate: bool,
    /// Whether the one at `high` has.
    has_duplicate: bool,
}

impl Search {
    /// The source, which compares as `order` with the node at `index`, comes behind it if the keys are equal and `is_older`.
    #[inline]
    fn narrow(&mut self, index: usize, order: Ordering, is_older: bool) {
        match order {
            Ordering::Equal if is_older => (self.low, self.is_duplicate) = (index + 1, true),
            Ordering::Greater => (self.low, self.is_duplicate) = (index + 1, false),
            order => (self.high, self.has_duplicate) = (index, order == Ordering::Equal),
        }
    }
}

impl Queue {
    /// Without room: that is [lent](Self::swap_room).
    pub(super) fn new() -> Self {
        Queue { nodes: vec![], first: 0, stem: Stem::new() }
    }

    /// Takes over room for nodes, and gives back what it had. It should be twice as many as there are sources.
    pub(super) fn swap_room(&mut self, room: &mut Vec<Node>) {
        mem::swap(&mut self.nodes, room);
    }

    /// The first source. Meaningless when there is none.
    #[inline]
    pub(super) fn winner(&self) -> usize {
        self.nodes.get(self.first).map_or(0, |first| first.source())
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first == self.nodes.len()
    }

    /// The source behind the first one, if it has the same key.
    #[inline]
    pub(super) fn next_duplicate(&self) -> Option<usize> {
        self.nodes.get(self.first + 1).filter(|second| second.is_duplicate()).map(|second| second.source())
    }

    /// Lines up the first `sources` sources where they stand. *O(k* log *k)* comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        sources: usize,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
    ) {
        self.nodes.clear();
        self.first = 0;
        let valid = (0..sources).filter(|&source| is_valid(source));
        self.stem.fit(valid.clone().filter_map(|source| key(source).ordered_bytes()));
        // Not sorted by the standard library, which may panic if the keys' order contradicts itself.
        for source in valid {
            let node = Node::new(self.code_of(key(source)), source);
            let found = self.search(0, node, key(source), None, &key);
            self.nodes.insert(found.low, node);
            self.mark(found.low, found);
        }
    }

    /// The same for three sources whose keys have no codes, of which the first one is known already, and whether another one has its key.
    /// One comparison.
    pub(super) fn line_up_three<'k, K: ?Sized + Key + 'k>(
        &mut self,
        first: usize,
        has_duplicate: bool,
        key: impl Fn(usize) -> &'k K,
    ) {
        let [a, b] = if first == 0 { [1, 2] } else { [0, 3 - first] };
        let order = key(a).cmp(key(b));
        let [next, last] = if order.is_gt() { [b, a] } else { [a, b] };
        let [first, next, last] = [first, next, last].map(|source| Node::new(NO_CODE, source));
        self.nodes.clear();
        self.nodes.extend([first, next.duplicate_if(has_duplicate), last.duplicate_if(order.is_eq())]);
        self.first = 0;
    }

    /// Whether the first key may not begin with the stem, and so none does.
    #[inline]
    pub(super) fn is_outdated(&self) -> bool {
        self.nodes.get(self.first).is_some_and(|first| first.code() == OFF_THE_STEM)
    }

    /// Shortens the stem if it is too long. After a panic the queue has to be [rebuilt](Self::rebuild).
    pub(super) fn renew<'k, K: ?Sized + Key + 'k>(&mut self, key: impl Fn(usize) -> &'k K) {
        let (Some(first), Some(last)) = (self.nodes.get(self.first), self.nodes.last()) else { return };
        let [Some(first), Some(last)] = [first, last].map(|node| key(node.source()).ordered_bytes()) else { return };
        if self.stem.begins(first) {
            return;
        }
        self.stem.fit([first, last].into_iter());
        for index in self.first..self.nodes.len() {
            let node = self.nodes[index];
            self.nodes[index] = node.with_code(self.code_of(key(node.source())));
        }
    }

    /// A number that is less than that of another key only if the key is less.
    #[inline(always)]
    fn code_of<K: ?Sized + Key>(&self, key: &K) -> u64 {
        match Coding::of(key) {
            Coding::Bytes(bytes, order) => self.stem.code_of(bytes, order),
            Coding::Integer(integer) => integer,
            Coding::None => NO_CODE,
        }
    }

    /// How the first source, which has moved to `moved_key`, compares with the next one.
    #[inline(always)]
    pub(super) fn order_to_next<'k, K: ?Sized + Key + 'k>(
        &self,
        moved_key: &K,
        key: &impl Fn(usize) -> &'k K,
    ) -> Ordering {
        self.order_from(self.first, moved_key, key)
    }

    /// The same for a source at `from`, the first or its duplicate.
    #[inline(always)]
    fn order_from<'k, K: ?Sized + Key + 'k>(
        &self,
        from: usize,
        moved_key: &K,
        key: &impl Fn(usize) -> &'k K,
    ) -> Ordering {
        match self.nodes.get(from + 1) {
            // It has the key that the source has left.
            Some(next) if next.is_duplicate() => Ordering::Greater,
            next => self.order_to(next, moved_key, key),
        }
    }

    /// How the first source compares if the next one has not the key that the first has left.
    #[inline(always)]
    pub(super) fn order_in_run<'k, K: ?Sized + Key + 'k>(
        &self,
        moved_key: &K,
        key: impl Fn(usize) -> &'k K,
    ) -> Ordering {
        self.order_to(self.nodes.get(self.first + 1), moved_key, &key)
    }

    /// How a source that has moved compares with this one, if there is one: by the codes, if these are quickly made and tell it.
    #[inline(always)]
    fn order_to<'k, K: ?Sized + Key + 'k>(
        &self,
        other: Option<&Node>,
        moved_key: &K,
        key: &impl Fn(usize) -> &'k K,
    ) -> Ordering {
        let Some(other) = other else { return Ordering::Less };
        match Coding::of(moved_key) {
            Coding::Integer(code) => code.cmp(&other.code()),
            Coding::Bytes(..) if self.stem.is_short() => match self.code_of(moved_key).cmp(&other.code()) {
                Ordering::Equal => moved_key.cmp(key(other.source())),
                order => order,
            },
            _ => moved_key.cmp(key(other.source())),
        }
    }

    /// Lets the first source go to where `moved_key` belongs, its key now, which compares as `order` with that of the next one. Whether
    /// it stays the first.
    #[inline(always)]
    pub(super) fn first_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &K,
        order: Ordering,
        key: impl Fn(usize) -> &'k K,
    ) -> bool {
        let stays = self.first_stays(order);
        if !stays {
            self.move_back(self.first, moved_key, order, &key);
        }
        stays
    }

    /// Lets the first of three sources, whose keys have no codes, go to where `moved_key` belongs, its key now, by comparing it with both
    /// others: neither comparison waits for the other one. False if there are not three with a key; then nothing is done.
    #[inline(always)]
    pub(super) fn first_of_three_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &K,
        key: impl Fn(usize) -> &'k K,
    ) -> bool {
        let [first, second, third] = &mut self.nodes[self.first..] else { return false };
        let [node, next, last] = [Node::new(NO_CODE, first.source()), *second, *third];
        let to_next = moved_key.cmp(key(next.source()));
        let to_last = moved_key.cmp(key(last.source()));
        // Where it belongs cannot be predicted, so there is no branch on it.
        let leads = is_before(node, to_next, next);
        // Both, so that each stays in the queue once even if the keys' order contradicts itself.
        let is_not_last = leads | is_before(node, to_last, last);
        *first = Node::select_source(leads, node, next);
        let middle = Node::select_source(leads, next, Node::select_source(is_not_last, node, last));
        // Of two with one key, who is behind now is a duplicate.
        *second = middle.duplicate_if(to_next.is_eq());
        *third = Node::select_source(is_not_last, last, node).duplicate_if(to_last.is_eq());
        true
    }

    /// The same for the second of three, a duplicate.
    #[inline(always)]
    fn second_of_three_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &K,
        key: &impl Fn(usize) -> &'k K,
    ) -> bool {
        let [_, second, third] = &mut self.nodes[self.first..] else { return false };
        let [node, last] = [Node::new(NO_CODE, second.source()), *third];
        let order = if last.is_duplicate() { Ordering::Greater } else { moved_key.cmp(key(last.source())) };
        let leads = is_before(node, order, last);
        *second = Node::select_source(leads, node, last);
        *third = Node::select_source(leads, last, node).duplicate_if(order.is_eq());
        true
    }

    /// Whether the first source keeps its place, given its `order` to the next one; if the keys are equal, that is marked.
    #[inline(always)]
    pub(super) fn first_stays(&mut self, order: Ordering) -> bool {
        self.stays_before_next(self.first, order)
    }

    /// The same for a source at `from`.
    #[inline(always)]
    fn stays_before_next(&mut self, from: usize, order: Ordering) -> bool {
        match order {
            Ordering::Less => true,
            Ordering::Equal if self.nodes[from].source() < self.nodes[from + 1].source() => {
                self.nodes[from + 1].mark();
                true
            }
            _ => false,
        }
    }

    /// Lets the [duplicate](Self::next_duplicate) go to where `moved_key` belongs, its key now, or away if it has none.
    #[inline(always)]
    pub(super) fn duplicate_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: Option<&K>,
        key: impl Fn(usize) -> &'k K,
    ) {
        let Some(moved_key) = moved_key else { return self.leave_second_place() };
        if matches!(Coding::of(moved_key), Coding::None) && self.second_of_three_moved(moved_key, &key) {
            return;
        }
        let second = self.first + 1;
        let order = self.order_from(second, moved_key, &key);
        if self.stays_before_next(second, order) {
            self.nodes[second] = Node::new(self.code_of(moved_key), self.nodes[second].source());
        } else {
            self.duplicate_moves_back(moved_key, order, &key);
        }
    }

    #[inline(never)]
    fn duplicate_moves_back<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &K,
        order: Ordering,
        key: &impl Fn(usize) -> &'k K,
    ) {
        if !self.goes_last(moved_key, key) {
            self.move_back(self.first + 1, moved_key, order, key);
        }
    }

    /// Lets the duplicate go to the end if it belongs there, where many have one key: those that had it before are all there.
    #[inline(always)]
    fn goes_last<'k, K: ?Sized + Key + 'k>(&mut self, moved_key: &K, key: &impl Fn(usize) -> &'k K) -> bool {
        let [.., last] = self.nodes[self.first + 2..] else { return false };
        let has_codes = !matches!(Coding::of(moved_key), Coding::None);
        if !(last.is_duplicate() || has_codes && self.nodes[self.first + 2].is_duplicate()) {
            return false;
        }
        let source = self.nodes[self.first + 1].source();
        let order = match Coding::of(moved_key) {
            Coding::Integer(code) => code.cmp(&last.code()),
            // It is likely to have the same key, and then the same code, which need not be made.
            _ => moved_key.cmp(key(last.source())),
        };
        let node = match order {
            Ordering::Equal if last.source() < source => Node::new(last.code(), source).into_duplicate(),
            Ordering::Greater => Node::new(self.code_of(moved_key), source),
            _ => return false,
        };
        self.leave_second_place();
        self.nodes.push(node);
        self.make_room();
        true
    }

    fn leave_second_place(&mut self) {
        self.nodes[self.first + 1] = self.nodes[self.first];
        self.first += 1;
    }

    /// So that there is room for one node more.
    #[inline]
    fn make_room(&mut self) {
        if self.nodes.len() == self.nodes.capacity() {
            self.nodes.drain(..self.first);
            self.first = 0;
        }
    }

    /// Lets the first source go away: it has no key any more.
    pub(super) fn first_ended(&mut self) {
        self.first += 1;
    }

    /// Lets the source at `from` go back to where `moved_key` belongs. `order` is that of this and the next one's.
    #[inline(never)]
    fn move_back<'k, K: ?Sized + Key + 'k>(
        &mut self,
        from: usize,
        moved_key: &K,
        order: Ordering,
        key: &impl Fn(usize) -> &'k K,
    ) {
        let node = Node::new(self.code_of(moved_key), self.nodes[from].source());
        let low = match self.nodes.get(from + 2) {
            Some(other) if other.is_duplicate() => Some((from + 1, order)),
            Some(&other) if order.is_gt() => {
                let order = self::order(node, moved_key, other, key);
                order.is_ge().then_some((from + 2, order))
            }
            // Only the next one can have the same key.
            _ => None,
        };
        match low {
            Some((low, order)) => {
                let found = self.search(low, node, moved_key, Some(order), key);
                let place = self.place(from, found.low, node);
                self.mark(place, found);
            }
            None => {
                self.nodes[from] = self.nodes[from + 1];
                self.nodes[from + 1] = if order.is_eq() { node.into_duplicate() } else { node };
            }
        }
    }

    /// Where among those from `low` on a node with the key `moved_key` belongs.
    #[inline(always)]
    fn search<'k, K: ?Sized + Key + 'k>(
        &self,
        low: usize,
        node: Node,
        moved_key: &K,
        order_to_next: Option<Ordering>,
        key: &impl Fn(usize) -> &'k K,
    ) -> Search {
        let nodes = self.nodes.as_slice();
        let mut search = Search { low, high: nodes.len(), is_duplicate: false, has_duplicate: false };
        let Some(&next) = nodes.get(low) else { return search };
        let has_codes = !matches!(Coding::of(moved_key), Coding::None);
        if let Some(order) = order_to_next {
            search.narrow(low, order, next.source() < node.source());
            if order.is_gt() {
                // They have the key of the one before.
                search.low += nodes[low + 1..].iter().take_while(|other| other.is_duplicate()).count();
            }
        }
        if has_codes && search.low < search.high {
            let rest = &nodes[search.low..search.high];
            let less = match rest.len() {
                // Without a branch on what cannot be predicted.
                ..=FEW => rest.iter().filter(|other| other.code() < node.code()).count(),
                _ => rest.partition_point(|other| other.code() < node.code()),
            };
            let same = rest[less..].iter().take_while(|other| other.code() == node.code()).count();
            if less > 0 {
                (search.low, search.is_duplicate) = (search.low + less, false);
            }
            if search.low + same < search.high {
                (search.high, search.has_duplicate) = (search.low + same, false);
            }
        }
        // It is likely to belong near the front.
        let mut middle = search.low;
        while search.low < search.high {
            let other = nodes[middle];
            let order = order(node, moved_key, other, key);
            search.narrow(middle, order, other.source() < node.source());
            middle = if order.is_eq() { search.low } else { usize::midpoint(search.low, search.high) };
        }
        search
    }

    /// Puts the node at `from`, one of the first two, between those before `to` and those from there on. Returns where it is then.
    #[inline]
    fn place(&mut self, from: usize, to: usize, node: Node) -> usize {
        if to == from + 1 {
            self.nodes[from] = node;
            return from;
        }
        let end = self.nodes.len();
        // (Which of the two it is cannot be predicted, and of a few it does not matter.)
        if to - from <= FEW.max(end - to) {
            self.nodes.copy_within(from + 1..to, from);
            self.nodes[to - 1] = node;
            return to - 1;
        }
        // Behind it are fewer than before it.
        self.nodes[from] = self.nodes[self.first];
        self.first += 1;
        self.nodes.push(node);
        self.nodes.copy_within(to..end, to + 1);
        self.nodes[to] = node;
        let place = to - self.first;
        self.make_room();
        self.first + place
    }

    /// Marks the node at `place`, where it was found to belong, and the one behind it, if they are duplicates.
    #[inline]
    fn mark(&mut self, place: usize, found: Search) {
        if found.is_duplicate {
            self.nodes[place].mark();
        }
        if found.has_duplicate {
            self.nodes[place + 1].mark();
        }
    }
}

/// Whether a node comes before another one, with which it compares as `order`.
#[inline(always)]
fn is_before(node: Node, order: Ordering, other: Node) -> bool {
    order.is_lt() | (order.is_eq() & (node.source() < other.source()))
}

/// The order of two nodes, given the key of one. The codes tell, unless they are the same.
#[inline(always)]
fn order<'k, K: ?Sized + Key + 'k>(node: Node, its_key: &K, other: Node, key: &impl Fn(usize) -> &'k K) -> Ordering {
    match node.code().cmp(&other.code()) {
        Ordering::Equal if matches!(Coding::of(its_key), Coding::Integer(_)) => Ordering::Equal,
        Ordering::Equal => its_key.cmp(key(other.source())),
        order => order,
    }
}
