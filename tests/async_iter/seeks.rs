//! Cursors: any sequence of steps and seeks, over sources that wait and fail, with futures dropped and seeks abandoned on the way,
//! beside the synchronous twin.

use std::ops::Bound;

use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::async_iter::{self, AsyncSeekableIterator, AsyncStorageIterator, FromSync, MergeIterator};
use storage_iter::testing::{Attempt, Attempts, BlockingIterator, FailPoint, Fault, FaultScript};
use storage_iter::{SeekableIterator, SliceIterator};

use crate::blocks::seekable_blocks;
use crate::compositions::{
    AsyncLeaves, Concatenate, SyncLeaves, deleted, first_byte, is_even, sequence, visit, without_first_byte,
};
use crate::driver::complete;
use crate::support::{Composition, Failure, Failures, Layers, Operations, Origin, run, sample_layers};
use crate::waiting::Waits;

/// What to do with every cursor.
trait Visitor {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: SeekableIterator<Key = [u8], Value = [u8]>,
        A: AsyncSeekableIterator<Key = [u8], Value = [u8], Error: Origin>;
}

fn visit_every_cursor(visitor: &mut impl Visitor) {
    let of = Composition::of;
    let passes_on = |name| Composition { passes_is_valid_on: true, ..of(name) };
    let duplicates = |name| Composition { keeps_duplicates: true, ..of(name) };
    let [a, b, c, d] = [b"a", b"b", b"c", b"d"].map(|key| key.to_vec());
    visit!(visitor, passes_on("the leaf"), |leaves| leaves.leaf(0, &[]));
    visit!(visitor, passes_on("Box"), |leaves| Box::new(leaves.leaf(0, &[])));
    visit!(visitor, of("skip_tombstones"), |leaves| leaves.leaf(0, &[]).skip_tombstones());
    for lower in [Bound::Unbounded, Bound::Included(b.clone()), Bound::Excluded(b)] {
        for upper in
            [Bound::Unbounded, Bound::Included(d.clone()), Bound::Excluded(c.clone()), Bound::Included(a.clone())]
        {
            visit!(visitor, of("between"), |leaves| leaves.leaf(0, &[]).between(lower.clone(), upper.clone()));
            visit!(visitor, of("between by seek"), |leaves| {
                leaves.leaf(0, &[]).between(lower.clone(), upper.clone()).by_seek()
            });
        }
    }
    visit!(visitor, of("filter"), |leaves| leaves.leaf(0, &[]).filter(is_even));
    visit!(visitor, of("inspect"), |leaves| leaves.leaf(0, &[]).inspect(|_, _| {}));
    visit!(visitor, of("map_value"), |leaves| leaves.leaf(0, &[]).map_value(without_first_byte));
    visit!(visitor, of("map_err"), |leaves| leaves.leaf(0, &[]).map_err(|error| error));
    visit!(visitor, of("lift_err"), |leaves| leaves.infallible(0).lift_err::<Failure>());
    visit!(visitor, of("check_order"), |leaves| leaves.leaf(0, &[]).check_order());
    visit!(visitor, Composition { is_fused: true, ..of("fuse") }, |leaves| leaves.leaf(0, &[]).fuse());
    let synchronous = |leaves: &SyncLeaves<'_>| leaves.leaf(0, &[]);
    for (length, too_early, ahead) in [(1, 0, 1), (2, 0, 0), (1, 1, 3), (3, 2, 2)] {
        visitor.visit(of("blocks"), synchronous, |leaves| seekable_blocks(leaves, length, too_early, ahead));
    }
    visitor.visit(of("yield_every 1"), synchronous, |leaves| leaves.leaf(0, &[]).yield_every(1));
    visitor.visit(of("yield_every 3"), synchronous, |leaves| leaves.leaf(0, &[]).yield_every(3));

    visit!(visitor, of("prefix"), |leaves| leaves.leaf(0, &[]).prefix(b"c"));
    visit!(visitor, of("prefixes"), |leaves| leaves.leaf(0, &[]).prefixes(first_byte));
    for snapshot in [u64::MAX, sequence(0, 2), sequence(1, 1)] {
        visit!(visitor, of("at"), |leaves| leaves.versions(0, &[]).at(snapshot));
        visit!(visitor, of("at of group_versions of mask of merge"), |leaves| {
            MergeIterator::new(leaves.all_versions()).mask(deleted(), snapshot).group_versions().at(snapshot)
        });
        visit!(visitor, of("fold_versions of merge"), |leaves| {
            MergeIterator::new(leaves.all_versions()).fold_versions(snapshot, Concatenate)
        });
    }

    visit!(visitor, of("merge"), |leaves| MergeIterator::new(leaves.all(|leaf| leaf)));
    visit!(visitor, of("merge of none"), |leaves| MergeIterator::new(leaves.all(|leaf| leaf).drain(..0)));
    visit!(visitor, of("merge of one"), |leaves| MergeIterator::new([leaves.leaf(0, &[0])]));
    visit!(visitor, of("merge of two"), |leaves| MergeIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1])]));
    visit!(visitor, duplicates("merge_all"), |leaves| MergeAllIterator::new(leaves.all(|leaf| leaf)));
    visit!(visitor, duplicates("merge_all of two"), |leaves| {
        MergeAllIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1])])
    });
    visit!(visitor, of("two_merge"), |leaves| TwoMergeIterator::new(leaves.leaf(0, &[0]), leaves.leaf(1, &[1])));
    visit!(visitor, of("union of two"), |leaves| {
        leaves.leaf(0, &[0]).union(leaves.leaf(1, &[1])).map_value(|sides| sides.first())
    });
    visit!(visitor, of("symmetric difference of two"), |leaves| {
        leaves.leaf(0, &[0]).symmetric_difference(leaves.leaf(1, &[1])).map_value(|sides| sides.first())
    });
    visit!(visitor, of("intersection of two"), |leaves| leaves.leaf(0, &[0]).intersection(leaves.leaf(1, &[1])));
    visit!(visitor, of("intersection of two, galloping"), |leaves| {
        TwoIntersectionIterator::galloping(leaves.leaf(0, &[0]), leaves.leaf(1, &[1]))
    });
    visit!(visitor, of("intersection of two, probing"), |leaves| {
        TwoIntersectionIterator::probing(leaves.leaf(0, &[0]), leaves.leaf(1, &[1]))
    });
    visit!(visitor, of("difference of two"), |leaves| leaves.leaf(0, &[0]).difference(leaves.leaf(1, &[1])));
    visit!(visitor, of("difference of two, galloping"), |leaves| {
        TwoDifferenceIterator::galloping(leaves.leaf(0, &[0]), leaves.leaf(1, &[1]))
    });
    visit!(visitor, of("union"), |leaves| {
        UnionIterator::new(leaves.all(|leaf| leaf)).map_value(|sides| sides.first())
    });
    visit!(visitor, of("intersection"), |leaves| {
        IntersectionIterator::new([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visit!(visitor, of("intersection, galloping"), |leaves| {
        IntersectionIterator::galloping([leaves.leaf(0, &[0]), leaves.leaf(1, &[1]), leaves.leaf(3, &[2])])
    });
    visit!(visitor, of("merge of two_merges"), |leaves| {
        MergeIterator::new((0..3).map(|pair| {
            let leaf = |side| leaves.leaf(2 * pair + side, &[pair, side]);
            TwoMergeIterator::new(leaf(0), leaf(1)).filter(is_even)
        }))
    });
    visit!(visitor, of("skip_tombstones of between of two_merge of merges"), |leaves| {
        let newer = MergeIterator::new((0..2).map(|layer| leaves.leaf(layer, &[0, layer])));
        let older = MergeIterator::new((0..3).map(|layer| leaves.leaf(2 + layer, &[1, layer])));
        newer.two_merge(older).between(Bound::Excluded(a.clone()), Bound::Unbounded).skip_tombstones()
    });
    let synchronous = |leaves: &SyncLeaves<'_>| storage_iter::MergeIterator::new(leaves.all(|leaf| leaf));
    for in_flight in [1, 2] {
        visitor.visit(of("yield_every of merge, one or two in flight"), synchronous, |leaves| {
            async_iter::MergeIterator::new(leaves.all(|leaf| leaf)).max_in_flight(in_flight).yield_every(2)
        });
    }
}

/// Drives every cursor beside the kit's model, over what its synchronous twin shows.
struct Driving<'a> {
    layers: &'a Layers,
    script: &'a FaultScript,
    waits: &'a Waits,
    attempts: &'a Attempts,
    operations: &'a Operations,
    /// How often a leaf was polled in vain.
    pending: usize,
}

impl Visitor for Driving<'_> {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: SeekableIterator<Key = [u8], Value = [u8]>,
        A: AsyncSeekableIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let expected = run(composition, &mut synchronous(&SyncLeaves(self.layers)), 0).entries;
        let keys: Vec<Vec<u8>> = self.layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
        let operations = self.operations.near(&keys, <[u8]>::to_vec);
        let point = FailPoint::new(self.script);
        let leaves = AsyncLeaves::struck_by(self.layers, point.clone(), self.waits);
        let cursor = asynchronous(&leaves);
        let mut cursor = BlockingIterator::new(cursor).attempting(self.attempts).minding_tries();
        if composition.passes_is_valid_on {
            cursor = cursor.passing_calls_on();
        }
        let contract = composition.contract().awaited();
        let errors = contract
            .check_seekable_operations(cursor, &expected, &operations, &point)
            .unwrap_or_else(|broken| panic!("{}: {broken}", composition.name));
        for error in errors {
            if let Some(failure) = error.failure() {
                assert_eq!(*failure.path, error.path(), "{}: the error names another source", composition.name);
            }
        }
        self.pending += leaves.pending();
    }
}

