//! [`visit_every_composition`]: every combinator, alone and nested, written once and made of both kinds of iterators.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use storage_iter::async_iter::{self, AsyncSeekableIterator, AsyncStorageIterator};
use storage_iter::{Never, SeekableIterator, StorageIterator};

use crate::support::{Composition, Failure, Failures, HostileIterator, Layers, Origin};
use crate::waiting::{Record, WaitingIterator, Waits, waiting};

/// Leaves that never fail, of the synchronous kind.
pub(crate) struct SyncLeaves<'a>(pub(crate) &'a Layers);

impl SyncLeaves<'_> {
    pub(crate) fn leaf(&self, layer: usize, path: &[usize]) -> HostileIterator {
        HostileIterator::new(self.0.layer(layer), layer, Arc::default(), path)
    }

    /// One child for every layer, for a merge at the top.
    pub(crate) fn all<I>(&self, wrap: impl Fn(HostileIterator) -> I) -> Vec<I> {
        (0..self.0.0.len()).map(|layer| wrap(self.leaf(layer, &[layer]))).collect()
    }

    pub(crate) fn infallible(
        &self,
        layer: usize,
    ) -> impl SeekableIterator<Key = [u8], Value = [u8], Error: Never> + use<> {
        self.leaf(layer, &[]).map_err(|_| -> std::convert::Infallible { unreachable!("it never fails") })
    }
}

/// Leaves that wait and fail.
pub(crate) struct AsyncLeaves<'a> {
    layers: &'a Layers,
    failures: Arc<Failures>,
    waits: Waits,
    record: Arc<Record>,
}

impl<'a> AsyncLeaves<'a> {
    pub(crate) fn new(layers: &'a Layers, failures: &Failures, waits: &Waits) -> Self {
        let failures = Arc::new(failures.clone());
        AsyncLeaves { layers, failures, waits: waits.clone(), record: Arc::default() }
    }

    /// How many failures the leaves have answered with.
    pub(crate) fn failed(&self) -> usize {
        self.record.failed.load(Ordering::Relaxed)
    }

    /// How often a leaf was polled in vain.
    pub(crate) fn pending(&self) -> usize {
        self.record.pending.load(Ordering::Relaxed)
    }

    pub(crate) fn leaf(&self, layer: usize, path: &[usize]) -> WaitingIterator {
        waiting(self.layers.layer(layer), layer, path, &self.failures, &self.waits, &self.record)
    }

    pub(crate) fn all<I>(&self, wrap: impl Fn(WaitingIterator) -> I) -> Vec<I> {
        (0..self.layers.0.len()).map(|layer| wrap(self.leaf(layer, &[layer]))).collect()
    }

    pub(crate) fn infallible(
        &self,
        layer: usize,
    ) -> impl AsyncSeekableIterator<Key = [u8], Value = [u8], Error: Never> + use<> {
        let leaf = waiting(self.layers.layer(layer), layer, &[], &Arc::default(), &self.waits, &self.record);
        leaf.map_err(|_| -> std::convert::Infallible { unreachable!("it never fails") })
    }
}

/// What to do with every composition.
pub(crate) trait Visitor {
    /// Both closures make it anew, over leaves that were not used before.
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>;
}

/// One text, two types: the names in it mean the synchronous and the asynchronous ones.
macro_rules! visit {
    ($visitor:ident, $composition:expr, |$leaves:ident| $make:expr) => {
        $visitor.visit(
            $composition,
            {
                #[allow(unused_imports, reason = "every composition uses a part of it")]
                use storage_iter::{MergeAllIterator, MergeIterator, StorageIterator as _, TwoMergeIterator};
                |$leaves: &SyncLeaves<'_>| $make
            },
            {
                #[allow(unused_imports, reason = "every composition uses a part of it")]
                use async_iter::{AsyncStorageIterator as _, MergeAllIterator, MergeIterator, TwoMergeIterator};
                |$leaves: &AsyncLeaves<'_>| $make
            },
        );
    };
}
pub(crate) use visit;

/// Shows every combinator to the visitor, alone and in nestings.
pub(crate) fn visit_every_composition(visitor: &mut impl Visitor) {
    visit_merges(visitor);
    visit_combinators_over_one_child(visitor);
    visit_nestings(visitor);
}

fn visit_merges(visitor: &mut impl Visitor) {
    let of = Composition::of;
    let duplicates = |name| Composition { keeps_duplicates: true, ..of(name) };
    visit!(visitor, of("merge"), |leaves| MergeIterator::new(leaves.all(|leaf| leaf)));
    visit!(visitor, of("merge of none"), |leaves| MergeIterator::new(leaves.all(|leaf| leaf).drain(..0)));
    visit!(visitor, of("merge of one"), |leaves| MergeIterator::new([leaves.leaf(0, &[0])]));
    visit!(visitor, of("merge of two"), |leaves| MergeIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1])]));
    visit!(visitor, of("merge of three"), |leaves| {
        MergeIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visit!(visitor, duplicates("merge_all"), |leaves| MergeAllIterator::new(leaves.all(|leaf| leaf)));
    visit!(visitor, duplicates("merge_all of one"), |leaves| MergeAllIterator::new([leaves.leaf(0, &[0])]));
    visit!(visitor, duplicates("merge_all of two"), |leaves| {
        MergeAllIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1])])
    });
    visit!(visitor, of("two_merge"), |leaves| TwoMergeIterator::new(leaves.leaf(0, &[0]), leaves.leaf(1, &[1])));
}

