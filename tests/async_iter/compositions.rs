//! [`visit_every_composition`]: every combinator, alone and nested, written once and made of both kinds of iterators.

use std::convert::Infallible;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use storage_iter::async_iter::{self, AsyncSeekableIterator, AsyncStorageIterator};
use storage_iter::testing::FailPoint;
use storage_iter::{
    MergeOperator, Never, Operands, OwnedVersionedKey, RangeTombstone, RangeTombstones, SeekableIterator,
    StorageIterator, VersionedKeysIterator,
};

use crate::support::{Composition, Entry, Failure, Failures, HostileIterator, Layers, Origin};
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

    /// The leaf as versions, see [`versions`].
    pub(crate) fn versions(&self, layer: usize, path: &[usize]) -> VersionedKeysIterator<HostileIterator> {
        HostileIterator::new(&versions(self.0, layer), layer, Arc::default(), path).versioned_keys()
    }

    pub(crate) fn all_versions(&self) -> Vec<VersionedKeysIterator<HostileIterator>> {
        (0..self.0.0.len()).map(|layer| self.versions(layer, &[layer])).collect()
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

    /// Leaves that fail where `point` does.
    pub(crate) fn struck_by(layers: &'a Layers, point: FailPoint, waits: &Waits) -> Self {
        let record = Arc::new(Record { point, ..Record::default() });
        AsyncLeaves { layers, failures: Arc::default(), waits: waits.clone(), record }
    }

    /// How many failures the leaves have answered with.
    pub(crate) fn failed(&self) -> usize {
        self.record.point.errors()
    }

    /// How often a leaf was polled in vain.
    pub(crate) fn pending(&self) -> usize {
        self.record.pending.load(Ordering::Relaxed)
    }

    pub(crate) fn leaf(&self, layer: usize, path: &[usize]) -> WaitingIterator {
        self.leaf_over(self.layers.layer(layer), layer, path)
    }

    fn leaf_over(&self, entries: &[Entry], layer: usize, path: &[usize]) -> WaitingIterator {
        waiting(entries, layer, path, &self.failures, &self.waits, &self.record)
    }

    pub(crate) fn entries(&self, layer: usize) -> &[Entry] {
        self.layers.layer(layer)
    }

    /// How the first source waits and fails, for one of another kind.
    pub(crate) fn plan(&self) -> ReadPlan {
        ReadPlan { failures: Arc::clone(&self.failures), waits: self.waits.clone(), record: Arc::clone(&self.record) }
    }

    pub(crate) fn versions(&self, layer: usize, path: &[usize]) -> async_iter::VersionedKeysIterator<WaitingIterator> {
        self.leaf_over(&versions(self.layers, layer), layer, path).versioned_keys()
    }

    pub(crate) fn all_versions(&self) -> Vec<async_iter::VersionedKeysIterator<WaitingIterator>> {
        (0..self.layers.0.len()).map(|layer| self.versions(layer, &[layer])).collect()
    }

    pub(crate) fn all<I>(&self, wrap: impl Fn(WaitingIterator) -> I) -> Vec<I> {
        (0..self.layers.0.len()).map(|layer| wrap(self.leaf(layer, &[layer]))).collect()
    }

    pub(crate) fn infallible(
        &self,
        layer: usize,
    ) -> impl AsyncSeekableIterator<Key = [u8], Value = [u8], Error: Never> + use<> {
        let record = Record { pending: Arc::clone(&self.record.pending), ..Record::default() };
        let leaf = waiting(self.layers.layer(layer), layer, &[], &Arc::default(), &self.waits, &Arc::new(record));
        leaf.map_err(|_| -> std::convert::Infallible { unreachable!("it never fails") })
    }
}

/// When reads wait and fail, as the steps of the first source would.
#[derive(Clone)]
pub(crate) struct ReadPlan {
    failures: Arc<Failures>,
    waits: Waits,
    record: Arc<Record>,
}

impl ReadPlan {
    pub(crate) fn times(&self, number: usize) -> usize {
        self.failures.times(0, number)
    }

    /// Whether the fail point strikes this read as well.
    pub(crate) fn is_struck(&self) -> bool {
        self.record.point.strike().is_some()
    }

    pub(crate) fn waits(&self, number: usize) -> usize {
        self.waits.times(0, number)
    }

    /// The failure of a read.
    pub(crate) fn fail(&self, number: usize, time: usize) -> Failure {
        self.record.point.count_error();
        Failure { path: [].into(), step: number, time }
    }
}

