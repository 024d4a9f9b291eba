//! The read path of a log-structured merge tree: a live table, frozen ones, level 0 and sorted levels, read as one.
//!
//! Random writes, flushes and snapshots; meanwhile point gets, range scans, reverse scans and a cursor that turns round
//! all the time, each at a snapshot or now, and each compared with a model. The read path itself, a few dozen lines, is
//! `lsm/read_path.rs`.
//!
//! ```sh
//! cargo run --release --example lsm_read_path
//! ```

#[path = "lsm/mod.rs"]
mod lsm;

use std::io;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::process::ExitCode;

use indicatif::ProgressBar;
use storage_iter::{BidirectionalIterator, SeekableIterator, StorageIterator};

use lsm::driver::{self, Arguments, Random, Table, expect_entry};
use lsm::layers::Layers;
use lsm::model::{Model, Moment, Write, key};
use lsm::read_path::open;

fn main() -> ExitCode {
    driver::main("lsm_read_path", run)
}

fn run(arguments: &Arguments, bar: &ProgressBar) -> io::Result<Table> {
    let (mut layers, mut model, mut random) = (Layers::default(), Model::default(), Random::new(arguments.seed));
    let (mut flushes, mut compactions, mut gets, mut scanned, mut turned) = (0, 0, 0, 0, 0);
    for _ in bar.wrap_iter(0..arguments.operations) {
        let write = Write::random(&mut random, arguments.keys);
        layers.write(&write, model.write(&write));

        match random.below(1000) {
            0..10 => model.take_snapshot(),
            10..20 => layers.freeze(),
            20..30 => flushes += u64::from(layers.flush()?),
            30..33 => layers.sort_level_0()?,
            33 => {
                layers.compact(model.oldest().sequence)?;
                compactions += 1;
            }
            _ => {}
        }

        let moment = model.any(&mut random);
        match random.below(32) {
            0 => scanned += check_scan(&layers, moment, &mut random, arguments.keys)?,
            1 => turned += check_cursor(&layers, moment, &mut random, arguments.keys)?,
            _ => gets += check_get(&layers, moment, &key(random.below(arguments.keys)))?,
        }
    }
    let files = layers.level_0.len() + layers.levels.iter().map(Vec::len).sum::<usize>();
    Ok(vec![
        ("operations", arguments.operations, "puts, deletes and range deletes"),
        ("flushes", flushes, "of frozen tables to level 0"),
        ("compactions", compactions, "of all layers to one run"),
        ("files", files as u64, "at the end"),
        ("point gets", gets, "as the model has it"),
        ("entries scanned", scanned, "as the model has it, in both directions"),
        ("steps of cursors", turned, "as the model has it"),
    ])
}

fn check_get(layers: &Layers, moment: &Moment, key: &[u8]) -> io::Result<u64> {
    let found = layers.get(key, moment.sequence, open)?;
    let entry = |value| (key, value);
    let expected = moment.entries.get(key).map(Vec::as_slice);
    expect_entry("get", found.as_deref().map(entry), expected.map(entry))?;
    Ok(1)
}

/// Scans a range, and the same range from its end, and says how many entries it has.
fn check_scan(layers: &Layers, moment: &Moment, random: &mut Random, keys: u64) -> io::Result<u64> {
    let (start, length) = (random.below(keys), random.below(keys));
    let (lower, upper) = (key(start), key(start + length));
    let (lower, upper) = (Included(&lower[..]), if length % 4 == 0 { Unbounded } else { Excluded(&upper[..]) });
    let expected: Vec<_> =
        moment.entries.range::<[u8], _>((lower, upper)).map(|(key, value)| (&key[..], &value[..])).collect();

    let mut entries = layers.scan(lower, upper, moment.sequence, open)?;
    let mut is_valid = entries.seek_to_first()?;
    for &entry in &expected {
        expect_entry("scan", is_valid.then(|| (entries.key(), entries.value())), Some(entry))?;
        is_valid = entries.next()?;
    }
    expect_entry("end of a scan", is_valid.then(|| (entries.key(), entries.value())), None)?;

    let mut entries = layers.scan(lower, upper, moment.sequence, open)?.rev();
    for &entry in expected.iter().rev() {
        let is_valid = entries.next()?;
        expect_entry("reverse scan", is_valid.then(|| (&entries.key().0, entries.value())), Some(entry))?;
    }
    let is_valid = entries.next()?;
    expect_entry("end of a reverse scan", is_valid.then(|| (&entries.key().0, entries.value())), None)?;
    Ok(expected.len() as u64)
}

/// Takes one cursor wherever chance leads it, and says how many steps that were.
fn check_cursor(layers: &Layers, moment: &Moment, random: &mut Random, keys: u64) -> io::Result<u64> {
    let expected: Vec<_> = moment.entries.iter().map(|(key, value)| (&key[..], &value[..])).collect();
    let mut entries = layers.scan(Unbounded, Unbounded, moment.sequence, open)?;
    // 0 is before the first entry, 1 is on it.
    let (mut place, behind_last) = (0, expected.len() + 1);
    let steps = 32;
    for _ in 0..steps {
        let target = key(random.below(keys));
        let is_valid = match random.below(8) {
            0 => {
                place = 1 + expected.partition_point(|(key, _)| *key < &target[..]);
                entries.seek(&target)?
            }
            1 => {
                place = expected.partition_point(|(key, _)| *key <= &target[..]);
                entries.seek_for_prev(&target)?
            }
            2..5 => {
                place = behind_last.min(place + 1);
                entries.next()?
            }
            _ => {
                place = place.saturating_sub(1);
                entries.prev()?
            }
        };
        let expected = place.checked_sub(1).and_then(|index| expected.get(index)).copied();
        expect_entry("cursor", is_valid.then(|| (entries.key(), entries.value())), expected)?;
    }
    Ok(steps)
}
