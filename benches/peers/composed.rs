//! What [`by_hand`](super::by_hand) does, composed of this library's combinators, over the same slices.

use std::ops::{Bound, Range};

use storage_iter::{
    ConcatFn, ConcatIterator, MergeIterator, SliceIterator, StorageIterator, TwoDifferenceIterator,
    TwoIntersectionIterator, TwoMergeIterator, TwoSymmetricDifferenceIterator, TwoUnionIterator,
};

use super::Loop;
use super::by_hand::PART;
use crate::data::{BenchKey, Entry};

/// A source on its own.
pub(crate) fn all<'a, L: Loop, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    L::run(SliceIterator::new(entries), |key, value| visit(key.borrow(), value));
}

/// `MergeIterator` over one source or several.
pub(crate) fn merge<'a, L: Loop, K: BenchKey<'a>, const N: usize>(
    sources: [&[Entry<'a, K>]; N],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    L::run(MergeIterator::new(sources.map(|entries| SliceIterator::new(entries))), |key, value| {
        visit(key.borrow(), value);
    });
}

/// `TwoMergeIterator`.
pub(crate) fn two_merge<'a, L: Loop, K: BenchKey<'a>>(
    newer: &[Entry<'a, K>],
    older: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let merged = TwoMergeIterator::new(SliceIterator::new(newer), SliceIterator::new(older));
    L::run(merged, |key, value| visit(key.borrow(), value));
}

/// `skip_tombstones`.
pub(crate) fn skip_tombstones<'a, L: Loop, K: BenchKey<'a>>(
    entries: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    L::run(SliceIterator::new(entries).skip_tombstones(), |key, value| visit(key.borrow(), value));
}

/// `between`.
pub(crate) fn between<'a, L: Loop, K: BenchKey<'a>>(
    entries: &[Entry<'a, K>],
    bounds: &Range<K>,
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (lower, upper) = (Bound::Included(bounds.start), Bound::Excluded(bounds.end));
    L::run(SliceIterator::new(entries).between(lower, upper), |key, value| visit(key.borrow(), value));
}

/// A write-set over a merge of two older layers, between two bounds, without the deletions.
pub(crate) fn composition<'a, L: Loop, K: BenchKey<'a>>(
    [newest, middle, oldest]: [&[Entry<'a, K>]; 3],
    bounds: &Range<K>,
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (lower, upper) = (Bound::Included(bounds.start), Bound::Excluded(bounds.end));
    let layers = MergeIterator::new([middle, oldest].map(|entries| SliceIterator::new(entries)));
    let view = SliceIterator::new(newest).lift_err().two_merge(layers).between(lower, upper).skip_tombstones();
    L::run(view, |key, value| visit(key.borrow(), value));
}

/// `ConcatIterator` over the parts of a source.
pub(crate) fn concat<'a, L: Loop, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    let open = |part| Ok(SliceIterator::new(&entries[part * PART..entries.len().min((part + 1) * PART)]));
    let parts = ConcatIterator::new(ConcatFn::new(entries.len().div_ceil(PART), open));
    L::run(parts, |key, value| visit(key.borrow(), value));
}

/// `TwoUnionIterator`.
pub(crate) fn two_union<'a, L: Loop, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let union = TwoUnionIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    L::run(union, |key, sides| visit(key.borrow(), sides.first()));
}

/// `TwoIntersectionIterator`.
pub(crate) fn two_intersection<'a, L: Loop, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let common = TwoIntersectionIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    L::run(common, |key, value| visit(key.borrow(), value));
}

/// `TwoDifferenceIterator`.
pub(crate) fn two_difference<'a, L: Loop, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let difference = TwoDifferenceIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    L::run(difference, |key, value| visit(key.borrow(), value));
}

/// `TwoSymmetricDifferenceIterator`.
pub(crate) fn two_symmetric_difference<'a, L: Loop, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let difference = TwoSymmetricDifferenceIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    L::run(difference, |key, sides| visit(key.borrow(), sides.first()));
}
