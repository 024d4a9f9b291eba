//! [`visit_every_composition`]: every combinator, alone and nested, over leaves of the caller's choice.

use std::borrow::Borrow;
use std::fmt::Debug;
use std::ops::{Bound, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use storage_iter::testing::Contract;
use storage_iter::{
    BetweenIterator, BorrowedIterator, ConcatChildren, ConcatIterator, IntersectionIterator, Key, MergeAllIterator,
    MergeIterator, PairsIterator, StorageIterator, TwoMergeIterator, UnionIterator,
};

use super::moments::{Moment, happened};
use super::{Entry, Failure, Failures, HostileIterator, Layers, Origin, WatchedIterator, WatchedKey, watched};

/// Hands out the leaves of a composition, over one layer each.
pub trait Leaves {
    /// The leaves' keys.
    type Key: ?Sized + Key + ToOwned<Owned: Key + Clone + Debug> + 'static;

    /// The leaves.
    type Leaf: StorageIterator<Key = Self::Key, Value = [u8], Error = Failure> + Clone + 'static;

    /// The layers.
    fn layers(&self) -> &Layers;

    /// A new leaf over one layer, or over none where there are not as many; `path` leads to it from the top.
    fn leaf(&self, layer: usize, path: &[usize]) -> Self::Leaf;

    /// A key.
    fn key(bytes: &[u8]) -> <Self::Key as ToOwned>::Owned;
}

/// Leaves that fail.
#[derive(Clone, Debug)]
pub struct HostileLeaves {
    layers: Layers,
    failures: Arc<Failures>,
    failed: Arc<AtomicUsize>,
}

impl HostileLeaves {
    /// Leaves over `layers` that fail as `failures` says.
    pub fn new(layers: &Layers, failures: Failures) -> Self {
        HostileLeaves { layers: layers.clone(), failures: Arc::new(failures), failed: Arc::default() }
    }

    /// How many failures the leaves have answered with since this was asked last.
    pub fn take_failed(&self) -> usize {
        self.failed.swap(0, Ordering::Relaxed)
    }
}

impl Leaves for HostileLeaves {
    type Key = [u8];
    type Leaf = HostileIterator;

    fn layers(&self) -> &Layers {
        &self.layers
    }

    fn leaf(&self, layer: usize, path: &[usize]) -> HostileIterator {
        HostileIterator::new(self.layers.layer(layer), layer, Arc::clone(&self.failures), path)
            .counting_in(&self.failed)
    }

    fn key(bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }
}

/// Leaves whose calls and comparisons are [`moments`](super::moments).
#[derive(Clone, Debug)]
pub struct WatchedLeaves(pub Layers);

impl Leaves for WatchedLeaves {
    type Key = WatchedKey;
    type Leaf = WatchedIterator;

    fn layers(&self) -> &Layers {
        &self.0
    }

    fn leaf(&self, layer: usize, _path: &[usize]) -> WatchedIterator {
        watched(self.0.layer(layer))
    }

    fn key(bytes: &[u8]) -> WatchedKey {
        WatchedKey(bytes.to_vec())
    }
}

/// What is special about a composition.
#[derive(Clone, Copy, Debug)]
pub struct Composition {
    /// What it is.
    pub name: &'static str,
    /// Its keys are non-decreasing only.
    pub keeps_duplicates: bool,
    /// It has no state: it hands every call to its child, `is_valid` as well.
    pub passes_is_valid_on: bool,
    /// Its first error is final.
    pub is_fused: bool,
}

impl Composition {
    /// One with nothing special.
    pub fn of(name: &'static str) -> Self {
        Composition { name, keeps_duplicates: false, passes_is_valid_on: false, is_fused: false }
    }

    /// What it promises.
    pub fn contract(&self) -> Contract {
        let mut contract = Contract::new();
        if self.keeps_duplicates {
            contract = contract.keeping_duplicates();
        }
        if self.passes_is_valid_on {
            contract = contract.passing_calls_on();
        }
        if self.is_fused {
            contract = contract.fused();
        }
        contract
    }
}

/// What to do with every composition.
pub trait Visitor<L: Leaves> {
    /// `make` makes it anew, over leaves that were not used before.
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&L) -> I)
    where
        I: StorageIterator<Key = L::Key, Value = [u8], Error: Origin>;
}