fn visit_combinators_over_one_child(visitor: &mut impl Visitor) {
    let of = Composition::of;
    let passes_on = |name| Composition { passes_is_valid_on: true, ..of(name) };
    visit!(visitor, passes_on("the leaf"), |leaves| leaves.leaf(0, &[]));
    visit!(visitor, passes_on("Box"), |leaves| Box::new(leaves.leaf(0, &[])));
    visit!(visitor, of("skip_tombstones"), |leaves| leaves.leaf(0, &[]).skip_tombstones());
    visit!(visitor, of("between from and below"), |leaves| {
        leaves.leaf(0, &[]).between(Bound::Included(b"b".to_vec()), Bound::Excluded(b"f".to_vec()))
    });
    visit!(visitor, of("between after and up to"), |leaves| {
        leaves.leaf(0, &[]).between(Bound::Excluded(vec![]), Bound::Included(b"c".to_vec()))
    });
    visit!(visitor, of("between nothing"), |leaves| {
        leaves.leaf(0, &[]).between(Bound::Included(b"c".to_vec()), Bound::Excluded(b"b".to_vec()))
    });
    visit!(visitor, of("filter"), |leaves| leaves.leaf(0, &[]).filter(is_even));
    visit!(visitor, of("take 2"), |leaves| leaves.leaf(0, &[]).take(2));
    visit!(visitor, of("take all"), |leaves| leaves.leaf(0, &[]).take(usize::MAX));
    visit!(visitor, of("take 0"), |leaves| leaves.leaf(0, &[]).take(0));
    visit!(visitor, of("inspect"), |leaves| leaves.leaf(0, &[]).inspect(|_, _| {}));
    visit!(visitor, of("map_value"), |leaves| leaves.leaf(0, &[]).map_value(without_first_byte));
    visit!(visitor, of("borrowed"), |leaves| leaves.leaf(0, &[]).borrowed::<[u8], [u8]>());
    visit!(visitor, of("map_err"), |leaves| leaves.leaf(0, &[]).map_err(|error| error));
    visit!(visitor, of("lift_err"), |leaves| leaves.infallible(0).lift_err::<Failure>());
    visit!(visitor, of("check_order"), |leaves| leaves.leaf(0, &[]).check_order());
    visit!(visitor, Composition { is_fused: true, ..of("fuse") }, |leaves| leaves.leaf(0, &[]).fuse());
    // There is nothing to yield to on the synchronous side.
    let synchronous = |leaves: &SyncLeaves<'_>| leaves.leaf(0, &[]);
    visitor.visit(of("yield_every 1"), synchronous, |leaves| leaves.leaf(0, &[]).yield_every(1));
    visitor.visit(of("yield_every 3"), synchronous, |leaves| leaves.leaf(0, &[]).yield_every(3));
}

fn visit_nestings(visitor: &mut impl Visitor) {
    let of = Composition::of;
    visit!(visitor, of("merge of two_merges"), |leaves| {
        MergeIterator::new((0..3).map(|pair| {
            let leaf = |side| leaves.leaf(2 * pair + side, &[pair, side]);
            TwoMergeIterator::new(leaf(0), leaf(1))
        }))
    });
    visit!(visitor, of("two_merge of merges"), |leaves| {
        let newer = MergeIterator::new((0..2).map(|layer| leaves.leaf(layer, &[0, layer])));
        let older = MergeIterator::new((0..3).map(|layer| leaves.leaf(2 + layer, &[1, layer])));
        newer.two_merge(older)
    });
    visit!(visitor, of("merge of merges"), |leaves| {
        MergeIterator::new(
            (0..3).map(|outer| {
                MergeIterator::new((0..2).map(move |inner| leaves.leaf(2 * outer + inner, &[outer, inner])))
            }),
        )
    });
    visit!(visitor, of("skip_tombstones of between of merge"), |leaves| {
        MergeIterator::new(leaves.all(|leaf| leaf))
            .between(Bound::Included(b"a".to_vec()), Bound::Excluded(b"f".to_vec()))
            .skip_tombstones()
    });
    visit!(visitor, of("merge of bounds and filters"), |leaves| {
        let upper = || Bound::Included(b"d".to_vec());
        MergeIterator::new(leaves.all(|leaf| leaf.between(Bound::Unbounded, upper()).filter(is_even))).take(7)
    });
    visit!(visitor, of("two_merge of lift_err"), |leaves| {
        leaves.infallible(0).lift_err().two_merge(leaves.leaf(1, &[1])).skip_tombstones()
    });
    visit!(visitor, Composition { keeps_duplicates: true, ..of("filter of merge_all of check_orders") }, |leaves| {
        MergeAllIterator::new(leaves.all(|leaf| leaf.check_order())).filter(is_even)
    });
    visit!(visitor, of("check_order of inspect of two_merge"), |leaves| {
        leaves.leaf(0, &[0]).two_merge(leaves.leaf(1, &[1])).inspect(|_, _| {}).check_order()
    });
    visit!(visitor, Composition { is_fused: true, ..of("fuse of merge") }, |leaves| {
        MergeIterator::new(leaves.all(|leaf| leaf)).fuse()
    });
    visit!(visitor, Composition { is_fused: true, ..of("merge of fuses") }, |leaves| {
        MergeIterator::new(leaves.all(|leaf| leaf.fuse()))
    });
    let synchronous = |leaves: &SyncLeaves<'_>| storage_iter::MergeIterator::new(leaves.all(|leaf| leaf)).take(9);
    visitor.visit(of("take of yield_every of merge, two in flight, of yield_every"), synchronous, |leaves| {
        let merged = async_iter::MergeIterator::new(leaves.all(|leaf| leaf.yield_every(2)));
        merged.max_in_flight(2).yield_every(3).take(9)
    });
}

pub(crate) fn is_even<K: ?Sized>(_: &K, value: &[u8]) -> bool {
    value.len().is_multiple_of(2)
}

pub(crate) fn without_first_byte(value: &[u8]) -> &[u8] {
    value.get(1..).unwrap_or_default()
}