/// A layer with its keys cut to one byte, and so many of them as versions of one user key. Those of one layer are newer than
/// those of the next.
fn versions(layers: &Layers, layer: usize) -> Vec<Entry> {
    let version = |(index, (key, value)): (usize, &Entry)| {
        let user_key = &key[..key.len().min(1)];
        (OwnedVersionedKey::new(user_key, sequence(layer, index)).into_bytes(), value.clone())
    };
    layers.layer(layer).iter().enumerate().map(version).collect()
}

/// The number of a version, by its place.
pub(crate) fn sequence(layer: usize, index: usize) -> u64 {
    (1000 * (1000 - layer) - index) as u64
}

/// All values of a user key, the oldest first: so that nothing that is left out is missed.
#[derive(Clone, Debug)]
pub(crate) struct Concatenate;

impl MergeOperator<[u8], [u8]> for Concatenate {
    type Error = Infallible;

    fn is_operand(&self, value: &[u8]) -> bool {
        value.len() != 2
    }

    fn merge(
        &mut self,
        _: &[u8],
        base: Option<&[u8]>,
        operands: Operands<'_, [u8]>,
        merged: &mut Vec<u8>,
    ) -> Result<(), Infallible> {
        merged.clear();
        for value in base.into_iter().chain(operands) {
            merged.push(b'|');
            merged.extend_from_slice(value);
        }
        Ok(())
    }
}

