//! A compaction: tables, level 0 and sorted levels become one run, of the versions that somebody may still read.
//!
//! Random writes and snapshots; from time to time everything is compacted. Every snapshot that is open, and now, must show
//! the same as before, and no version may be left that nobody can see. How many there have to be follows from the model
//! alone. The compaction itself, a merge and two combinators, is `lsm/compaction.rs`.
//!
//! ```sh
//! cargo run --release --example compaction
//! ```

#[path = "lsm/mod.rs"]
mod lsm;

use std::io;
use std::ops::Bound::Unbounded;
use std::process::ExitCode;

use indicatif::ProgressBar;
use storage_iter::{SeekableIterator, StorageIterator};

use lsm::driver::{self, Arguments, Random, Table, expect_count, expect_entry};
use lsm::layers::Layers;
use lsm::model::{Model, Moment, Write};
use lsm::read_path::open;

fn main() -> ExitCode {
    driver::main("compaction", run)
}

fn run(arguments: &Arguments, bar: &ProgressBar) -> io::Result<Table> {
    let (mut layers, mut model, mut random) = (Layers::default(), Model::default(), Random::new(arguments.seed));
    let (mut compactions, mut read, mut written, mut compared) = (0, 0, 0, 0);
    for operation in bar.wrap_iter(1..=arguments.operations) {
        let write = Write::random(&mut random, arguments.keys);
        layers.write(&write, model.write(&write));

        match random.below(1000) {
            0..3 => model.take_snapshot(),
            3 => _ = model.snapshots.pop_front(),
            4..10 => layers.freeze(),
            10..20 => _ = layers.flush()?,
            20..23 => layers.sort_level_0()?,
            _ => {}
        }
        // The last operation is followed by one in any case.
        if random.below(500) > 0 && operation < arguments.operations {
            continue;
        }
        let in_tables = layers.live.len() + layers.frozen.iter().map(|table| table.len()).sum::<usize>();
        read += in_tables as u64 + versions_in_files(&layers);
        let watermark = model.oldest().sequence;
        layers.compact(watermark)?;
        compactions += 1;
        written += versions_in_files(&layers);

        check_garbage(&layers, &model)?;
        for moment in model.snapshots.iter().chain([&model.now]) {
            compared += check_moment(&layers, moment)?;
        }
    }
    Ok(vec![
        ("operations", arguments.operations, "puts, deletes and range deletes"),
        ("compactions", compactions, "of all layers to one run"),
        ("versions read", read, "by compactions"),
        ("versions written", written, "by compactions: what somebody may still read"),
        ("versions collected", read - written, "as garbage"),
        ("entries compared", compared, "with the model, after compactions, at every snapshot"),
    ])
}

fn versions_in_files(layers: &Layers) -> u64 {
    let in_level_0 = layers.level_0.iter().map(|run| run.len());
    in_level_0.chain(layers.levels.iter().flatten().map(|file| file.run.len())).sum::<usize>() as u64
}

/// What is left after a compaction: one version for each key that the oldest snapshot shows, and all that were written after
/// it; and of the range deletes those that came after it.
fn check_garbage(layers: &Layers, model: &Model) -> io::Result<()> {
    let oldest = model.oldest();
    let written_since = model.now.versions - oldest.versions;
    expect_count("versions left", versions_in_files(layers), oldest.entries.len() as u64 + written_since)?;
    let sequences = layers.range_tombstones.fragments().flat_map(|(_, _, sequences)| sequences);
    let old = sequences.filter(|sequence| **sequence <= oldest.sequence).count();
    expect_count("range tombstones that nobody needs", old as u64, 0)
}

/// Scans everything at one moment, and says how many entries there are.
fn check_moment(layers: &Layers, moment: &Moment) -> io::Result<u64> {
    let mut entries = layers.scan(Unbounded, Unbounded, moment.sequence, open)?;
    let mut is_valid = entries.seek_to_first()?;
    for (key, value) in &moment.entries {
        expect_entry("scan", is_valid.then(|| (entries.key(), entries.value())), Some((key, value)))?;
        is_valid = entries.next()?;
    }
    expect_entry("end of a scan", is_valid.then(|| (entries.key(), entries.value())), None)?;
    Ok(moment.entries.len() as u64)
}
