//! [`Queue`]: sources in the order in which they come.

use std::cmp::Ordering;
use std::mem;

use super::code::{Coding, Rank};
use crate::Key;
use crate::key::shared_prefix_len;

/// Sources in the order of their keys, those with the same key in the order of their numbers.
///
/// Who has moved goes back to where its new key belongs: one comparison if it stays first, and else a binary search. So it is made for
/// data in runs, where the same source comes first again and again, or a few duplicates come before it does. Whether a source is
/// a duplicate a comparison has told when it was put behind its neighbour.
///
/// The search is among [abstracts](Self::abstract_of) of the keys, which lie in the queue itself, as far as these tell the order.
///
/// A comparison that panics leaves the queue as it was.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    places: Vec<Place>,
    /// The bytes with which all keys began when it was last looked.
    stem: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The [abstract](Queue::abstract_of) of the key.
    code: u64,
    source: u32,
    /// Whether the key is that of the place before, or of the source that has left the first place.
    is_duplicate: bool,
}

/// Among so many the keys themselves are compared: abstracts would save little.
const FEW: usize = 4;

/// There is room for no more.
const LONGEST_STEM: usize = 64;

/// The abstract of keys that do not begin with the stem.
const OFF_THE_STEM: u64 = u64::MAX;

/// What became of a source that has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// It has kept its place.
    Stays,
    /// It has gone back, or has left.
    Back,
}

impl Queue {
    pub(super) fn with_capacity(sources: usize) -> Self {
        Queue { places: Vec::with_capacity(sources), stem: Vec::with_capacity(LONGEST_STEM) }
    }

    /// The first source. Meaningless when there is none.
    #[inline]
    pub(super) fn winner(&self) -> usize {
        self.places.first().map_or(0, |first| first.source as usize)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The source behind the first one, if it has the same key.
    #[inline]
    pub(super) fn next_duplicate(&self) -> Option<usize> {
        self.places.get(1).filter(|second| second.is_duplicate).map(|second| second.source as usize)
    }

    /// Whether the first source has the key of the one that was the first before it. Asked once.
    pub(super) fn take_duplicate(&mut self) -> bool {
        self.places.first_mut().is_some_and(|first| mem::take(&mut first.is_duplicate))
    }

    /// Lines up the first `sources` sources where they stand. *O(k* log *k)* comparisons.
    pub(super) fn rebuild<'k, K: ?Sized + Key + 'k>(
        &mut self,
        sources: usize,
        is_valid: impl Fn(usize) -> bool,
        key: impl Fn(usize) -> &'k K,
    ) {
        self.places.clear();
        self.stem.clear();
        for source in (0..sources).filter(|&source| is_valid(source)) {
            // Not sorted by the standard library, which may panic if the keys' order contradicts itself.
            let code = self.abstract_of(key(source));
            self.places.insert(0, Place { code, source: source as u32, is_duplicate: false });
            self.moved(0, key(source), &key);
        }
        self.find_stem(&key);
    }

    /// Looks anew with which bytes all keys begin.
    #[cold]
    #[inline(never)]
    fn find_stem<'k, K: ?Sized + Key + 'k>(&mut self, key: &impl Fn(usize) -> &'k K) {
        let (Some(first), Some(last)) = (self.places.first(), self.places.last()) else { return };
        let [first, last] = [first, last].map(|place| key(place.source as usize));
        self.stem.clear();
        if let (Some(first), Some(last)) = (first.ordered_bytes(), last.ordered_bytes()) {
            self.stem.extend_from_slice(&first[..shared_prefix_len(first, last).min(LONGEST_STEM)]);
        }
        for place in 0..self.places.len() {
            self.places[place].code = self.abstract_of(key(self.places[place].source as usize));
        }
    }

    /// A number that is less than that of another key only if the key is less: the first bytes behind the stem.
    #[inline(always)]
    fn abstract_of<K: ?Sized + Key>(&self, key: &K) -> u64 {
        match Coding::of(key) {
            Coding::Bytes(bytes, order) => match bytes.strip_prefix(self.stem.as_slice()) {
                Some(rest) => order.column(Rank::column_at(rest, 0)),
                None => OFF_THE_STEM,
            },
            Coding::Integer(integer) => integer,
            Coding::None => 0,
        }
    }

    /// Lets the first source go to where `moved_key` belongs, its key now.
    #[inline(always)]
    pub(super) fn first_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: &K,
        key: impl Fn(usize) -> &'k K,
    ) -> Moved {
        self.moved(0, moved_key, &key)
    }