/// Deletes the user keys from `a` on, and then from `c` on, of some of the layers.
pub(crate) fn deleted() -> RangeTombstones {
    let range = |start: &[u8], end: &[u8], layer| RangeTombstone {
        start: start.to_vec(),
        end: end.to_vec(),
        sequence: sequence(layer, 1),
    };
    [range(b"a", b"b", 1), range(b"c", b"e", 0), range(b"d", b"z", 2)].into_iter().collect()
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
                use storage_iter::{
                    IntersectionIterator, MergeAllIterator, MergeIterator, StorageIterator as _, TwoDifferenceIterator,
                    TwoIntersectionIterator, TwoMergeIterator, UnionIterator,
                };
                |$leaves: &SyncLeaves<'_>| $make
            },
            {
                #[allow(unused_imports, reason = "every composition uses a part of it")]
                use async_iter::{
                    AsyncStorageIterator as _, IntersectionIterator, MergeAllIterator, MergeIterator,
                    TwoDifferenceIterator, TwoIntersectionIterator, TwoMergeIterator, UnionIterator,
                };
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
    visit_prefixes(visitor);
    visit_versions(visitor);
    visit_sets(visitor);
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
    #[cfg(feature = "either")]
    {
        visit!(visitor, passes_on("Either left"), |leaves| {
            let [left, right] = [leaves.leaf(0, &[]), leaves.leaf(1, &[])];
            [either::Either::Left(left), either::Either::Right(right.take(9))].into_iter().next().expect("there is one")
        });
        visit!(visitor, passes_on("Either right"), |leaves| {
            let [left, right] = [leaves.leaf(0, &[]), leaves.leaf(1, &[])];
            [either::Either::Right(right), either::Either::Left(left.take(9))].into_iter().next().expect("there is one")
        });
    }
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

fn visit_prefixes(visitor: &mut impl Visitor) {
    let of = Composition::of;
    visit!(visitor, of("prefix"), |leaves| leaves.leaf(0, &[]).prefix(b"c"));
    visit!(visitor, of("prefixes"), |leaves| leaves.leaf(0, &[]).prefixes(first_byte));
    visit!(visitor, of("prefixes of merge"), |leaves| {
        MergeIterator::new(leaves.all(|leaf| leaf)).prefixes(first_byte)
    });
}

fn visit_versions(visitor: &mut impl Visitor) {
    let of = Composition::of;
    for snapshot in [u64::MAX, sequence(0, 2), sequence(1, 1), sequence(2, 0)] {
        visit!(visitor, of("at"), |leaves| leaves.versions(0, &[]).at(snapshot));
        visit!(visitor, of("at of merge"), |leaves| MergeIterator::new(leaves.all_versions()).at(snapshot));
        visit!(visitor, of("fold_versions of merge"), |leaves| {
            MergeIterator::new(leaves.all_versions()).fold_versions(snapshot, Concatenate)
        });
        visit!(visitor, of("fold_versions of mask of merge"), |leaves| {
            MergeIterator::new(leaves.all_versions()).mask(deleted(), snapshot).fold_versions(snapshot, Concatenate)
        });
        visit!(visitor, of("fold_versions of collect_garbage of merge"), |leaves| {
            let kept = MergeIterator::new(leaves.all_versions()).collect_garbage(snapshot, |user_key| user_key == b"b");
            kept.fold_versions(u64::MAX, Concatenate)
        });
    }
    visit!(visitor, of("fold_versions of versions_of"), |leaves| {
        let versions = leaves.versions(0, &[0]).two_merge(leaves.versions(1, &[1]));
        versions.versions_of(b"b".as_slice()).fold_versions(u64::MAX, Concatenate)
    });
    visit!(visitor, of("skip_tombstones of at of group_versions"), |leaves| {
        leaves.versions(0, &[]).group_versions().at(u64::MAX).skip_tombstones()
    });
}

fn visit_sets(visitor: &mut impl Visitor) {
    let of = Composition::of;
    visit!(visitor, of("union of two"), |leaves| {
        leaves.leaf(0, &[0]).union(leaves.leaf(1, &[1])).map_value(|sides| sides.first())
    });
    visit!(visitor, of("right sides of union of two"), |leaves| {
        let both = leaves.leaf(0, &[0]).union(leaves.leaf(1, &[1]));
        both.map_value(|sides| sides.right().unwrap_or_default())
    });
    visit!(visitor, of("symmetric difference of two"), |leaves| {
        leaves.leaf(0, &[0]).symmetric_difference(leaves.leaf(1, &[1])).map_value(|sides| sides.first())
    });
    visit!(visitor, of("intersection of two"), |leaves| leaves.leaf(0, &[0]).intersection(leaves.leaf(1, &[1])));
    visit!(visitor, of("difference of two"), |leaves| leaves.leaf(0, &[0]).difference(leaves.leaf(1, &[1])));
    visit!(visitor, of("union"), |leaves| {
        UnionIterator::new(leaves.all(|leaf| leaf)).map_value(|sides| sides.first())
    });
    visit!(visitor, of("odd sides of union"), |leaves| {
        let odd = UnionIterator::new(leaves.all(|leaf| leaf)).filter(|_, sides| sides.count() % 2 == 1);
        odd.map_value(|sides| sides.iter().last().map_or(&[][..], |(_, value)| value))
    });
    visit!(visitor, of("intersection"), |leaves| {
        IntersectionIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visit!(visitor, of("intersection of one"), |leaves| IntersectionIterator::new([leaves.leaf(0, &[0])]));
    visit!(visitor, of("intersection of merges"), |leaves| {
        let merge = |side: usize| MergeIterator::new((0..2).map(|i| leaves.leaf(2 * side + i, &[side, i])));
        merge(0).intersection(merge(1))
    });
    visit!(visitor, of("merge of differences"), |leaves| {
        MergeIterator::new(
            (0..3).map(|pair| leaves.leaf(2 * pair, &[pair, 0]).difference(leaves.leaf(2 * pair + 1, &[pair, 1]))),
        )
    });
    let synchronous = |leaves: &SyncLeaves<'_>| {
        storage_iter::UnionIterator::new(leaves.all(|leaf| leaf)).map_value(|sides| sides.first())
    };
    visitor.visit(of("union, one in flight"), synchronous, |leaves| {
        async_iter::UnionIterator::new(leaves.all(|leaf| leaf)).max_in_flight(1).map_value(|sides| sides.first())
    });
}

/// Set operations that seek. Where sources fail they are not as the others: what has failed is sought again, and so every source
/// that takes part in the seek may fail once more.
pub(crate) fn visit_galloping_sets(visitor: &mut impl Visitor) {
    let of = Composition::of;
    visit!(visitor, of("intersection of two, galloping"), |leaves| {
        TwoIntersectionIterator::galloping(leaves.leaf(0, &[0]), leaves.leaf(1, &[1]))
    });
    visit!(visitor, of("intersection of two, probing"), |leaves| {
        TwoIntersectionIterator::probing(leaves.leaf(0, &[0]), leaves.leaf(1, &[1]))
    });
    visit!(visitor, of("difference of two, galloping"), |leaves| {
        TwoDifferenceIterator::galloping(leaves.leaf(0, &[0]), leaves.leaf(1, &[1]))
    });
    visit!(visitor, of("intersection, galloping"), |leaves| {
        IntersectionIterator::galloping([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visit!(visitor, of("intersection of merges, galloping"), |leaves| {
        let merge = |side: usize| MergeIterator::new((0..2).map(|i| leaves.leaf(2 * side + i, &[side, i])));
        TwoIntersectionIterator::galloping(merge(0), merge(1))
    });
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

pub(crate) fn first_byte(key: &[u8]) -> Option<&[u8]> {
    key.get(..1)
}

pub(crate) fn without_first_byte(value: &[u8]) -> &[u8] {
    value.get(1..).unwrap_or_default()
}
