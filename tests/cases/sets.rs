//! Sets over keys, of two children and of many.

use std::fmt;

use storage_iter::testing::InjectedFailure;
use storage_iter::{
    BidirectionalIterator, ChildError, IntersectionIterator, MergeIterator, SeekableIterator, Sides, StorageIterator,
    TwoDifferenceIterator, TwoIntersectionIterator, TwoSides, TwoSymmetricDifferenceIterator, TwoUnionIterator,
    UnionIterator,
};

use super::case::Case;
use super::support::{HostileIterator, Layer};

/// The cases get a key with the values of all inputs that have it, and make one of them; so do the closures here, with
/// [`Case::fold`].
pub(crate) fn union(case: &Case) {
    let layers = case.layers();
    check(case, UnionIterator::new(leaves(&layers)), |union| case.fold(&all(union.value())));
    if let [a, b] = layers.as_slice() {
        check(case, TwoUnionIterator::new(leaf(a), leaf(b)), |union| case.fold(&both(union.value())));
    }
}

pub(crate) fn intersection(case: &Case) {
    let layers = case.layers();
    macro_rules! check_many {
        ($approach:ident) => {
            check(case, IntersectionIterator::$approach(leaves(&layers)), |common| {
                case.fold(&(0..layers.len()).map(|index| common.value_of(index)).collect::<Vec<_>>())
            });
        };
    }
    check_many!(new);
    check_many!(galloping);

    let [a, b] = layers.as_slice() else { return };
    macro_rules! check_two {
        ($approach:ident) => {
            check(case, TwoIntersectionIterator::$approach(leaf(a), leaf(b)), |common| {
                case.fold(&[common.left(), common.right()])
            });
        };
    }
    check_two!(new);
    check_two!(galloping);
    check_two!(probing);
}

/// The first input minus all others: a merge of these is what is taken away. No other input has a key that is left.
pub(crate) fn difference(case: &Case) {
    let layers = case.layers();
    let (first, others) = layers.split_first().expect("a difference has a first input");
    let (first, others) = (|| as_child(leaf(first)), || MergeIterator::new(leaves(others)));
    check(case, TwoDifferenceIterator::new(first(), others()), |left| case.fold(&[left.value()]));
    check(case, TwoDifferenceIterator::galloping(first(), others()), |left| case.fold(&[left.value()]));
}

/// The keys that an odd number of inputs have: a filter of their union, or two by two.
pub(crate) fn symmetric_difference(case: &Case) {
    let layers = case.layers();
    let odd = UnionIterator::new(leaves(&layers)).filter(|_, sides| sides.count() % 2 == 1);
    check(case, odd, |odd| case.fold(&all(odd.value())));

    let [a, b, c] = layers.as_slice() else { panic!("{}: three inputs", case.name()) };
    let in_one = TwoSymmetricDifferenceIterator::new(leaf(a), leaf(b)).map_value(|sides| sides.first());
    // A key of `a` and `b` is gone before `c` is asked, and their values with it, so this tells the keys alone.
    let mut odd = TwoSymmetricDifferenceIterator::new(in_one, as_child(leaf(c)));
    let expected = case.expected();
    for (key, _) in &expected {
        assert_eq!(odd.next(), Ok(true), "{}", case.name());
        assert_eq!(odd.key(), key.as_slice(), "{}", case.name());
    }
    assert_eq!(odd.next(), Ok(false), "{}", case.name());
}

/// The full outer join: the values tell which of the two has a key.
pub(crate) fn merge_join(case: &Case) {
    let layers = case.layers();
    let [a, b] = layers.as_slice() else { panic!("{}: two inputs", case.name()) };
    let name = |left: Option<&[u8]>, right: Option<&[u8]>| {
        let (left_value, right_value) = (left.unwrap_or(b"L"), right.unwrap_or(b"R"));
        assert_eq!((left_value, right_value), (b"L".as_slice(), b"R".as_slice()), "{}", case.name());
        match (left, right) {
            (Some(_), Some(_)) => b"both".to_vec(),
            (Some(_), None) => b"left".to_vec(),
            (None, Some(_)) => b"right".to_vec(),
            (None, None) => panic!("{}: nobody has the key", case.name()),
        }
    };
    check(case, TwoUnionIterator::new(leaf(a), leaf(b)), |it| name(it.value().left(), it.value().right()));
    check(case, UnionIterator::new(leaves(&layers)), |it| name(it.value().get(0), it.value().get(1)));
}

fn leaf(layer: &Layer) -> HostileIterator {
    HostileIterator::harmless(layer)
}

fn leaves(layers: &[Layer]) -> impl Iterator<Item = HostileIterator> {
    layers.iter().map(leaf)
}

/// With the error of a combinator, to stand beside one.
fn as_child(
    leaf: HostileIterator,
) -> impl BidirectionalIterator<Key = [u8], Value = [u8], Error = ChildError<InjectedFailure>> {
    leaf.map_err(|error| ChildError { child: 0, error })
}

fn all(sides: &Sides<HostileIterator>) -> Vec<&[u8]> {
    sides.iter().map(|(_, value)| value).collect()
}

fn both(sides: &TwoSides<HostileIterator, HostileIterator>) -> Vec<&[u8]> {
    [sides.left(), sides.right()].into_iter().flatten().collect()
}

/// Goes through all entries, each with the value that `value` makes of it; once from the new iterator, once from a seek.
fn check<I>(case: &Case, mut iterator: I, value: impl Fn(&I) -> Vec<u8>)
where
    I: SeekableIterator<Key = [u8], Error: fmt::Debug>,
{
    let no_failure = "these sources do not fail";
    let entry = |iterator: &I| (iterator.key().to_vec(), value(iterator));
    let mut entries = Layer::new();
    while iterator.next().expect(no_failure) {
        entries.push(entry(&iterator));
    }
    assert!(!iterator.is_valid() && !iterator.next().expect(no_failure), "{}", case.name());
    assert_eq!(entries, case.expected(), "{}", case.name());

    let mut found = iterator.seek_to_first().expect(no_failure);
    for expected in entries {
        assert!(found, "{}", case.name());
        assert_eq!(entry(&iterator), expected, "{}", case.name());
        found = iterator.next().expect(no_failure);
    }
    assert!(!found, "{}", case.name());
}