quickcheck! {
    fn every_composition_seeks_as_its_synchronous_twin(
        layers: Layers, script: FaultScript, waits: Waits, attempts: Attempts, operations: Operations
    ) -> bool {
        let script = FaultScript(script.0.into_iter().map(|(calls, _)| (calls, Fault::Error)).collect());
        visit_every_cursor(&mut Driving {
            layers: &layers,
            script: &script,
            waits: &waits,
            attempts: &attempts,
            operations: &operations,
            pending: 0,
        });
        true
    }
}

/// Futures of seeks are dropped after each number of polls, and every seek is completed, or abandoned for another.
#[test]
fn a_dropped_seek_is_completed_by_next() {
    for (polls, forgets) in (1..6).flat_map(|polls| [(polls, false), (polls, true)]) {
        let operations = Operations::arbitrary(&mut Gen::from_size_and_seed(100, polls as u64));
        for attempts in [
            [Attempt::DropAfter(polls), Attempt::DropAfter(1)],
            [Attempt::Abandon(polls), Attempt::DropAfter(1)],
            [Attempt::Abandon(1), Attempt::Abandon(polls)],
        ] {
            visit_every_cursor(&mut Driving {
                layers: &sample_layers(),
                script: &FaultScript::default(),
                waits: &Waits::of(&[6, 0, 7, 9, 6], forgets),
                attempts: &Attempts::at_every_step(&attempts),
                operations: &operations,
                pending: 0,
            });
        }
    }
}

