//! Union, intersection, difference and symmetric difference, forwards, backwards and by seeks, against sets of std.

mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use quickcheck::quickcheck;
use storage_iter::testing::events::{Event, count_events};
use storage_iter::testing::{
    Contract, CountingKey, FailPoint, Fault, FaultScript, HostileIterator, Operation, Operations,
};
use storage_iter::{
    BidirectionalIterator, IntersectionIterator, SliceIterator, StorageIterator, TwoDifferenceIterator,
    TwoIntersectionIterator, TwoSides, TwoSymmetricDifferenceIterator, TwoUnionIterator, UnionIterator,
};
use support::{Entry, Layers};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

fn map(entries: &[Entry]) -> Map {
    entries.iter().cloned().collect()
}

/// The keys, each with the values that are there.
fn with_values<'a>(keys: impl IntoIterator<Item = &'a Vec<u8>>, maps: &[Map]) -> Vec<Entry> {
    let shown = |key| maps.iter().map(|map| map.get(key).map(Vec::as_slice)).collect::<Vec<_>>();
    keys.into_iter().map(|key| (key.clone(), show_values(&shown(key)))).collect()
}

/// Values as one byte string that tells which are there.
fn show_values(values: &[Option<&[u8]>]) -> Vec<u8> {
    format!("{values:?}").into_bytes()
}

fn show_sides<A, B>(sides: &TwoSides<A, B>) -> Vec<u8>
where
    A: StorageIterator<Value = [u8]>,
    B: StorageIterator<Value = [u8]>,
{
    show_values(&[sides.left(), sides.right()])
}

/// Calls `check` with every two-type form, what is expected of it, and how its entries are shown.
fn for_every_two<C: Check>(a: &[Entry], b: &[Entry], check: &C) {
    let source = |entries: &[Entry]| check.source(entries);
    let maps = [map(a), map(b)];
    let [left, right]: [BTreeSet<Vec<u8>>; 2] = maps.each_ref().map(|map| map.keys().cloned().collect());

    let expected = with_values(left.union(&right), &maps);
    check.check("union", TwoUnionIterator::new(source(a), source(b)), &expected, |it| show_sides(it.value()));
    let expected = with_values(left.symmetric_difference(&right), &maps);
    let iterator = TwoSymmetricDifferenceIterator::new(source(a), source(b));
    check.check("symmetric difference", iterator, &expected, |it| show_sides(it.value()));

    let expected = with_values(left.intersection(&right), &maps);
    macro_rules! intersection {
        ($form:ident) => {
            let iterator = TwoIntersectionIterator::$form(source(a), source(b));
            check.check(concat!("intersection ", stringify!($form)), iterator, &expected, |it| {
                assert_eq!(it.left(), it.value());
                show_values(&[Some(it.left()), Some(it.right())])
            });
        };
    }
    intersection!(new);
    intersection!(galloping);
    intersection!(probing);

    let expected = with_values(left.difference(&right), &maps);
    let show = |value: &[u8]| show_values(&[Some(value), None]);
    let iterator = TwoDifferenceIterator::new(source(a), source(b));
    check.check("difference", iterator, &expected, |it| show(it.value()));
    let iterator = TwoDifferenceIterator::galloping(source(a), source(b));
    check.check("difference galloping", iterator, &expected, |it| show(it.value()));
}

fn check_union<C: Check>(layers: &[&[Entry]], check: &C) {
    let maps: Vec<Map> = layers.iter().map(|entries| map(entries)).collect();
    let all: BTreeSet<Vec<u8>> = maps.iter().flat_map(|map| map.keys().cloned()).collect();
    let expected = with_values(&all, &maps);
    let sources = layers.iter().map(|entries| check.source(entries));
    check.check(&format!("union of {}", layers.len()), UnionIterator::new(sources), &expected, |it| {
        let sides = it.value();
        let values: Vec<_> = (0..layers.len()).map(|index| sides.get(index)).collect();
        let there: Vec<_> = values.iter().enumerate().filter_map(|(i, value)| Some((i, (*value)?))).collect();
        assert_eq!(sides.iter().collect::<Vec<_>>(), there);
        assert_eq!((sides.count(), sides.first()), (there.len(), there[0].1));
        show_values(&values)
    });
}