/// Shows every combinator to the visitor, alone and in nestings.
pub fn visit_every_composition<L: Leaves>(visitor: &mut impl Visitor<L>) {
    visit_owned_compositions(visitor);
    visit_references(visitor);
}

/// The same without references: what they refer to is never freed, which is too much for random input.
pub fn visit_owned_compositions<L: Leaves>(visitor: &mut impl Visitor<L>) {
    visit_merges(visitor);
    visit_combinators_over_one_child(visitor);
    visit_pointers(visitor);
    visit_nestings(visitor);
    visit_concats(visitor);
    visit_sets(visitor);
}

fn visit_merges<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let of = Composition::of;
    visitor.visit(of("merge"), |leaves: &L| MergeIterator::new(all(leaves, |leaf| leaf)));
    visitor.visit(of("merge of one"), |leaves: &L| MergeIterator::new([leaves.leaf(0, &[0])]));
    visitor.visit(of("merge of two"), |leaves: &L| MergeIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1])]));
    visitor.visit(of("merge of three"), |leaves: &L| {
        MergeIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visitor.visit(Composition { keeps_duplicates: true, ..of("merge_all") }, |leaves: &L| {
        MergeAllIterator::new(all(leaves, |leaf| leaf))
    });
    visitor.visit(Composition { keeps_duplicates: true, ..of("merge_all of two") }, |leaves: &L| {
        MergeAllIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1])])
    });
    visitor.visit(of("two_merge"), |leaves: &L| TwoMergeIterator::new(leaves.leaf(0, &[0]), leaves.leaf(1, &[1])));
}

/// Leaves over `layers` that are cut to key ranges which follow one another.
fn parts<L: Leaves>(
    leaves: &L,
    path: &[usize],
    layers: Range<usize>,
) -> Vec<BetweenIterator<L::Leaf, <L::Key as ToOwned>::Owned>> {
    let bounds: &[&[u8]] = if layers.len() == 2 { &[b"c"] } else { &[b"b", b"c", b"d"] };
    let part_of = |(part, layer)| {
        let lower = usize::checked_sub(part, 1).map_or(Bound::Unbounded, |part| Bound::Included(L::key(bounds[part])));
        let upper = bounds.get(part).map_or(Bound::Unbounded, |bound| Bound::Excluded(L::key(bound)));
        leaves.leaf(layer, &[path, &[part]].concat()).between(lower, upper)
    };
    layers.enumerate().map(part_of).collect()
}

fn visit_concats<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let of = Composition::of;
    let concat = |parts| ConcatIterator::new(ConcatChildren::new(parts));
    visitor.visit(of("concat"), move |leaves: &L| concat(parts(leaves, &[], 0..4)));
    visitor.visit(of("concat of one"), |leaves: &L| ConcatIterator::new(ConcatChildren::new([leaves.leaf(0, &[0])])));
    visitor.visit(of("concat of nothing"), |_: &L| ConcatIterator::new(ConcatChildren::<L::Leaf>::new([])));
    visitor.visit(of("merge of concats"), move |leaves: &L| {
        MergeIterator::new((0..3).map(|child| concat(parts(leaves, &[child], 2 * child..2 * child + 2))))
    });
}