    /// Lets the [duplicate](Self::next_duplicate) go to where `moved_key` belongs, its key now, or away if it has none.
    pub(super) fn duplicate_moved<'k, K: ?Sized + Key + 'k>(
        &mut self,
        moved_key: Option<&K>,
        key: impl Fn(usize) -> &'k K,
    ) {
        match moved_key {
            Some(moved_key) => {
                self.moved(1, moved_key, &key);
            }
            None => {
                self.places.remove(1);
            }
        }
    }

    /// Lets the first source go away: it has no key any more.
    pub(super) fn first_ended(&mut self) {
        self.places.remove(0);
    }

    #[inline(always)]
    fn moved<'k, K: ?Sized + Key + 'k>(&mut self, from: usize, moved_key: &K, key: &impl Fn(usize) -> &'k K) -> Moved {
        let order = match (self.places.get(from + 1), Coding::of(moved_key)) {
            (None, _) => Ordering::Less,
            (Some(next), Coding::Integer(moved)) => moved.cmp(&next.code),
            (Some(next), _) => moved_key.cmp(key(next.source as usize)),
        };
        match order {
            Ordering::Less => {}
            Ordering::Equal if self.places[from].source < self.places[from + 1].source => {
                self.places[from + 1].is_duplicate = true;
            }
            _ => return self.move_back(from, moved_key, order, key),
        }
        if from > 0 {
            // (Nobody looks at the first place's.)
            self.places[from].code = self.abstract_of(moved_key);
            self.places[from].is_duplicate = false;
        }
        Moved::Stays
    }

    /// The same for one that is not less than the next one: `order` is that of the two.
    #[inline(never)]
    fn move_back<'k, K: ?Sized + Key + 'k>(
        &mut self,
        from: usize,
        moved_key: &K,
        order: Ordering,
        key: &impl Fn(usize) -> &'k K,
    ) -> Moved {
        let source = self.places[from].source;
        let code = self.abstract_of(moved_key);
        // All before `low` come before the mover, all from `high` on behind it, and those next to it have been compared with it.
        let (mut low, mut high) = (from + 1, self.places.len());
        let (mut is_duplicate, mut has_duplicate) = (false, false);
        let (mut middle, mut order) = (low, order);
        // Where many have one key, those that had it before are all behind it.
        let mut may_come_last = self.places[low].is_duplicate;
        let mut has_codes = !may_come_last && high - low > FEW;
        loop {
            match order {
                Ordering::Equal if self.places[middle].source < source => (low, is_duplicate) = (middle + 1, true),
                Ordering::Greater => (low, is_duplicate) = (middle + 1, false),
                order => (high, has_duplicate) = (middle, order == Ordering::Equal),
            }
            if has_codes && !is_duplicate {
                let first_of_code = low + self.places[low..high].partition_point(|place| place.code < code);
                let behind_code =
                    first_of_code + self.places[first_of_code..high].partition_point(|place| place.code == code);
                (low, high) = (first_of_code, behind_code);
                has_codes = false;
            }
            if low == high {
                break;
            }
            middle = if may_come_last { high - 1 } else { usize::midpoint(low, high) };
            may_come_last = false;
            order = moved_key.cmp(key(self.places[middle].source as usize));
        }
        self.places.copy_within(from + 1..low, from);
        self.places[low - 1] = Place { code, source, is_duplicate };
        if let Some(behind) = self.places.get_mut(low) {
            behind.is_duplicate = has_duplicate;
        }
        if low == from + 1 {
            return Moved::Stays;
        }
        if from == 0 && self.places[0].code == OFF_THE_STEM && !self.stem.is_empty() {
            // Then all are off it.
            self.find_stem(key);
        }
        Moved::Back
    }
}