/// The same for the forms of any number of children.
fn for_every_many<C: Check>(layers: &[&[Entry]], check: &C) {
    let sources = || layers.iter().map(|entries| check.source(entries));
    let maps: Vec<Map> = layers.iter().map(|entries| map(entries)).collect();
    let all: BTreeSet<Vec<u8>> = maps.iter().flat_map(|map| map.keys().cloned()).collect();

    check_union(layers, check);
    let common = all.iter().filter(|key| !maps.is_empty() && maps.iter().all(|map| map.contains_key(*key)));
    let expected = with_values(common, &maps);
    check.check("intersection of many", IntersectionIterator::new(sources()), &expected, |it| {
        show_values(&(0..layers.len()).map(|index| Some(it.value_of(index))).collect::<Vec<_>>())
    });
    check.check("intersection of many galloping", IntersectionIterator::galloping(sources()), &expected, |it| {
        show_values(&(0..layers.len()).map(|index| Some(it.value_of(index))).collect::<Vec<_>>())
    });
}

trait Check {
    /// A source for the next check.
    fn source(&self, entries: &[Entry]) -> HostileIterator;

    fn check<I>(&self, name: &str, iterator: I, expected: &[Entry], show: impl Fn(&I) -> Vec<u8>)
    where
        I: BidirectionalIterator<Key = [u8]>;
}

/// By any operations, over sources that fail and panic.
struct Walking<'a> {
    operations: &'a [Operation<Vec<u8>>],
    script: &'a FaultScript,
    /// Whether sources panic when they are looked at, which keeps most panics from calls that move.
    is_touchy: bool,
    /// That of the sources which were handed out since the last check.
    point: RefCell<FailPoint>,
}

impl Check for Walking<'_> {
    fn source(&self, entries: &[Entry]) -> HostileIterator {
        let source = HostileIterator::disturbed(entries, &self.point.borrow(), &[]);
        if self.is_touchy { source.touchy() } else { source }
    }

    fn check<I>(&self, name: &str, iterator: I, expected: &[Entry], show: impl Fn(&I) -> Vec<u8>)
    where
        I: BidirectionalIterator<Key = [u8]>,
    {
        let point = self.point.replace(FailPoint::new(self.script));
        let contract = Contract::new().reporting_every_failure();
        let checked = contract.check_shown_operations(iterator, expected, show, self.operations, &point);
        checked.map(drop).unwrap_or_else(|broken| panic!("{name}: {broken}"));
    }
}