fn visit_sets<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let of = Composition::of;
    let pair = |leaves: &L| (leaves.leaf(0, &[0]), leaves.leaf(1, &[1]));
    visitor.visit(of("union of two"), move |leaves: &L| {
        let (a, b) = pair(leaves);
        a.union(b).map_value(|sides| sides.first())
    });
    visitor.visit(of("intersection of two"), move |leaves: &L| {
        let (a, b) = pair(leaves);
        a.intersection(b)
    });
    visitor.visit(of("difference of two"), move |leaves: &L| {
        let (a, b) = pair(leaves);
        a.difference(b)
    });
    visitor.visit(of("symmetric difference of two"), move |leaves: &L| {
        let (a, b) = pair(leaves);
        a.symmetric_difference(b).map_value(|sides| sides.first())
    });
    visitor
        .visit(of("union"), |leaves: &L| UnionIterator::new(all(leaves, |leaf| leaf)).map_value(|sides| sides.first()));
    visitor.visit(of("intersection"), |leaves: &L| {
        IntersectionIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visitor.visit(of("odd sides of union"), |leaves: &L| {
        let odd = UnionIterator::new(all(leaves, |leaf| leaf)).filter(|_, sides| sides.count() % 2 == 1);
        odd.map_value(|sides| sides.first())
    });
    visitor.visit(of("intersection of merges"), |leaves: &L| {
        let merge = |side: usize| MergeIterator::new((0..2).map(|i| leaves.leaf(2 * side + i, &[side, i])));
        merge(0).intersection(merge(1))
    });
    visitor.visit(of("merge of differences"), |leaves: &L| {
        MergeIterator::new(
            (0..3).map(|pair| leaves.leaf(2 * pair, &[pair, 0]).difference(leaves.leaf(2 * pair + 1, &[pair, 1]))),
        )
    });
}

fn visit_combinators_over_one_child<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let of = Composition::of;
    let leaf = |leaves: &L| leaves.leaf(0, &[]);
    visitor.visit(of("skip_tombstones"), |leaves: &L| leaf(leaves).skip_tombstones());
    visitor.visit(of("between from and below"), |leaves: &L| {
        leaf(leaves).between(Bound::Included(L::key(b"b")), Bound::Excluded(L::key(b"f")))
    });
    visitor.visit(of("between after and up to"), |leaves: &L| {
        leaf(leaves).between(Bound::Excluded(L::key(b"")), Bound::Included(L::key(b"c")))
    });
    visitor
        .visit(of("between from"), |leaves: &L| leaf(leaves).between(Bound::Included(L::key(b"a")), unbounded::<L>()));
    visitor.visit(of("between nothing"), |leaves: &L| {
        leaf(leaves).between(Bound::Included(L::key(b"c")), Bound::Excluded(L::key(b"b")))
    });
    visitor.visit(of("filter"), |leaves: &L| leaf(leaves).filter(is_even));
    visitor.visit(of("take 2"), |leaves: &L| leaf(leaves).take(2));
    visitor.visit(of("take all"), |leaves: &L| leaf(leaves).take(usize::MAX));
    visitor.visit(of("take 0"), |leaves: &L| leaf(leaves).take(0));
    visitor.visit(of("inspect"), |leaves: &L| leaf(leaves).inspect(|_, _| happened(Moment::Closure)));
    visitor.visit(of("map_value"), |leaves: &L| leaf(leaves).map_value(without_first_byte));
    visitor.visit(of("borrowed"), |leaves: &L| leaf(leaves).borrowed());
    visitor.visit(of("map_err"), |leaves: &L| {
        leaf(leaves).map_err(|error| {
            happened(Moment::Closure);
            error
        })
    });
    visitor.visit(of("lift_err"), |leaves: &L| infallible(leaves, 0).lift_err::<Failure>());
    visitor.visit(of("check_order"), |leaves: &L| leaf(leaves).check_order());
    visitor.visit(Composition { is_fused: true, ..of("fuse") }, |leaves: &L| leaf(leaves).fuse());
}

/// What only hands calls on.
fn visit_pointers<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let of = |name| Composition { passes_is_valid_on: true, ..Composition::of(name) };
    let leaf = |leaves: &L| leaves.leaf(0, &[]);
    visitor.visit(of("the leaf"), leaf);
    visitor.visit(of("Box"), |leaves: &L| Box::new(leaf(leaves)));
    #[cfg(feature = "either")]
    {
        type Other<L> = Box<<L as Leaves>::Leaf>;
        visitor.visit(of("Either left"), |leaves: &L| either::Either::<_, Other<L>>::Left(leaf(leaves)));
        visitor.visit(of("Either right"), |leaves: &L| either::Either::<Other<L>, _>::Right(leaf(leaves)));
    }
}

/// A reference must point to something that outlives it; there is nowhere to put that but the heap, for ever.
fn visit_references<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let leaked = |leaves: &L| Box::leak(Box::new(leaves.leaf(0, &[])));
    visitor.visit(Composition { passes_is_valid_on: true, ..Composition::of("&mut") }, leaked);
    visitor.visit(Composition::of("take of &mut"), |leaves: &L| leaked(leaves).by_ref().take(3));
    visitor.visit(Composition::of("merge of &mut"), |leaves: &L| {
        MergeIterator::new(all(leaves, |leaf| Box::leak(Box::new(leaf))))
    });
}