/// All but those that ask for nothing, the merge of none and four bounds without room, and four over blocks, which wait for reads.
#[test]
fn cursors_wait_for_their_leaves() {
    struct Counting {
        waited: usize,
        all: usize,
    }
    impl Visitor for Counting {
        fn visit<S, A>(
            &mut self,
            composition: Composition,
            synchronous: impl Fn(&SyncLeaves<'_>) -> S,
            asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
        ) where
            S: SeekableIterator<Key = [u8], Value = [u8]>,
            A: AsyncSeekableIterator<Key = [u8], Value = [u8], Error: Origin>,
        {
            let operations = Operations::arbitrary(&mut Gen::from_size_and_seed(100, 1));
            let mut driving = Driving {
                layers: &sample_layers(),
                script: &FaultScript::default(),
                waits: &Waits::of(&[1], false),
                attempts: &Attempts::none(),
                operations: &operations,
                pending: 0,
            };
            driving.visit(composition, synchronous, asynchronous);
            self.waited += usize::from(driving.pending > 0);
            self.all += 1;
        }
    }
    let mut counting = Counting { waited: 0, all: 0 };
    visit_every_cursor(&mut counting);
    assert!(counting.all > 50, "{} cursors", counting.all);
    assert_eq!(counting.waited, counting.all - 9);
}

/// A child that waits does not hide that another one has failed.
#[test]
fn an_error_comes_before_what_is_waited_for() {
    let layers = Layers(vec![vec![(vec![1], vec![0])], vec![(vec![1], vec![1])], vec![(vec![1], vec![2])]]);
    // The first source waits; the second fails once.
    let leaves = AsyncLeaves::new(&layers, &Failures::none().and(1, 0, 1), &Waits::of(&[9, 0, 0, 0], false));
    let mut merged = MergeIterator::new(leaves.all(|leaf| leaf));
    let Some(Err(error)) = merged.try_seek(&[1]) else { panic!("has to fail") };
    assert_eq!(error.child, 1);
    assert!(matches!(complete(merged.next()), Ok(true)));
    assert_eq!(merged.value(), [0]);
    let leaves = AsyncLeaves::new(&layers, &Failures::none().and(1, 0, 1), &Waits::of(&[9, 0, 0, 0], false));
    let mut pair = leaves.leaf(0, &[0]).two_merge(leaves.leaf(1, &[1]));
    let Some(Err(error)) = pair.try_seek(&[1]) else { panic!("has to fail") };
    assert_eq!(error.child, 1);

    // Nor does one that waits behind it, and of two that fail it is the first.
    for (failures, waits) in
        [(Failures::none().and(0, 0, 1), [0, 9, 9]), (Failures::none().and(0, 0, 1).and(1, 0, 1).and(2, 0, 1), [0; 3])]
    {
        let leaves = || AsyncLeaves::new(&layers, &failures, &Waits::of(&waits, false));
        let Some(Err(error)) = MergeIterator::new(leaves().all(|leaf| leaf)).try_seek(&[1]) else {
            panic!("has to fail")
        };
        assert_eq!(error.child, 0);
        let Some(Err(error)) = leaves().leaf(0, &[0]).two_merge(leaves().leaf(1, &[1])).try_seek(&[1]) else {
            panic!("has to fail")
        };
        assert_eq!(error.child, 0);
    }
}

/// What is lifted seeks at once, and `borrowed` copies the target.
#[test]
fn lifted_and_borrowed_cursors_seek_without_waiting() {
    let entries = [(b"a".to_vec(), b"1".to_vec()), (b"c".to_vec(), b"2".to_vec())];
    let mut cursor = FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], [u8]>();
    for _ in 0..2 {
        assert_eq!(cursor.try_seek(b"b"), Some(Ok(true)));
        assert_eq!(cursor.key(), b"c");
        assert_eq!(cursor.try_seek(b"d"), Some(Ok(false)));
        assert_eq!(cursor.try_seek_to_first(), Some(Ok(true)));
        assert_eq!(cursor.key(), b"a");
    }
}