/// Checks over sources that do not fail, and over those that do.
fn walk(operations: &Operations, pool: &[Vec<u8>], script: &FaultScript, check: impl Fn(&Walking<'_>)) {
    let operations = operations.near(pool, <[u8]>::to_vec);
    for script in [&FaultScript::default(), script] {
        check(&Walking { operations: &operations, script, is_touchy: true, point: FailPoint::new(script).into() });
    }
}

/// All keys of the layers, and one layer that is longer than the others: everything that is not in the first one.
fn pool_of(layers: &Layers) -> (Vec<Vec<u8>>, Vec<Entry>) {
    let all: BTreeMap<_, _> = layers.0.iter().skip(1).flatten().cloned().collect();
    let pool: BTreeSet<_> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    (pool.into_iter().collect(), all.into_iter().collect())
}

quickcheck! {
    fn two_sets_are_walked_like_a_list(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let (pool, all_others) = pool_of(&layers);
        walk(&operations, &pool, &script, |walking| {
            for_every_two(layers.layer(0), layers.layer(1), walking);
            for_every_two(layers.layer(0), &all_others, walking);
            for_every_two(&all_others, layers.layer(0), walking);
        });
        true
    }

    fn many_sets_are_walked_like_a_list(layers: Layers, operations: Operations, script: FaultScript) -> bool {
        let (pool, all_others) = pool_of(&layers);
        walk(&operations, &pool, &script, |walking| {
            let all: Vec<_> = layers.0.iter().map(Vec::as_slice).collect();
            for_every_many(&all, walking);
            // So that many have keys in common.
            for_every_many(&[layers.layer(0), &all_others, layers.layer(0)], walking);
            for_every_many(&[&all_others, layers.layer(1), &all_others, layers.layer(0)], walking);
        });
        true
    }
}

/// Entries of keys of one byte.
fn letters(keys: &str) -> Vec<Entry> {
    keys.bytes().map(|key| (vec![key], vec![key])).collect()
}

/// Walks that turn round once and again, with a fault in each place, or two in a row.
#[test]
fn short_walks_with_a_fault_in_each_place() {
    walk_with_a_fault_in_each_place(["bcdfgh", "acdegh", "cdfh"], 20);
}

/// Where one child is led by seeks as well.
#[test]
fn short_walks_over_gaps_with_a_fault_in_each_place() {
    walk_with_a_fault_in_each_place(["abcdefghijklmn", "agn", "aghn"], 30);
}

fn walk_with_a_fault_in_each_place(layers: [&str; 3], calls: usize) {
    let [a, b, c] = layers.map(letters);
    for (start, ahead, back) in [
        (Operation::SeekToFirst, Operation::Next, Operation::Prev),
        (Operation::SeekToLast, Operation::Prev, Operation::Next),
        (Operation::SeekForPrev(b"g".to_vec()), Operation::Prev, Operation::Next),
    ] {
        for steps in 0..4 {
            let walk = std::iter::repeat_n(ahead.clone(), steps);
            let turns = [back.clone(), back.clone(), ahead.clone(), back.clone(), ahead.clone()];
            let operations: Vec<_> = std::iter::once(start.clone()).chain(walk).chain(turns).collect();
            for (fault, is_touchy) in [(Fault::Error, false), (Fault::Panic, true), (Fault::Panic, false)] {
                for (calls, times) in (0..calls).flat_map(|calls| [(calls, 1), (calls, 2)]) {
                    let faults = std::iter::once((calls, fault)).chain([(0, fault)]).take(times);
                    let script = &FaultScript(faults.collect());
                    let point = FailPoint::new(script).into();
                    let walking = Walking { operations: &operations, script, is_touchy, point };
                    for_every_two(&a, &b, &walking);
                    for_every_two(&b, &a, &walking);
                    for_every_many(&[&a, &b, &c], &walking);
                }
            }
        }
    }
}

/// By a loop that ends when there is enough.
struct Looping {
    enough: usize,
}

impl Check for Looping {
    fn source(&self, entries: &[Entry]) -> HostileIterator {
        HostileIterator::harmless(entries)
    }

    fn check<I>(&self, name: &str, iterator: I, expected: &[Entry], _: impl Fn(&I) -> Vec<u8>)
    where
        I: BidirectionalIterator<Key = [u8]>,
    {
        let mut keys = vec![];
        let ended = iterator.for_each_while(|key, _| {
            keys.push(key.to_vec());
            keys.len() < self.enough
        });
        assert!(ended.is_ok_and(|ended| ended == (expected.len() < self.enough)), "{name}");
        assert!(keys.iter().eq(expected.iter().take(self.enough).map(|(key, _)| key)), "{name}: {keys:?}");
    }
}

#[test]
fn loops_show_every_key_of_any_two_sets() {
    let subsets: Vec<_> = (0..32)
        .map(|bits| {
            letters("abcde")
                .into_iter()
                .enumerate()
                .filter(|(index, _)| bits >> index & 1 == 1)
                .map(|(_, entry)| entry)
                .collect()
        })
        .collect::<Vec<Vec<Entry>>>();
    for (a, b) in subsets.iter().flat_map(|a| subsets.iter().map(move |b| (a, b))) {
        for enough in [1, 2, 9] {
            for_every_two(a, b, &Looping { enough });
            for_every_many(&[a, b], &Looping { enough });
        }
    }
}

quickcheck! {
    /// So many children that most have not the key, and steps in one direction for long enough that their order is kept.
    fn a_union_of_very_many_is_walked_like_a_list(
        layers: Layers,
        operations: Operations,
        script: FaultScript,
        common: Vec<u8>
    ) -> bool {
        const CHILDREN: usize = 40;
        let (pool, all) = pool_of(&layers);
        let mut children = vec![vec![]; CHILDREN];
        for (index, entry) in all.iter().chain(layers.layer(0)).enumerate() {
            children[index * 7 % CHILDREN].push(entry.clone());
        }
        // One key that all have, and whichever others, in some.
        for (index, child) in children.iter_mut().enumerate() {
            child.push((common.clone(), vec![]));
            child.push((vec![b'a', index as u8 % 5], vec![1]));
            child.sort();
            child.dedup_by(|one, other| one.0 == other.0);
        }
        let children: Vec<_> = children.iter().map(Vec::as_slice).collect();
        let operations = operations.near(&pool, <[u8]>::to_vec);
        let operations: Vec<_> = operations.into_iter().flat_map(|operation| vec![operation; 6]).collect();
        for script in [&FaultScript::default(), &script] {
            let walking = Walking { operations: &operations, script, is_touchy: false, point: FailPoint::new(script).into() };
            check_union(&children, &walking);
        }
        true
    }
}

/// From end to end and back: keys that one child has, or two or three, whichever these are.
#[test]
fn a_union_of_many_keeps_the_order_of_its_keys() {
    let steps = |operation: Operation<Vec<u8>>| std::iter::repeat_n(operation, 401);
    let operations: Vec<_> = steps(Operation::Next).chain(steps(Operation::Prev)).collect();
    for children in [17_u32, 24, 40] {
        let mut sources = vec![vec![]; children as usize];
        for number in 0..400_u32 {
            let chance = number.wrapping_mul(2_654_435_761) >> 8;
            for holder in 0..=chance % 3 {
                let source: &mut Vec<Entry> = &mut sources[((chance >> (3 + 5 * holder)) % children) as usize];
                source.push((number.to_be_bytes().to_vec(), vec![holder as u8]));
                source.dedup_by(|one, other| one.0 == other.0);
            }
        }
        let sources: Vec<_> = sources.iter().map(Vec::as_slice).collect();
        let script = FaultScript::default();
        let point = FailPoint::new(&script).into();
        check_union(&sources, &Walking { operations: &operations, script: &script, is_touchy: false, point });
    }
}

/// Where few of many children have a key, the others are not looked at; where all have all keys, each is compared once.
#[test]
fn a_union_of_many_compares_as_often_as_its_keys_ask_for() {
    let child = |child: u64, step: u64| (0..200).map(move |key| (CountingKey(key * step + child), ()));
    // Of sixteen or fewer all are compared, while all have entries.
    for children in [2, 5, 16] {
        let apart: Vec<Vec<_>> = (0..children).map(|index| child(index, children).collect()).collect();
        let steps = 150 * children as usize;
        let union = UnionIterator::new(apart.iter().map(|entries| SliceIterator::new(entries))).take(steps);
        let (count, compared) = comparisons(|| union.count());
        assert_eq!((count, compared), (Ok(steps), steps * (children as usize - 1)));
    }
    for children in [17, 64, 256] {
        let apart: Vec<Vec<_>> = (0..children).map(|index| child(index, children).collect()).collect();
        let union = || UnionIterator::new(apart.iter().map(|entries| SliceIterator::new(entries)));
        let keys = 200 * children as usize;
        let most = keys * (2 * children.ilog2() as usize + 4);
        for (count, compared) in [comparisons(|| union().count().unwrap()), comparisons(|| count_backwards(union()))] {
            assert_eq!(count, keys);
            assert!(compared <= most, "{compared} comparisons, not {most}, with {children} children");
        }

        let alike: Vec<Vec<_>> = (0..children).map(|_| child(0, 1).collect()).collect();
        let union = UnionIterator::new(alike.iter().map(|entries| SliceIterator::new(entries)));
        let (count, compared) = comparisons(|| union.count());
        assert_eq!((count, compared), (Ok(200), 200 * (children as usize - 1)));

        // An order that was worth keeping and is not any more is given up after a few steps.
        let first_apart = |index| {
            let apart = (0..20).map(move |key| (CountingKey(key * children + index), ()));
            apart.chain((0..200).map(move |key| (CountingKey(20 * children + key), ()))).collect()
        };
        let first_apart: Vec<Vec<_>> = (0..children).map(first_apart).collect();
        let union = UnionIterator::new(first_apart.iter().map(|entries| SliceIterator::new(entries)));
        let (count, compared) = comparisons(|| union.count());
        assert_eq!(count, Ok(20 * children as usize + 200));
        let most = 20 * children as usize * (2 * children.ilog2() as usize + 4) + (200 + 20) * children as usize;
        assert!(compared <= most, "{compared} comparisons, not {most}, with {children} children");
    }
}

/// How many keys were compared in `f`. Every entry that is touched is compared.
fn comparisons<T>(f: impl FnOnce() -> T) -> (T, usize) {
    let (result, counts) = count_events(f);
    (result, counts.of(Event::Compare))
}

/// A thousand keys are found among a million by a thousand searches, not by reading the million.
#[test]
fn galloping_touches_as_many_entries_as_a_search() {
    let many: Vec<(CountingKey<u64>, ())> = (0..1_000_000).map(|key| (CountingKey(key), ())).collect();
    // Half of them are there.
    let mut few: Vec<(CountingKey<u64>, ())> =
        (0..1_000).map(|key| (CountingKey(key * 1_999 + key % 2 * 2_000_000), ())).collect();
    few.sort_by_key(|(key, ())| key.0);
    let there = few.iter().filter(|(key, ())| key.0 < 1_000_000).count();
    let (few_it, many_it) = (|| SliceIterator::new(&few), || SliceIterator::new(&many));
    // 20 for the search, and a few steps before it.
    let most = 1_000 * (20 + 8);
    for (found, compared) in [
        comparisons(|| TwoIntersectionIterator::galloping(few_it(), many_it()).count()),
        comparisons(|| TwoIntersectionIterator::galloping(many_it(), few_it()).count()),
        comparisons(|| TwoIntersectionIterator::probing(few_it(), many_it()).count()),
        comparisons(|| IntersectionIterator::galloping([many_it(), few_it(), many_it()]).count()),
    ] {
        assert_eq!(found, Ok(there));
        assert!(compared <= 2 * most, "{compared} comparisons");
    }
    let (left, compared) = comparisons(|| TwoDifferenceIterator::galloping(few_it(), many_it()).count());
    assert_eq!(left, Ok(1_000 - there));
    assert!(compared <= most, "{compared} comparisons");
    for (found, compared) in [
        comparisons(|| count_backwards(TwoIntersectionIterator::galloping(few_it(), many_it()))),
        comparisons(|| count_backwards(TwoIntersectionIterator::galloping(many_it(), few_it()))),
        comparisons(|| count_backwards(TwoIntersectionIterator::probing(few_it(), many_it()))),
        comparisons(|| count_backwards(IntersectionIterator::galloping([many_it(), few_it(), many_it()]))),
    ] {
        assert_eq!(found, there);
        assert!(compared <= 2 * most, "{compared} comparisons backwards");
    }
    let (left, compared) = comparisons(|| count_backwards(TwoDifferenceIterator::galloping(few_it(), many_it())));
    assert_eq!(left, 1_000 - there);
    assert!(compared <= most, "{compared} comparisons backwards");
    // Entry by entry there is no way but through all of them.
    let (found, compared) = comparisons(|| TwoIntersectionIterator::new(few_it(), many_it()).count());
    assert_eq!(found, Ok(there));
    assert!(compared > 400_000, "{compared} comparisons");
}

/// Galloping costs children whose keys lie close together nothing but a little.
#[test]
fn galloping_steps_where_the_keys_lie_close_together() {
    let [a, b] = [2, 3].map(|step| (0..30_000).map(|key| (CountingKey(key * step), ())).collect::<Vec<_>>());
    let (stepped, by_steps) = comparisons(|| SliceIterator::new(&a).intersection(SliceIterator::new(&b)).count());
    let (galloped, by_gallop) =
        comparisons(|| TwoIntersectionIterator::galloping(SliceIterator::new(&a), SliceIterator::new(&b)).count());
    assert_eq!((stepped, by_steps), (galloped, by_gallop));
    let (stepped, by_steps) =
        comparisons(|| count_backwards(SliceIterator::new(&a).intersection(SliceIterator::new(&b))));
    let (galloped, by_gallop) = comparisons(|| {
        count_backwards(TwoIntersectionIterator::galloping(SliceIterator::new(&a), SliceIterator::new(&b)))
    });
    assert_eq!(stepped, galloped);
    assert!(by_gallop <= by_steps, "{by_gallop} comparisons backwards, {by_steps} without galloping");
}

/// From the last entry to the first.
fn count_backwards(mut cursor: impl BidirectionalIterator<Error: std::fmt::Debug>) -> usize {
    let mut is_valid = cursor.seek_to_last().expect("never fails");
    let mut count = 0;
    while is_valid {
        count += 1;
        is_valid = cursor.prev().expect("never fails");
    }
    count
}

/// Where both children have the keys on either side.
#[test]
fn a_step_that_turns_round_takes_one_comparison() {
    let entries = [1, 2, 3, 4].map(|key| (CountingKey(key), ()));
    let mut common = SliceIterator::new(&entries).intersection(SliceIterator::new(&entries));
    assert_eq!((common.seek_to_last(), common.prev()), (Ok(true), Ok(true)));
    let (found, compared) = comparisons(|| common.next());
    assert_eq!((found, common.key().0, compared), (Ok(true), 4, 1));
}

#[test]
fn sources_are_counted() {
    let entries = [(1, 'a')];
    let slice = || SliceIterator::new(&entries);
    let two = || slice().two_merge(slice());
    let three = || two().map_err(|error| error.error).two_merge(slice());
    assert_eq!(TwoUnionIterator::new(two(), three()).num_active_iterators(), 5);
    assert_eq!(TwoSymmetricDifferenceIterator::new(two(), three()).num_active_iterators(), 5);
    assert_eq!(TwoIntersectionIterator::new(two(), three()).num_active_iterators(), 5);
    assert_eq!(TwoDifferenceIterator::new(two(), three()).num_active_iterators(), 5);
    assert_eq!(UnionIterator::new([two(), two(), two()]).num_active_iterators(), 6);
    assert_eq!(IntersectionIterator::new([two(), two(), two()]).num_active_iterators(), 6);
}
