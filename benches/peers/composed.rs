//! What [`by_hand`](super::by_hand) does, composed of this library's combinators, over the same slices.

use std::ops::{Bound, Range};

use storage_iter::{
    ConcatFn, ConcatIterator, MergeIterator, SliceIterator, StorageIterator, TwoDifferenceIterator,
    TwoIntersectionIterator, TwoMergeIterator, TwoSymmetricDifferenceIterator, TwoUnionIterator,
};

use super::by_hand::PART;
use super::visit_all;
use crate::data::{BenchKey, Entry};

/// A source on its own.
pub(crate) fn all<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    visit_all(SliceIterator::new(entries), |key, value| visit(key.borrow(), value));
}

/// `MergeIterator` over one source or several.
pub(crate) fn merge<'a, K: BenchKey<'a>, const N: usize>(
    sources: [&[Entry<'a, K>]; N],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    visit_all(MergeIterator::new(sources.map(|entries| SliceIterator::new(entries))), |key, value| {
        visit(key.borrow(), value);
    });
}

/// The same by `for_each`.
pub(crate) fn merge_for_each<'a, K: BenchKey<'a>, const N: usize>(
    sources: [&[Entry<'a, K>]; N],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let merged = MergeIterator::new(sources.map(|entries| SliceIterator::new(entries)));
    merged.for_each(|key, value| visit(key.borrow(), value)).expect("slices do not fail");
}

/// `TwoMergeIterator`.
pub(crate) fn two_merge<'a, K: BenchKey<'a>>(
    newer: &[Entry<'a, K>],
    older: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let merged = TwoMergeIterator::new(SliceIterator::new(newer), SliceIterator::new(older));
    visit_all(merged, |key, value| visit(key.borrow(), value));
}

/// `skip_tombstones`.
pub(crate) fn skip_tombstones<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    visit_all(SliceIterator::new(entries).skip_tombstones(), |key, value| visit(key.borrow(), value));
}

/// `between`.
pub(crate) fn between<'a, K: BenchKey<'a>>(
    entries: &[Entry<'a, K>],
    bounds: &Range<K>,
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (lower, upper) = (Bound::Included(bounds.start), Bound::Excluded(bounds.end));
    visit_all(SliceIterator::new(entries).between(lower, upper), |key, value| visit(key.borrow(), value));
}

/// A write-set over a merge of two older layers, between two bounds, without the deletions.
pub(crate) fn composition<'a, K: BenchKey<'a>>(
    [newest, middle, oldest]: [&[Entry<'a, K>]; 3],
    bounds: &Range<K>,
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let (lower, upper) = (Bound::Included(bounds.start), Bound::Excluded(bounds.end));
    let layers = MergeIterator::new([middle, oldest].map(|entries| SliceIterator::new(entries)));
    let view = SliceIterator::new(newest).lift_err().two_merge(layers).between(lower, upper).skip_tombstones();
    visit_all(view, |key, value| visit(key.borrow(), value));
}

/// `ConcatIterator` over the parts of a source.
pub(crate) fn concat<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    let open = |part| Ok(SliceIterator::new(&entries[part * PART..entries.len().min((part + 1) * PART)]));
    let parts = ConcatIterator::new(ConcatFn::new(entries.len().div_ceil(PART), open));
    visit_all(parts, |key, value| visit(key.borrow(), value));
}

/// The same by `for_each`.
pub(crate) fn concat_for_each<'a, K: BenchKey<'a>>(entries: &[Entry<'a, K>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    let open = |part| Ok(SliceIterator::new(&entries[part * PART..entries.len().min((part + 1) * PART)]));
    let parts = ConcatIterator::new(ConcatFn::new(entries.len().div_ceil(PART), open));
    parts.for_each(|key, value| visit(key.borrow(), value)).expect("slices do not fail");
}

/// `TwoUnionIterator`.
pub(crate) fn two_union<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let union = TwoUnionIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    visit_all(union, |key, sides| visit(key.borrow(), sides.first()));
}

/// `TwoIntersectionIterator`.
pub(crate) fn two_intersection<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let common = TwoIntersectionIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    visit_all(common, |key, value| visit(key.borrow(), value));
}

/// `TwoDifferenceIterator`.
pub(crate) fn two_difference<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let difference = TwoDifferenceIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    visit_all(difference, |key, value| visit(key.borrow(), value));
}

/// `TwoSymmetricDifferenceIterator`.
pub(crate) fn two_symmetric_difference<'a, K: BenchKey<'a>>(
    one: &[Entry<'a, K>],
    other: &[Entry<'a, K>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let difference = TwoSymmetricDifferenceIterator::new(SliceIterator::new(one), SliceIterator::new(other));
    visit_all(difference, |key, sides| visit(key.borrow(), sides.first()));
}
