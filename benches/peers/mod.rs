//! The ways to merge that the benchmarks compare: one a file, each written as well as its kind allows.
//!
//! All of them read the same slices of pairs ([`crate::data`]) and hand every entry that comes out to a closure, so that
//! they are timed and checked with the same code.

mod binary_heap;
mod boxed;
pub(crate) mod by_hand;
pub(crate) mod composed;
mod drain;
mod itertools;
mod storage_iter;

use std::fmt::Debug;

use ::storage_iter::{BorrowedIterator, SliceIterator, StorageIterator};

use crate::data::{BenchKey, Digest, Entry, Touch};

/// A row of the benchmarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Peer {
    /// This library's `MergeIterator`.
    StorageIter,
    /// itertools' `kmerge_by` and `dedup_by`.
    Itertools,
    /// The textbook's merge: a `BinaryHeap` of sources.
    BinaryHeap,
    /// This library's `MergeIterator` over boxed sources.
    Boxed,
    /// No merge: every source read to its end, one by one.
    Drain,
    /// No merge: the same, with one comparison of each key against a fixed one.
    DrainCompare,
}

/// What a peer makes of the sources, if it is to be compared with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every key once, the entry of the source with the smallest index.
    Merge,
    /// Every key once, the entry of any source that has it.
    MergeWithAnyEntry,
    /// Not a merge: a floor below which none can go.
    Floor,
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Peer::StorageIter => "storage-iter",
            Peer::Itertools => "itertools",
            Peer::BinaryHeap => "binary heap",
            Peer::Boxed => "boxed children",
            Peer::Drain => "drain",
            Peer::DrainCompare => "drain + compare",
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Peer::StorageIter | Peer::BinaryHeap | Peer::Boxed => Kind::Merge,
            Peer::Itertools => Kind::MergeWithAnyEntry,
            Peer::Drain | Peer::DrainCompare => Kind::Floor,
        }
    }

    /// Merges and touches every entry. This is what is timed.
    #[inline(never)]
    pub(crate) fn run<'a, K: BenchKey<'a>>(self, sources: &[Vec<Entry<'a, K>>]) -> u64 {
        let mut sum = 0;
        self.visit(sources, |key, value| touch(&mut sum, key, value));
        sum
    }

    /// Merges and takes a checksum of every byte that comes out.
    pub(crate) fn digest<'a, K: BenchKey<'a>>(self, sources: &[Vec<Entry<'a, K>>]) -> Digest {
        let mut digest = Digest::default();
        self.visit(sources, |key, value| digest.add(key, value));
        digest
    }

    fn visit<'a, K: BenchKey<'a>>(self, sources: &[Vec<Entry<'a, K>>], visit: impl FnMut(&K::Lent, &[u8])) {
        match self {
            Peer::StorageIter => storage_iter::merge(sources, visit),
            Peer::Itertools => itertools::merge(sources, visit),
            Peer::BinaryHeap => binary_heap::merge(sources, visit),
            Peer::Boxed => boxed::merge(sources, visit),
            Peer::Drain => drain::drain(sources, visit),
            Peer::DrainCompare => drain::drain_and_compare(sources, visit),
        }
    }
}

/// What is done with every entry while the clock runs: lengths and first bytes are read.
#[inline]
pub(crate) fn touch<K: ?Sized + Touch>(sum: &mut u64, key: &K, value: &[u8]) {
    let first = value.first().copied().unwrap_or_default();
    *sum = sum.wrapping_add(key.touch()).wrapping_add(value.len() as u64).wrapping_add(u64::from(first));
}

/// A source as a storage iterator. All peers that merge storage iterators get it.
fn source<'s, 'a, K: BenchKey<'a>>(
    entries: &'s [Entry<'a, K>],
) -> BorrowedIterator<SliceIterator<'s, K, &'a [u8]>, K::Lent, [u8]> {
    SliceIterator::new(entries).borrowed()
}

/// A way to hand over what is left in an iterator.
pub(crate) trait Loop {
    fn run<I: StorageIterator<Error: Debug>>(iterator: I, visit: impl FnMut(&I::Key, &I::Value));
}

/// A loop around `next`.
pub(crate) struct ByNext;

impl Loop for ByNext {
    #[inline(always)]
    fn run<I: StorageIterator<Error: Debug>>(iterator: I, visit: impl FnMut(&I::Key, &I::Value)) {
        visit_all(iterator, visit);
    }
}

/// The iterator's own loop.
pub(crate) struct ByForEach;

impl Loop for ByForEach {
    #[inline(always)]
    fn run<I: StorageIterator<Error: Debug>>(iterator: I, visit: impl FnMut(&I::Key, &I::Value)) {
        iterator.for_each(visit).expect("slices do not fail");
    }
}

/// Hands over what is left in `iterator`: the loop as a user writes it, in the function that has the iterator. A call with
/// the iterator behind a pointer would keep it in memory.
#[inline(always)]
fn visit_all<I: StorageIterator<Error: Debug>>(mut iterator: I, mut visit: impl FnMut(&I::Key, &I::Value)) {
    while iterator.next().expect("slices do not fail") {
        visit(iterator.key(), iterator.value());
    }
}