fn visit_nestings<L: Leaves>(visitor: &mut impl Visitor<L>) {
    let of = Composition::of;
    visitor.visit(of("merge of two_merges"), |leaves: &L| {
        MergeIterator::new((0..3).map(|pair| {
            let leaf = |side| leaves.leaf(2 * pair + side, &[pair, side]);
            TwoMergeIterator::new(leaf(0), leaf(1))
        }))
    });
    visitor.visit(of("two_merge of merges"), |leaves: &L| {
        let newer = MergeIterator::new((0..2).map(|layer| leaves.leaf(layer, &[0, layer])));
        let older = MergeIterator::new((0..3).map(|layer| leaves.leaf(2 + layer, &[1, layer])));
        newer.two_merge(older)
    });
    visitor.visit(of("merge of merges"), |leaves: &L| {
        MergeIterator::new(
            (0..3).map(|outer| {
                MergeIterator::new((0..2).map(move |inner| leaves.leaf(2 * outer + inner, &[outer, inner])))
            }),
        )
    });
    visitor.visit(of("skip_tombstones of between of merge"), |leaves: &L| {
        MergeIterator::new(all(leaves, |leaf| leaf))
            .between(Bound::Included(L::key(b"a")), Bound::Excluded(L::key(b"f")))
            .skip_tombstones()
    });
    visitor.visit(of("merge of bounds and filters"), |leaves: &L| {
        let bounded = |leaf: L::Leaf| leaf.between(unbounded::<L>(), Bound::Included(L::key(b"d"))).filter(is_even);
        MergeIterator::new(all(leaves, bounded)).take(7)
    });
    visitor.visit(of("two_merge of lift_err"), |leaves: &L| {
        infallible(leaves, 0).lift_err().two_merge(leaves.leaf(1, &[1])).skip_tombstones()
    });
    visitor.visit(Composition { keeps_duplicates: true, ..of("filter of merge_all of check_orders") }, |leaves: &L| {
        MergeAllIterator::new(all(leaves, StorageIterator::check_order)).filter(is_even)
    });
    visitor.visit(of("check_order of inspect of two_merge"), |leaves: &L| {
        let merged = leaves.leaf(0, &[0]).two_merge(leaves.leaf(1, &[1]));
        merged.inspect(|_, _| happened(Moment::Closure)).check_order()
    });
    visitor.visit(Composition { is_fused: true, ..of("fuse of merge") }, |leaves: &L| {
        MergeIterator::new(all(leaves, |leaf| leaf)).fuse()
    });
    visitor.visit(Composition { is_fused: true, ..of("merge of fuses") }, |leaves: &L| {
        MergeIterator::new(all(leaves, StorageIterator::fuse))
    });
}

/// One child for every layer, for a merge at the top.
fn all<L: Leaves, I>(leaves: &L, wrap: impl Fn(L::Leaf) -> I) -> Vec<I> {
    (0..leaves.layers().0.len()).map(|layer| wrap(leaves.leaf(layer, &[layer]))).collect()
}

fn infallible<L: Leaves>(
    leaves: &L,
    layer: usize,
) -> impl StorageIterator<Key = L::Key, Value = [u8], Error: storage_iter::Never> + use<L> {
    let pairs: Vec<_> = leaves.layers().layer(layer).iter().map(|(key, value)| (L::key(key), value.clone())).collect();
    BorrowedIterator::<_, L::Key, [u8]>::new(PairsIterator::new(pairs))
}

fn unbounded<L: Leaves>() -> Bound<<L::Key as ToOwned>::Owned> {
    Bound::Unbounded
}

fn is_even<K: ?Sized>(_: &K, value: &[u8]) -> bool {
    happened(Moment::Closure);
    value.len().is_multiple_of(2)
}

fn without_first_byte(value: &[u8]) -> &[u8] {
    happened(Moment::Closure);
    value.get(1..).unwrap_or_default()
}
