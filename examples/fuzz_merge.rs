//! Fuzzing a merge with quickcheck: random layers against an oracle, and the smallest input that shows a bug.
//!
//! Two merges are tried. One is composed of two iterators in two lines. The other is the heap that everybody writes by
//! hand the first time; it looks right, and has a bug that unit tests rarely have an example for.
//!
//! ```sh
//! cargo run --example fuzz_merge
//! ```

#[path = "shared/ending.rs"]
mod ending;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use quickcheck::{Arbitrary, Gen, QuickCheck};
use storage_iter::{MergeIterator, PairsIterator, StorageIterator};

/// What a merge makes of the layers: live entries in order.
type View<'a> = Vec<(&'a u8, &'a Option<u8>)>;

/// The merge to use.
fn composed(layers: &Layers) -> View<'_> {
    let merged = MergeIterator::new(layers.0.iter().map(PairsIterator::new));
    merged.skip_tombstones().collect().expect("maps cannot fail")
}

/// The merge to catch. Can you see it?
fn written_by_hand(layers: &Layers) -> View<'_> {
    let mut rests: Vec<_> = layers.0.iter().map(BTreeMap::iter).collect();
    let mut heap = BinaryHeap::new();
    for (layer, rest) in rests.iter_mut().enumerate() {
        heap.extend(rest.next().map(|(key, value)| Reverse((key, layer, value))));
    }
    let mut view: View<'_> = Vec::new();
    while let Some(Reverse((key, layer, value))) = heap.pop() {
        heap.extend(rests[layer].next().map(|(key, value)| Reverse((key, layer, value))));
        if value.is_none() {
            continue; // deleted
        }
        if view.last().is_some_and(|(last, _)| *last == key) {
            continue; // an older entry of the same key
        }
        view.push((key, value));
    }
    view
}

/// The oracle: slow, and too simple to be wrong. It folds the layers into a map, the oldest first.
fn folded(layers: &Layers) -> View<'_> {
    let mut map: BTreeMap<&u8, &Option<u8>> = BTreeMap::new();
    for layer in layers.0.iter().rev() {
        map.extend(layer);
    }
    map.into_iter().filter(|(_, value)| value.is_some()).collect()
}

/// Layers, the newest first. A value of `None` is a deletion.
#[derive(Clone, Debug)]
struct Layers(Vec<BTreeMap<u8, Option<u8>>>);

impl Arbitrary for Layers {
    fn arbitrary(g: &mut Gen) -> Self {
        // Few different keys, so that layers have many in common: that is where merges go wrong.
        let layers: Vec<BTreeMap<u8, Option<u8>>> = Vec::arbitrary(g);
        let fold_keys = |layer: BTreeMap<u8, _>| layer.into_iter().map(|(key, value)| (key % 16, value)).collect();
        Layers(layers.into_iter().map(fold_keys).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Layers))
    }
}

impl Layers {
    fn describe(&self) -> String {
        format!("{} layers with {} entries", self.0.len(), self.0.iter().map(BTreeMap::len).sum::<usize>())
    }
}

/// What quickcheck tries: inputs until one fails, then smaller ones, as long as they fail too.
#[derive(Debug, Default)]
struct Record {
    /// How many inputs passed before one failed.
    passed: usize,
    first_failure: Option<Layers>,
    /// How often quickcheck found a smaller input that fails.
    shrunk: usize,
    /// The smallest of them.
    last_failure: Option<Layers>,
}

thread_local! {
    // Properties are plain functions, so what they have seen has to be kept outside of them.
    static RECORD: RefCell<Record> = RefCell::default();
}

fn agrees(merge: fn(&Layers) -> View<'_>, layers: Layers) -> bool {
    let agrees = merge(&layers) == folded(&layers);
    RECORD.with_borrow_mut(|record| {
        match (agrees, &record.first_failure) {
            (true, None) => record.passed += 1,
            (true, Some(_)) => {}
            (false, None) => record.first_failure = Some(layers.clone()),
            (false, Some(_)) => record.shrunk += 1,
        }
        if !agrees {
            record.last_failure = Some(layers);
        }
    });
    agrees
}

fn composed_agrees(layers: Layers) -> bool {
    agrees(composed, layers)
}

fn written_by_hand_agrees(layers: Layers) -> bool {
    agrees(written_by_hand, layers)
}

/// Runs a property. In a test of yours this is `quickcheck(property as fn(_) -> _)` alone, or the macro `quickcheck!`.
fn fuzz(property: fn(Layers) -> bool) -> Record {
    // A seed, so that the example always tells the same story. Leave `rng` out in a test.
    let mut quickcheck = QuickCheck::new().rng(Gen::from_size_and_seed(12, 2026)).tests(2_000).max_tests(2_000);
    // The record knows more than the result.
    let _ = quickcheck.quicktest(property);
    RECORD.take()
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let record = fuzz(composed_agrees);
    writeln!(io::stdout(), "The merge composed of two iterators")?;
    if let Some(failure) = record.last_failure {
        writeln!(io::stdout(), "  is wrong: {failure:?}")?;
        return Ok(ExitCode::FAILURE);
    }
    writeln!(io::stdout(), "  agrees with the oracle on {} random inputs.", record.passed)?;

    let record = fuzz(written_by_hand_agrees);
    writeln!(io::stdout(), "\nThe merge written by hand")?;
    let (Some(first), Some(smallest)) = (record.first_failure, record.last_failure) else {
        writeln!(io::stdout(), "  was not caught in {} random inputs.", record.passed)?;
        return Ok(ExitCode::FAILURE);
    };
    writeln!(io::stdout(), "  is wrong on random input {}, which has {}.", record.passed + 1, first.describe())?;
    writeln!(io::stdout(), "  In {} steps quickcheck makes {} of it:\n", record.shrunk, smallest.describe())?;
    for (index, layer) in smallest.0.iter().enumerate() {
        writeln!(io::stdout(), "    layer {index}   {}", show(layer))?;
    }
    writeln!(io::stdout(), "    expected  {}", show(folded(&smallest)))?;
    writeln!(io::stdout(), "    merged    {}", show(written_by_hand(&smallest)))?;
    writeln!(
        io::stdout(),
        "\n  Layer 0 is the newest. The loop forgets a key that is deleted, and takes the older entry for a new key."
    )?;
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    ending::end("fuzz_merge", run())
}

fn show<'a>(entries: impl IntoIterator<Item = (&'a u8, &'a Option<u8>)>) -> String {
    let entries = entries.into_iter().map(|(key, value)| match value {
        Some(value) => format!("key {key} = {value}"),
        None => format!("key {key} deleted"),
    });
    let shown = entries.collect::<Vec<_>>().join(", ");
    if shown.is_empty() { "no entries".to_string() } else { shown }
}
