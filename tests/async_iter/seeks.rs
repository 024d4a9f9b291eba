//! Cursors: any sequence of steps and seeks, over sources that wait and fail, with futures dropped and seeks abandoned on the way,
//! beside the synchronous twin.

use std::ops::Bound;

use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::async_iter::{self, AsyncSeekableIterator, AsyncStorageIterator, FromSync, MergeIterator};
use storage_iter::{SeekableIterator, SliceIterator};

use crate::blocks::seekable_blocks;
use crate::compositions::{
    AsyncLeaves, Concatenate, SyncLeaves, deleted, first_byte, is_even, sequence, visit, without_first_byte,
};
use crate::driver::{Driver, complete, poll};
use crate::support::{Composition, Failure, Failures, Layers, Operation, Operations, Origin, below, sample_layers};
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
    visit!(visitor, of("merge_all"), |leaves| MergeAllIterator::new(leaves.all(|leaf| leaf)));
    visit!(visitor, of("merge_all of two"), |leaves| {
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

/// How the operations are begun, one after the other, round and round.
#[derive(Clone, Debug)]
struct Beginnings(Vec<Beginning>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    /// Awaited.
    Await,
    /// By `try_seek`; what it leaves open is completed by `next`.
    Try,
    /// By a future that is dropped after so many polls, at least one; what is left open is completed by `next`.
    DropAfter(usize),
    /// The same, but what is left open is only completed if the next operation is no seek.
    Abandon(usize),
}

impl Arbitrary for Beginnings {
    fn arbitrary(g: &mut Gen) -> Self {
        let beginning = |g: &mut Gen| match below(g, 7) {
            0 => Beginning::Await,
            1 => Beginning::Try,
            polls @ 2..5 => Beginning::DropAfter(polls - 1),
            polls => Beginning::Abandon(polls - 4),
        };
        Beginnings((0..=below(g, 9)).map(|_| beginning(g)).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let shorter = self.0.clone();
        Box::new((1..self.0.len()).rev().map(move |length| Beginnings(shorter[..length].to_vec())))
    }
}

/// Begins a seek. `None`: its step is open.
fn begin<A: AsyncSeekableIterator<Key = [u8]>>(
    cursor: &mut A,
    operation: &Operation<Vec<u8>>,
    beginning: Beginning,
) -> Option<Result<bool, A::Error>> {
    match (operation, beginning) {
        (Operation::Seek(key), Beginning::Await) => Some(complete(cursor.seek(key))),
        (Operation::Seek(key), Beginning::Try) => cursor.try_seek(key),
        (Operation::Seek(key), Beginning::DropAfter(polls) | Beginning::Abandon(polls)) => {
            poll(cursor.seek(key), polls)
        }
        (_, Beginning::Await) => Some(complete(cursor.seek_to_first())),
        (_, Beginning::Try) => cursor.try_seek_to_first(),
        (_, Beginning::DropAfter(polls) | Beginning::Abandon(polls)) => poll(cursor.seek_to_first(), polls),
    }
}

/// Drives every cursor and its synchronous twin, whose sources never fail.
struct Driving<'a> {
    layers: &'a Layers,
    failures: &'a Failures,
    waits: &'a Waits,
    driver: &'a Driver,
    beginnings: &'a [Beginning],
    operations: &'a [Operation<Vec<u8>>],
    /// How often a seek was left open by a future that was dropped.
    left_open: usize,
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
        let no_failures = Failures::none();
        let failures = if composition.is_fused { &no_failures } else { self.failures };
        let leaves = AsyncLeaves::new(self.layers, failures, self.waits);
        let (mut expected, mut cursor) = (synchronous(&SyncLeaves(self.layers)), asynchronous(&leaves));
        let (mut is_open, mut came_out) = (false, 0);
        for (number, operation) in self.operations.iter().enumerate() {
            let at = || format!("{}, operation {number}, {operation:?}", composition.name);
            let mind = |cursor: &A| {
                if !composition.passes_is_valid_on {
                    assert!(!cursor.is_valid(), "{}: valid while a step is open", at());
                }
            };
            let beginning = self.beginnings[number % self.beginnings.len()];
            let (is_valid, mut answer) = match operation {
                Operation::Seek(key) => (expected.seek(key), begin(&mut cursor, operation, beginning)),
                Operation::SeekToFirst => (expected.seek_to_first(), begin(&mut cursor, operation, beginning)),
                // The step that was abandoned is this one.
                _ if is_open => (Ok(expected.is_valid()), None),
                _ => (expected.next(), Some(self.driver.step(number, &mut cursor, mind))),
            };
            let Ok(is_valid) = is_valid else { panic!("{}: the synchronous one fails", at()) };
            is_open = false;
            if answer.is_none() {
                mind(&cursor);
                self.left_open += 1;
                if matches!(beginning, Beginning::Abandon(_)) {
                    is_open = true;
                    continue;
                }
            }
            let patience = failures.sum();
            let mut errors = 0;
            let sought = loop {
                match answer {
                    Some(Ok(sought)) => break sought,
                    Some(Err(error)) => {
                        let failure = error.failure().expect("an error of a source");
                        assert_eq!(*failure.path, error.path(), "{}: the error names another source", at());
                        errors += 1;
                        assert!(errors <= patience, "{}: more errors than there are", at());
                        mind(&cursor);
                    }
                    None => {}
                }
                answer = Some(self.driver.step(number, &mut cursor, mind));
            };
            came_out += errors;
            assert_eq!((sought, cursor.is_valid()), (is_valid, is_valid), "{}", at());
            if is_valid {
                assert_eq!((cursor.key(), cursor.value()), (expected.key(), expected.value()), "{}", at());
            }
        }
        assert!(came_out <= leaves.failed(), "{}: invented an error", composition.name);
    }
}

/// Operations near the keys of all layers. There is no way back.
fn forward(layers: &Layers, operations: &Operations) -> Vec<Operation<Vec<u8>>> {
    let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    let forward = |operation| match operation {
        Operation::Prev => Operation::Next,
        Operation::SeekForPrev(key) => Operation::Seek(key),
        Operation::SeekToLast => Operation::SeekToFirst,
        operation => operation,
    };
    operations.near(&keys, <[u8]>::to_vec).into_iter().map(forward).collect()
}

quickcheck! {
    fn every_composition_seeks_as_its_synchronous_twin(
        layers: Layers, failures: Failures, waits: Waits, driver: Driver, beginnings: Beginnings, operations: Operations
    ) -> bool {
        visit_every_cursor(&mut Driving {
            layers: &layers,
            failures: &failures,
            waits: &waits,
            driver: &driver,
            beginnings: &beginnings.0,
            operations: &forward(&layers, &operations),
            left_open: 0,
        });
        true
    }
}

/// Futures of seeks are dropped after each number of polls, and every seek is completed, or abandoned for another.
#[test]
fn a_dropped_seek_is_completed_by_next() {
    let layers = sample_layers();
    let targets = ["", "c", "b", "f", "g", "a", "z", "ca", "d"].map(|key| Operation::Seek(key.as_bytes().to_vec()));
    let mut operations = targets.to_vec();
    operations
        .extend(targets.into_iter().flat_map(|seek| [seek, Operation::Next, Operation::SeekToFirst, Operation::Next]));
    for polls in 1..6 {
        for beginning in [Beginning::DropAfter(polls), Beginning::Abandon(polls)] {
            for forgets in [false, true] {
                let mut driving = Driving {
                    layers: &layers,
                    failures: &Failures::none(),
                    waits: &Waits::of(&[6, 0, 7, 9, 6], forgets),
                    driver: &Driver::patient(),
                    beginnings: &[beginning, Beginning::DropAfter(1)],
                    operations: &operations,
                    left_open: 0,
                };
                visit_every_cursor(&mut driving);
                assert!(driving.left_open > 500, "{} seeks were left open", driving.left_open);
            }
        }
    }
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
