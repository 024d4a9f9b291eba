//! Sets and concatenations as cursors, over sources that fail and panic, with sets of std.

use std::collections::{BTreeMap, BTreeSet};

use storage_iter::testing::{Contract, Entry, FailPoint, Fault, HostileIterator, InjectedFailure};
use storage_iter::{
    BidirectionalIterator, ConcatIterator, ConcatSource, IntersectionIterator, RangedConcatSource, StorageIterator,
    TwoDifferenceIterator, TwoIntersectionIterator, TwoSides, TwoSymmetricDifferenceIterator, TwoUnionIterator,
    UnionIterator,
};

use super::course::Course;
use super::input::Input;

/// What each source has for a key.
type Values = Vec<Option<Vec<u8>>>;

/// Reads an input and compares.
///
/// # Panics
///
/// Where a cursor is wrong.
pub fn sets(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let family = input.byte();
    let faults = input.faults(&[Fault::Error, Fault::Error, Fault::Forget, Fault::Panic]);
    let layers = input.layers().0;
    let keys: Vec<Vec<u8>> = layers.iter().flatten().map(|(key, _)| key.clone()).collect();
    let course = Course::new(faults, &keys, &mut input);
    let set = Set { course, layers };
    match family % 11 {
        0 => set.of_two(
            |left, right| left.union(right).cloned().collect(),
            |[a, b]| TwoUnionIterator::new(a, b),
            |cursor| show_sides(cursor.value()),
        ),
        1 => set.of_two(
            |left, right| left.symmetric_difference(right).cloned().collect(),
            |[a, b]| TwoSymmetricDifferenceIterator::new(a, b),
            |cursor| show_sides(cursor.value()),
        ),
        2 => set.of_two(
            common,
            |[a, b]| TwoIntersectionIterator::new(a, b),
            |cursor| vec![show(cursor.left()), show(cursor.right())],
        ),
        3 => set.of_two(
            common,
            |[a, b]| TwoIntersectionIterator::galloping(a, b),
            |cursor| vec![show(cursor.left()), show(cursor.right())],
        ),
        4 => set.of_two(
            common,
            |[a, b]| TwoIntersectionIterator::probing(a, b),
            |cursor| vec![show(cursor.left()), show(cursor.right())],
        ),
        5 => set.of_two(
            |left, right| left.difference(right).cloned().collect(),
            |[a, b]| TwoDifferenceIterator::new(a, b),
            |cursor| vec![show(cursor.value()), None],
        ),
        6 => set.of_two(
            |left, right| left.difference(right).cloned().collect(),
            |[a, b]| TwoDifferenceIterator::galloping(a, b),
            |cursor| vec![show(cursor.value()), None],
        ),
        7 => {
            let count = set.layers.len();
            let values = move |cursor: &UnionIterator<HostileIterator>| {
                (0..count).map(|index| cursor.value().get(index).map(<[u8]>::to_vec)).collect()
            };
            set.of_many(&set.layers, |_| true, UnionIterator::new, values);
        }
        // Layers that have few keys in common, and the same with all of the others in each.
        8 | 9 => {
            let all: BTreeMap<_, _> = set.layers.iter().flatten().cloned().collect();
            let all: Vec<Entry> = all.into_iter().collect();
            let layers: Vec<Vec<Entry>> =
                set.layers.iter().take(3).flat_map(|layer| [layer.clone(), all.clone()]).collect();
            let count = layers.len();
            if family % 11 == 8 {
                let values = move |cursor: &IntersectionIterator<_, _>| {
                    (0..count).map(|index| show(cursor.value_of(index))).collect()
                };
                set.of_many(&layers, |values| values.iter().all(Option::is_some), IntersectionIterator::new, values);
            } else {
                let values = move |cursor: &IntersectionIterator<_, _>| {
                    (0..count).map(|index| show(cursor.value_of(index))).collect()
                };
                let make = IntersectionIterator::galloping;
                set.of_many(&layers, |values| values.iter().all(Option::is_some), make, values);
            }
        }
        _ => set.concat(&mut input),
    }
}

fn common(left: &BTreeSet<Vec<u8>>, right: &BTreeSet<Vec<u8>>) -> Vec<Vec<u8>> {
    left.intersection(right).cloned().collect()
}

fn show(value: &[u8]) -> Option<Vec<u8>> {
    Some(value.to_vec())
}

