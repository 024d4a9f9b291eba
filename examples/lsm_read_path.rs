//! The read path of a log-structured merge tree: a live table, frozen ones, level 0 and sorted levels, read as one.
//!
//! Random writes move down through the layers; meanwhile gets, scans and reverse scans, now and at snapshots, are compared with
//! a model, a map for each.
//!
//! ```sh
//! cargo run --release --example lsm_read_path
//! ```

#[path = "lsm/driver.rs"]
mod driver;

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::process::ExitCode;
use std::{io, mem};

use indicatif::ProgressBar;
use storage_iter::{
    BidirectionalIterator, ConcatIterator, ConcatRanges, MemTable, MergeIterator, OwnedVersionedKey, SortedRun,
    StorageIterator, Versioned, VersionedKey,
};

use driver::{Arguments, Random, Table, expect_entry, expect_value};

/// All layers. Their keys are versions: a user key and the number of the write.
#[derive(Default)]
struct Tree {
    live: MemTable,
    /// Tables that were full, the newest first.
    frozen: Vec<MemTable>,
    /// Tables that were flushed, the newest first: each may have any key. An engine has them in files.
    level_0: Vec<SortedRun<VersionedKey>>,
    /// Sorted levels: the runs of one follow one another.
    levels: Vec<Vec<SortedRun<VersionedKey>>>,
}

impl Tree {
    /// The entries between two bounds as a snapshot sees them: the whole read path, without a box.
    fn scan(
        &self,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
        snapshot: u64,
    ) -> Result<impl BidirectionalIterator<Key = [u8], Value = [u8], Error = io::Error>, Box<dyn Error>> {
        let frozen = MergeIterator::new(self.frozen.iter().map(|table| table.scan(Unbounded, Unbounded)));
        let tables = self.live.scan(Unbounded, Unbounded).lift_err().two_merge(frozen).versioned_keys();
        let level_0 = MergeIterator::new(self.level_0.iter().map(SortedRun::iter));
        // Of each sorted level, a seek opens the one run that may have the key. (The last run may be empty.)
        let levels = self.levels.iter().map(|runs| {
            let ranges = runs.iter().filter_map(|run| run.first_key().zip(run.last_key()));
            let source = ConcatRanges::new(ranges, |run| Ok(runs[run].iter()));
            source.map(ConcatIterator::new).map_err(|overlap| overlap.to_string())
        });
        let levels = MergeIterator::new(levels.collect::<Result<Vec<_>, _>>()?);
        // What is newer comes first.
        let versions = tables.two_merge(level_0.lift_err().two_merge(levels).lift_err());
        // The bounds lie below the snapshot, so that no layer is read beyond them, whatever is hidden there.
        let (lower, upper) = (VersionedKey::lower_bound(lower), VersionedKey::upper_bound(upper));
        Ok(versions.between(lower, upper).by_seek().at(snapshot).skip_tombstones().map_err(io::Error::other))
    }

    /// The value of a key: a scan of this key alone.
    fn get(&self, key: &[u8], snapshot: u64) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
        let mut entries = self.scan(Included(key), Included(key), snapshot)?;
        Ok(entries.next()?.then(|| entries.value().to_vec()))
    }

    /// Moves the oldest frozen table to level 0, and says whether there was one.
    fn flush(&mut self) -> Result<bool, Box<dyn Error>> {
        let Some(oldest) = self.frozen.pop() else { return Ok(false) };
        self.level_0.insert(0, oldest.scan(Unbounded, Unbounded).versioned_keys().collect()?);
        Ok(true)
    }

    /// Makes level 0 a sorted level above the others, in runs of at most 256 versions.
    fn sort_level_0(&mut self) -> Result<(), Box<dyn Error>> {
        let mut versions = MergeIterator::new(self.level_0.iter().map(SortedRun::iter));
        let mut runs: Vec<SortedRun<VersionedKey>> = vec![];
        while runs.last().is_none_or(|run| run.len() == 256) {
            runs.push(versions.by_ref().take(256).collect()?);
        }
        self.levels.insert(0, runs);
        self.level_0.clear();
        Ok(())
    }
}

/// What the tree should show.
type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// Compares a scan with the model, forwards to its end and from there backwards, and says how many entries it has.
fn check_scan(tree: &Tree, model: &Model, lower: &[u8], upper: &[u8], snapshot: u64) -> Result<u64, Box<dyn Error>> {
    let (lower, upper) = (Included(lower), Excluded(upper));
    let expected = model.range::<[u8], _>((lower, upper)).map(|(key, value)| (&key[..], &value[..]));
    let mut entries = tree.scan(lower, upper, snapshot)?;
    for expected in expected.clone().map(Some).chain([None]) {
        expect_entry("scan", entries.next()?.then(|| (entries.key(), entries.value())), expected)?;
    }
    for expected in expected.clone().rev().map(Some).chain([None]) {
        expect_entry("reverse scan", entries.prev()?.then(|| (entries.key(), entries.value())), expected)?;
    }
    Ok(expected.count() as u64)
}

fn run(arguments: &Arguments, bar: &ProgressBar) -> Result<Table, Box<dyn Error>> {
    let (mut tree, mut model, mut snapshots) = (Tree::default(), Model::new(), VecDeque::new());
    let (mut random, mut flushes, mut gets, mut scanned) = (Random::new(arguments.seed), 0, 0, 0);
    for sequence in bar.wrap_iter(1..=arguments.operations) {
        let (key, value) = (random.key(arguments.keys), format!("value {sequence}").into_bytes());
        let version = OwnedVersionedKey::new(&key, sequence);
        if random.below(4) == 0 {
            tree.live.delete(version.as_bytes());
            model.remove(&key);
        } else {
            tree.live.put(version.as_bytes(), &value);
            model.insert(key, value);
        }
        match random.below(1000) {
            0..10 => tree.frozen.insert(0, mem::take(&mut tree.live)),
            10..20 => flushes += u64::from(tree.flush()?),
            20 => tree.sort_level_0()?,
            21..31 => snapshots.push_front((sequence, model.clone())),
            _ => {}
        }
        snapshots.truncate(8);
        // At any snapshot, or now.
        let snapshot = snapshots.get(random.below(9) as usize);
        let (snapshot, model) = snapshot.map_or((sequence, &model), |(snapshot, model)| (*snapshot, model));
        let (lower, upper) = (random.key(arguments.keys), random.key(arguments.keys));
        if random.below(32) == 0 {
            scanned += check_scan(&tree, model, (&lower).min(&upper), (&lower).max(&upper), snapshot)?;
        } else {
            expect_value(&lower, tree.get(&lower, snapshot)?.as_ref(), model.get(&lower))?;
            gets += 1;
        }
    }
    Ok(vec![
        ("operations", arguments.operations, "puts and deletes"),
        ("flushes", flushes, "of frozen tables to level 0"),
        ("point gets", gets, "as the model has it"),
        ("entries scanned", scanned, "as the model has it, in both directions"),
    ])
}

fn main() -> ExitCode {
    driver::main("lsm_read_path", run)
}
