//! The generators: that they make what they promise, and that failures shrink to something small.

mod support;

use quickcheck::{Arbitrary, Gen, TestResult, quickcheck};
use storage_iter::{MergeIterator, SliceIterator, StorageIterator};
use support::{Layers, Nesting, oracles};

/// Seeds for what must not depend on luck.
fn samples(count: u64) -> impl Iterator<Item = Layers> {
    (0..count).map(|seed| Layers::arbitrary(&mut Gen::from_size_and_seed(100, seed)))
}

#[test]
fn every_kind_of_input_is_made_often() {
    let keys = |layers: &Layers| -> Vec<Vec<u8>> { layers.0.iter().flatten().map(|(key, _)| key.clone()).collect() };
    let is_prefix = |a: &[u8], b: &[u8]| a.len() < b.len() && b.starts_with(a) && !a.is_empty();
    type IsOfKind = Box<dyn Fn(&Layers) -> bool>;
    let kinds: [(&str, IsOfKind); 12] = [
        ("no layers", Box::new(|layers| layers.0.is_empty())),
        ("one layer", Box::new(|layers| layers.0.len() == 1)),
        ("the most layers", Box::new(|layers| layers.0.len() == Layers::MOST)),
        ("an empty layer", Box::new(|layers| layers.0.iter().any(Vec::is_empty))),
        ("the empty key", Box::new(move |layers| keys(layers).iter().any(Vec::is_empty))),
        ("an empty value", Box::new(|layers| layers.0.iter().flatten().any(|(_, value)| value.is_empty()))),
        ("a trailing zero", Box::new(move |layers| keys(layers).iter().any(|key| key.ends_with(&[0])))),
        ("a large byte", Box::new(move |layers| keys(layers).iter().any(|key| key.contains(&0xFF)))),
        ("a key that differs from another in trailing zeros only", {
            Box::new(move |layers| {
                let keys = keys(layers);
                keys.iter().any(|a| keys.contains(&[a.as_slice(), &[0]].concat()))
            })
        }),
        ("a key that is a prefix of another", {
            Box::new(move |layers| {
                let keys = keys(layers);
                keys.iter().any(|a| keys.iter().any(|b| is_prefix(a, b)))
            })
        }),
        ("two keys that share 32 bytes", {
            Box::new(move |layers| {
                let keys = keys(layers);
                keys.iter().any(|a| a.len() > 32 && keys.iter().any(|b| a != b && b.starts_with(&a[..32])))
            })
        }),
        ("a key in four layers", {
            Box::new(move |layers| {
                let keys = keys(layers);
                keys.iter().any(|a| keys.iter().filter(|b| a == *b).count() >= 4)
            })
        }),
    ];
    let samples: Vec<Layers> = samples(2000).collect();
    for (kind, is_of_kind) in kinds {
        let count = samples.iter().filter(|layers| is_of_kind(layers)).count();
        assert!(count >= 40, "{kind}: {count} of {}", samples.len());
    }
}

#[test]
fn layers_are_sorted_and_stay_so_when_they_shrink() {
    for layers in samples(100) {
        assert!(layers.are_sorted(), "{layers:?}");
        for smaller in layers.shrink() {
            assert!(smaller.are_sorted(), "{smaller:?}");
            assert_ne!(smaller, layers);
        }
    }
}

/// What a failing property is shrunk to, by quickcheck's own way: the first smaller input that fails as well, over and over.
fn shrunk<T: Arbitrary>(mut input: T, fails: impl Fn(&T) -> bool) -> T {
    assert!(fails(&input));
    while let Some(smaller) = input.shrink().find(&fails) {
        input = smaller;
    }
    input
}

/// A merge that is wrong in three ways, each with the smallest input that shows it.
#[test]
fn failures_shrink_to_the_smallest_input() {
    // Loses ties of the newest layer: two layers, one key, both values short.
    let loses_ties = |layers: &Layers| {
        let reversed: Vec<_> = layers.0.iter().rev().cloned().collect();
        oracles::newest(&reversed) != oracles::newest(&layers.0)
    };
    // Takes the empty key for "no key yet".
    let loses_the_empty_key = |layers: &Layers| layers.0.iter().flatten().any(|(key, _)| key.is_empty());
    // Confuses keys that differ in trailing zeros only.
    let trims_zeros = |layers: &Layers| {
        let trimmed = |key: &[u8]| key.iter().rposition(|&byte| byte != 0).map_or(vec![], |last| key[..=last].to_vec());
        let newest = oracles::newest(&layers.0);
        newest.windows(2).any(|pair| trimmed(&pair[0].0) == trimmed(&pair[1].0))
    };
    for (fails, entries, bytes) in
        [(&loses_ties as &dyn Fn(&Layers) -> bool, 2, 1), (&loses_the_empty_key, 1, 0), (&trims_zeros, 2, 1)]
    {
        for layers in samples(300).filter(fails).take(20) {
            let smallest = shrunk(layers, fails);
            assert_eq!(smallest.entry_count(), entries, "{smallest:?}");
            let size: usize = smallest.0.iter().flatten().map(|(key, value)| key.len() + value.len()).sum();
            assert!(size <= bytes, "{smallest:?}");
            assert!(smallest.0.iter().all(|layer| !layer.is_empty()), "{smallest:?}");
        }
    }
}

#[test]
fn nestings_shrink_to_one_part() {
    for seed in 0..50 {
        let nesting = Nesting::arbitrary(&mut Gen::from_size_and_seed(100, seed));
        let smallest = shrunk(nesting.clone(), |_| true);
        let is_smallest = match &smallest {
            Nesting::Leaf => true,
            Nesting::Merge(children) => children.is_empty(),
            _ => false,
        };
        assert!(is_smallest, "{nesting:?} to {smallest:?}");
    }
}

quickcheck! {
    /// The two oracles agree, so a fault in one is not taken for the truth.
    fn the_oracles_agree(layers: Layers) -> bool {
        let sources = oracles::newest_sources(&layers.0);
        oracles::newest(&layers.0) == oracles::newest_by_itertools(&layers.0)
            && oracles::all_versions(&layers.0) == oracles::all_versions_by_itertools(&layers.0)
            && sources.len() == oracles::newest(&layers.0).len()
    }

    /// A merge over layers in the wrong order is noticed: the values tell their layer.
    fn a_wrong_winner_shows(layers: Layers) -> TestResult {
        let versions = oracles::all_versions(&layers.0);
        let ties = versions.windows(2).filter(|pair| pair[0].1.0 == pair[1].1.0 && pair[0].1.1 != pair[1].1.1).count();
        if ties == 0 {
            return TestResult::discard();
        }
        let merged = MergeIterator::new(layers.0.iter().rev().map(|layer| SliceIterator::new(layer)));
        let entries: Vec<_> = merged.collect().unwrap();
        let wins_twice = oracles::newest(&layers.0) == entries;
        // Three layers may have the same value in the first and the last.
        TestResult::from_bool(!wins_twice || layers.0.len() > 2)
    }
}
