//! A compaction: the runs of level 0 and a sorted level become one sorted level, of what somebody may still read.
//!
//! Random writes and snapshots; full tables are flushed to level 0, and every four of these are compacted. What every snapshot
//! shows is compared with a model, and so is how many versions are left: those that somebody can see.
//!
//! ```sh
//! cargo run --release --example compaction
//! ```

#[path = "lsm/driver.rs"]
mod driver;

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::ops::Bound::Unbounded;
use std::process::ExitCode;
use std::{io, mem};

use indicatif::ProgressBar;
use storage_iter::{
    ConcatIterator, ConcatRanges, MemTable, MergeIterator, OwnedVersionedKey, RangeTombstone, RangeTombstones,
    SortedRun, StorageIterator, VersionedKey,
};

use driver::{Arguments, Random, Table, expect_count, expect_entry, key};

/// All layers. Their keys are versions: a user key and the number of the write.
#[derive(Default)]
struct Tree {
    live: MemTable,
    /// Tables that were flushed, the newest first: each may have any key. An engine has them in files.
    level_0: Vec<SortedRun<VersionedKey>>,
    /// What was compacted: runs that follow one another.
    level_1: Vec<SortedRun<VersionedKey>>,
    /// Those of all layers: their numbers say what they delete.
    range_tombstones: RangeTombstones,
}

impl Tree {
    /// All versions in files. (Of level 1, the last run may be empty.)
    fn versions(&self) -> Result<impl StorageIterator<Key = VersionedKey, Value = [u8], Error = io::Error>, String> {
        let level_0 = MergeIterator::new(self.level_0.iter().map(SortedRun::iter));
        let ranges = self.level_1.iter().filter_map(|run| run.first_key().zip(run.last_key()));
        let level_1 =
            ConcatRanges::new(ranges, |run| Ok(self.level_1[run].iter())).map_err(|error| error.to_string())?;
        Ok(level_0.two_merge(ConcatIterator::new(level_1)).lift_err())
    }

    /// Makes one sorted level of all files, in runs of at most 256 versions, where nobody reads at a snapshot below `watermark`.
    ///
    /// Of each user key all versions above the watermark stay, and the newest of the others, if no tombstone deletes it.
    fn compact(&mut self, watermark: u64) -> Result<(), Box<dyn Error>> {
        // Nothing lies below level 1, so tombstones up to the watermark have nothing left to hide.
        let mut versions =
            self.versions()?.mask(&self.range_tombstones, watermark).collect_garbage(watermark, |_| false);
        let mut runs: Vec<SortedRun<VersionedKey>> = vec![];
        while runs.last().is_none_or(|run| run.len() == 256) {
            runs.push(versions.by_ref().take(256).collect()?);
        }
        drop(versions);
        (self.level_0, self.level_1) = (vec![], runs);
        self.range_tombstones = self.range_tombstones.collect_garbage(watermark, |_, _| false);
        Ok(())
    }
}

/// What the tree should show at a moment, the number of the last write, and how many of the writes were puts and deletes.
#[derive(Clone, Default)]
struct Moment {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    sequence: u64,
    versions: u64,
}

impl Moment {
    /// Compares all that the files show with the model, and says how many entries that are.
    fn check(&self, tree: &Tree) -> Result<u64, Box<dyn Error>> {
        let snapshot = self.sequence;
        let mut entries = tree.versions()?.mask(&tree.range_tombstones, snapshot).at(snapshot).skip_tombstones();
        for expected in self.entries.iter().map(|(key, value)| Some((&key[..], &value[..]))).chain([None]) {
            expect_entry("scan", entries.next()?.then(|| (entries.key(), entries.value())), expected)?;
        }
        Ok(self.entries.len() as u64)
    }

    /// Makes a random write to the tree, and notes what it should come to.
    fn write(&mut self, tree: &mut Tree, random: &mut Random, keys: u64) {
        self.sequence += 1;
        let (number, kind, sequence) = (random.below(keys), random.below(64), self.sequence);
        let (start, end, value) = (key(number), key(number + 8), random.next().to_be_bytes());
        let version = OwnedVersionedKey::new(&start, sequence);
        match kind {
            0 => {
                self.entries.retain(|key, _| *key < start || *key >= end);
                tree.range_tombstones.extend([RangeTombstone { start, end, sequence }]);
            }
            1..16 => {
                tree.live.delete(version.as_bytes());
                self.entries.remove(&start);
            }
            _ => {
                tree.live.put(version.as_bytes(), &value);
                self.entries.insert(start, value.to_vec());
            }
        }
        self.versions += u64::from(kind > 0);
    }
}

fn run(arguments: &Arguments, bar: &ProgressBar) -> Result<Table, Box<dyn Error>> {
    let (mut tree, mut now, mut snapshots) = (Tree::default(), Moment::default(), VecDeque::<Moment>::new());
    let (mut random, mut compactions, mut read, mut written, mut compared) = (Random::new(arguments.seed), 0, 0, 0, 0);
    let len = |tree: &Tree| tree.level_0.iter().chain(&tree.level_1).map(|run| run.len() as u64).sum::<u64>();
    for operation in bar.wrap_iter(1..=arguments.operations) {
        now.write(&mut tree, &mut random, arguments.keys);
        if random.below(300) == 0 {
            snapshots.push_front(now.clone());
        }
        snapshots.truncate(4);
        let is_last = operation == arguments.operations;
        if tree.live.len() == 128 || is_last {
            let full = mem::take(&mut tree.live);
            tree.level_0.insert(0, full.scan(Unbounded, Unbounded).versioned_keys().collect()?);
            if tree.level_0.len() == 4 || is_last {
                let oldest = snapshots.back().unwrap_or(&now);
                read += len(&tree);
                tree.compact(oldest.sequence)?;
                // One version of each key that the oldest snapshot shows, and all that were written after it.
                let left = oldest.entries.len() as u64 + now.versions - oldest.versions;
                expect_count("versions left", len(&tree), left)?;
                (compactions, written) = (compactions + 1, written + left);
                for moment in snapshots.iter().chain([&now]) {
                    compared += moment.check(&tree)?;
                }
            }
        }
    }
    Ok(vec![
        ("compactions", compactions, "of all files to one sorted level"),
        ("versions read", read, "by compactions"),
        ("versions written", written, "by compactions: what somebody may still read"),
        ("versions collected", read - written, "as garbage"),
        ("entries compared", compared, "with the model, after compactions, at every snapshot"),
    ])
}

fn main() -> ExitCode {
    driver::main("compaction", run)
}
