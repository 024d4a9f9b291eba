//! The loops that somebody would write by hand over slices: what the combinators must compile to.

use std::cmp::Ordering;
use std::ops::Range;
use std::slice;

use crate::data::{BenchKey, Entry};

/// Every entry of one source.
pub(crate) fn all<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    for (key, value) in entries {
        visit(key.borrow(), value);
    }
}

/// Every key of either source; where both have it, the entry of `newer`.
pub(crate) fn two_merge<'a, K: BenchKey<'a>>(
    newer: &[Entry<'a, K>],
    older: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (mut a, mut b) = (0, 0);
    while a < newer.len() && b < older.len() {
        let order = newer[a].0.cmp(&older[b].0);
        let (key, value) = if order.is_le() { &newer[a] } else { &older[b] };
        visit(key.borrow(), value);
        match order {
            Ordering::Less => a += 1,
            Ordering::Equal => {
                a += 1;
                b += 1;
            }
            Ordering::Greater => b += 1,
        }
    }
    for (key, value) in newer[a..].iter().chain(&older[b..]) {
        visit(key.borrow(), value);
    }
}

/// The entries that are not deletions.
pub(crate) fn skip_tombstones<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    for (key, value) in entries {
        if !value.is_empty() {
            visit(key.borrow(), value);
        }
    }
}

/// The entries between two bounds, read from the first entry on, as if it were not a slice that can be searched.
pub(crate) fn between<'a, K: BenchKey<'a>>(
    entries: &[Entry<'a, K>],
    bounds: &Range<K>,
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    for (key, value) in entries.iter().skip_while(|(key, _)| *key < bounds.start) {
        if *key >= bounds.end {
            break;
        }
        visit(key.borrow(), value);
    }
}

/// How many entries a part of [`concat`] has.
pub(crate) const PART: usize = 100;

/// Every entry of the parts of a source, one part after the other.
pub(crate) fn concat<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    for part in entries.chunks(PART) {
        for (key, value) in part {
            visit(key.borrow(), value);
        }
    }
}

/// The entries of `one` whose keys are in `other` as well.
pub(crate) fn two_intersection<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        match one[a].0.cmp(&other[b].0) {
            Ordering::Less => a += 1,
            Ordering::Equal => {
                visit(one[a].0.borrow(), one[a].1);
                a += 1;
                b += 1;
            }
            Ordering::Greater => b += 1,
        }
    }
}

/// The entries of `one` whose keys are not in `other`.
pub(crate) fn two_difference<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        match one[a].0.cmp(&other[b].0) {
            Ordering::Less => {
                visit(one[a].0.borrow(), one[a].1);
                a += 1;
            }
            Ordering::Equal => {
                a += 1;
                b += 1;
            }
            Ordering::Greater => b += 1,
        }
    }
    for (key, value) in &one[a..] {
        visit(key.borrow(), value);
    }
}

/// The entries of either source whose keys are not in the other one.
pub(crate) fn two_symmetric_difference<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        match one[a].0.cmp(&other[b].0) {
            Ordering::Less => {
                visit(one[a].0.borrow(), one[a].1);
                a += 1;
            }
            Ordering::Equal => {
                a += 1;
                b += 1;
            }
            Ordering::Greater => {
                visit(other[b].0.borrow(), other[b].1);
                b += 1;
            }
        }
    }
    for (key, value) in one[a..].iter().chain(&other[b..]) {
        visit(key.borrow(), value);
    }
}

/// A write-set over two older layers, between two bounds, without the deletions, in one loop.
pub(crate) fn composition<'a, K: BenchKey<'a>>(
    [newest, middle, oldest]: [&[Entry<'a, K>]; 3],
    bounds: &Range<K>,
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let mut newest = newest.iter();
    let mut layers = Two::new(middle, oldest);
    let (mut newer, mut older) = (newest.next(), layers.next());
    let mut is_inside = false;
    loop {
        let order = match (newer, older) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let entry = if order.is_le() { newer } else { older };
        if order.is_le() {
            newer = newest.next();
        }
        if order.is_ge() {
            older = layers.next();
        }
        let Some((key, value)) = entry else { break };
        is_inside = is_inside || *key >= bounds.start;
        if !is_inside {
            continue;
        }
        if *key >= bounds.end {
            break;
        }
        if !value.is_empty() {
            visit(key.borrow(), value);
        }
    }
}

/// Two sources and the entries of both that come next.
struct Two<'s, 'a, K> {
    a: slice::Iter<'s, Entry<'a, K>>,
    b: slice::Iter<'s, Entry<'a, K>>,
    next_a: Option<&'s Entry<'a, K>>,
    next_b: Option<&'s Entry<'a, K>>,
}

impl<'s, 'a, K: BenchKey<'a>> Two<'s, 'a, K> {
    fn new(a: &'s [Entry<'a, K>], b: &'s [Entry<'a, K>]) -> Self {
        let (mut a, mut b) = (a.iter(), b.iter());
        Two { next_a: a.next(), next_b: b.next(), a, b }
    }

    #[inline]
    fn next(&mut self) -> Option<&'s Entry<'a, K>> {
        let order = match (self.next_a, self.next_b) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let entry = if order.is_le() { self.next_a } else { self.next_b };
        if order.is_le() {
            self.next_a = self.a.next();
        }
        if order.is_ge() {
            self.next_b = self.b.next();
        }
        entry
    }
}
