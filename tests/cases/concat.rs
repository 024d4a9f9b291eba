//! Sources whose keys follow one another, opened one at a time.

use std::fmt;

use storage_iter::{ConcatChildren, ConcatFn, ConcatIterator, ConcatRanges, RangedConcatSource, SeekableIterator};

use super::case::{Case, runs};
use super::support::{Entry, HostileIterator, Layer, run_without_errors};

/// The concatenations of these cases stand on their first entry when they are new. Ours stand before it.
pub(crate) fn concat(case: &Case) {
    let layers = case.layers();
    let check = |name, entries: Layer| assert_eq!(entries, case.expected(), "{name}: {}", case.name());

    let children = ConcatChildren::new(layers.iter().map(|layer| HostileIterator::harmless(layer)));
    check("children", run_without_errors("concat", ConcatIterator::new(children)));

    let opened = ConcatFn::new(layers.len(), |child| Ok(HostileIterator::harmless(&layers[child])));
    check("opened", run_without_errors("concat", ConcatIterator::new(opened)));

    check("ranged", run_without_errors("concat", ConcatIterator::new(ranged(&layers))));
}

/// These cases make a new concatenation for every key, which stands at its place from the start. Ours is made, and then sought;
/// and one that has gone to its end before must find the same.
pub(crate) fn seek(case: &Case) {
    let layers = case.layers();
    check_seek(case, ConcatIterator::new(ranged(&layers)));

    let runs = runs(&layers);
    let of_runs = ConcatRanges::new(ranges(&layers), |child| Ok(runs[child].iter())).expect("ranges that ascend");
    check_seek(case, ConcatIterator::new(of_runs));
}

fn check_seek<I>(case: &Case, mut level: I)
where
    I: SeekableIterator<Key = [u8], Value = [u8], Error: fmt::Debug>,
{
    for _ in 0..2 {
        let found = level.seek(&case.key()).expect("these sources do not fail");
        assert_eq!(found, level.is_valid(), "{}", case.name());
        let entry = found.then(|| (level.key().to_vec(), level.value().to_vec()));
        assert_eq!(Layer::from_iter(entry), case.expected(), "{}", case.name());
        while level.next().expect("these sources do not fail") {}
    }
}

/// The layers as children whose first and last keys are known.
fn ranged(layers: &[Layer]) -> impl RangedConcatSource<Child = HostileIterator> {
    let open = |child: usize| Ok(HostileIterator::harmless(&layers[child]));
    ConcatRanges::new(ranges(layers), open).expect("ranges that ascend")
}

fn ranges(layers: &[Layer]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let key = |entry: Option<&Entry>| entry.expect("a layer with entries").0.clone();
    layers.iter().map(|layer| (key(layer.first()), key(layer.last()))).collect()
}