fn show_sides<A, B>(sides: &TwoSides<A, B>) -> Values
where
    A: StorageIterator<Value = [u8]>,
    B: StorageIterator<Value = [u8]>,
{
    vec![sides.left().map(<[u8]>::to_vec), sides.right().map(<[u8]>::to_vec)]
}

struct Set {
    course: Course,
    layers: Vec<Vec<Entry>>,
}

impl Set {
    /// A set of the first two layers, whose keys `choose` tells.
    fn of_two<I: BidirectionalIterator<Key = [u8]>>(
        &self,
        choose: impl FnOnce(&BTreeSet<Vec<u8>>, &BTreeSet<Vec<u8>>) -> Vec<Vec<u8>>,
        make: impl FnOnce([HostileIterator; 2]) -> I,
        values: impl Fn(&I) -> Values,
    ) {
        let layers = [0, 1].map(|index| self.layers.get(index).cloned().unwrap_or_default());
        let maps = layers.each_ref().map(|layer| layer.iter().cloned().collect::<BTreeMap<_, _>>());
        let [left, right] = maps.each_ref().map(|map| map.keys().cloned().collect());
        let chosen = choose(&left, &right);
        let expected: Vec<(Vec<u8>, Values)> = chosen
            .into_iter()
            .map(|key| {
                let values = maps.iter().map(|map| map.get(&key).cloned()).collect();
                (key, values)
            })
            .collect();
        let make = |sources: Vec<HostileIterator>, _: &FailPoint| make(sources.try_into().expect("two layers"));
        self.course.drive_shown(contract(), &layers, &expected, make, values);
    }

    /// A set of all layers, with the keys for whose values `choose` says yes.
    fn of_many<I: BidirectionalIterator<Key = [u8]>>(
        &self,
        layers: &[Vec<Entry>],
        choose: impl Fn(&Values) -> bool,
        make: impl FnOnce(Vec<HostileIterator>) -> I,
        values: impl Fn(&I) -> Values,
    ) {
        let maps: Vec<BTreeMap<_, _>> = layers.iter().map(|layer| layer.iter().cloned().collect()).collect();
        let keys: BTreeSet<Vec<u8>> = layers.iter().flatten().map(|(key, _)| key.clone()).collect();
        let expected: Vec<(Vec<u8>, Values)> = keys
            .into_iter()
            .map(|key| {
                let values: Values = maps.iter().map(|map| map.get(&key).cloned()).collect();
                (key, values)
            })
            .filter(|(_, values)| choose(values))
            .collect();
        self.course.drive_shown(contract(), layers, &expected, |sources, _| make(sources), values);
    }

    /// One list, cut into children with a range of keys each, which may hold nothing.
    fn concat(&self, input: &mut Input<'_>) {
        let keys: BTreeSet<Vec<u8>> = self.layers.iter().flatten().map(|(key, _)| key.clone()).collect();
        let mut keys: Vec<Vec<u8>> = keys.into_iter().collect();
        let entries = self.layers.first().cloned().unwrap_or_default();
        let (mut children, mut ranges) = (vec![], vec![]);
        while !keys.is_empty() {
            let behind = keys.split_off((1 + input.below(7)).min(keys.len()));
            let range = (keys[0].clone(), keys[keys.len() - 1].clone());
            children.push(entries.iter().filter(|(key, _)| (&range.0..=&range.1).contains(&key)).cloned().collect());
            ranges.push(range);
            keys = behind;
        }
        let make = |_, point: &FailPoint| ConcatIterator::new(Level { ranges, children, point: point.clone() });
        self.course.drive_shown(contract(), &[], &entries, make, |cursor| cursor.value().to_vec());
    }
}

fn contract() -> Contract {
    Contract::new().reporting_every_failure()
}

/// Children that are opened where nothing fails.
struct Level {
    ranges: Vec<(Vec<u8>, Vec<u8>)>,
    children: Vec<Vec<Entry>>,
    point: FailPoint,
}

impl ConcatSource for Level {
    type Child = HostileIterator;

    fn child_count(&self) -> usize {
        self.children.len()
    }

    fn open(&mut self, child: usize) -> Result<HostileIterator, InjectedFailure> {
        self.point.pass()?;
        Ok(HostileIterator::disturbed(&self.children[child], &self.point, &[]).touchy())
    }
}

impl RangedConcatSource for Level {
    fn first_key(&self, child: usize) -> &[u8] {
        &self.ranges[child].0
    }

    fn last_key(&self, child: usize) -> &[u8] {
        &self.ranges[child].1
    }
}
