//! A soak: writers, scanners, long iterators, flushes and compactions over one log-structured merge tree at once, with files
//! that fail now and then. Every scan is compared with a model.
//!
//! ```sh
//! cargo run --release --example soak                  # three seconds
//! cargo run --release --example soak -- --minutes 10
//! ```

mod faults;
#[path = "../lsm/mod.rs"]
mod lsm;
mod store;

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound::{self, Included, Unbounded};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use storage_iter::testing::{FailPoint, Fault};
use storage_iter::{BidirectionalIterator, LongIterator, SeekableIterator, StorageIterator};

use faults::insist;
use lsm::driver::{self, Random, Table};
use lsm::model::{Map, Write, key};
use store::{Snapshot, Store};

/// Writers, scanners, long iterators, flushes, compactions and injected errors over one tree, checked against a model.
///
/// Exit status: 0 if nothing was lost, doubled or wrong, 1 otherwise, 2 for wrong arguments.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long to run
    #[arg(long, default_value_t = 0.05)]
    minutes: f64,
    /// How many different keys there are
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    keys: u64,
    /// One in so many steps in a file fails
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(2..))]
    faults: u32,
    /// Where chance begins; the threads' turns are another matter
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Default)]
struct Counts {
    writes: AtomicU64,
    flushes: AtomicU64,
    compactions: AtomicU64,
    resumed_compactions: AtomicU64,
    /// Calls that were made again.
    repeated: AtomicU64,
    scans: AtomicU64,
    long_scans: AtomicU64,
    entries: AtomicU64,
    lost: AtomicU64,
    doubled: AtomicU64,
    wrong: AtomicU64,
}

fn add(count: &AtomicU64, number: u64) {
    count.fetch_add(number, Ordering::Relaxed);
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (store, counts) = (Store::default(), Counts::default());
    let duration = Duration::try_from_secs_f64(arguments.minutes * 60.0).unwrap_or_default();
    let bar = driver::progress_bar(duration.as_secs());
    let (start, keys) = (Instant::now(), arguments.keys);
    let is_running = || start.elapsed() < duration;
    let random = |thread: u64| Random::new(arguments.seed.wrapping_mul(1 << 32).wrapping_add(thread));
    // Each thread that reads has faults of its own, so that its share of chance does not depend on the others' turns.
    let faults =
        [2, 3, 4, 5].map(|thread| FailPoint::randomly(arguments.faults as usize, random(thread).next(), Fault::Error));
    let result = thread::scope(|scope| {
        let (store, counts, is_running) = (&store, &counts, &is_running);
        let [of_one, of_other, of_maintenance, of_long] = &faults;
        let writers = [0, 1].map(|thread| scope.spawn(move || write(store, counts, random(thread), keys, is_running)));
        let scanners = [(2, of_one), (3, of_other)]
            .map(|(thread, faults)| scope.spawn(move || scan(store, counts, faults, random(thread), keys, is_running)));
        let maintenance = scope.spawn(move || maintain(store, counts, of_maintenance, random(4), is_running));
        let long = scope.spawn(move || scan_slowly(store, counts, of_long, is_running));
        while is_running() {
            bar.set_position(start.elapsed().as_secs());
            thread::sleep(Duration::from_millis(20));
        }
        let mut threads = writers.into_iter().chain(scanners).chain([long, maintenance]);
        threads.try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked"))))
    });
    bar.finish_and_clear();
    let bad = [&counts.lost, &counts.doubled, &counts.wrong].map(|count| count.load(Ordering::Relaxed));
    let printed = driver::report("soak", result.map(|()| table(&faults, &counts)));
    match bad {
        [0, 0, 0] => printed,
        [lost, doubled, wrong] => {
            let message = format!("{lost} entries lost, {doubled} doubled, {wrong} wrong");
            driver::report("soak", Err(io::Error::other(message)))
        }
    }
}

fn table(faults: &[FailPoint], counts: &Counts) -> Table {
    let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let operations = [&counts.writes, &counts.scans, &counts.long_scans, &counts.flushes, &counts.compactions];
    vec![
        ("operations", operations.map(number).iter().sum(), "all of those below"),
        ("writes", number(&counts.writes), "puts, deletes and range deletes"),
        ("scans", number(&counts.scans), "of a range, in either direction"),
        ("long scans", number(&counts.long_scans), "of everything, chunk by chunk, each through a view of its own"),
        ("flushes", number(&counts.flushes), "of frozen tables"),
        ("compactions", number(&counts.compactions), "of all files"),
        ("resumed compactions", number(&counts.resumed_compactions), "of these, that went on after a fault"),
        (
            "faults injected",
            faults.iter().map(|faults| faults.errors() as u64).sum(),
            "into opening files and steps in them",
        ),
        ("calls repeated", number(&counts.repeated), "which completed what a fault had left open"),
        ("entries compared", number(&counts.entries), "with the model"),
        ("entries lost", number(&counts.lost), ""),
        ("entries doubled", number(&counts.doubled), ""),
        ("entries wrong", number(&counts.wrong), "of another value, or deleted"),
    ]
}

fn write(
    store: &Store,
    counts: &Counts,
    mut random: Random,
    keys: u64,
    is_running: impl Fn() -> bool,
) -> io::Result<()> {
    while is_running() {
        for _ in 0..20 {
            store.write(&Write::random(&mut random, keys));
        }
        add(&counts.writes, 20);
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

fn maintain(
    store: &Store,
    counts: &Counts,
    faults: &FailPoint,
    mut random: Random,
    is_running: impl Fn() -> bool,
) -> io::Result<()> {
    while is_running() {
        match random.below(8) {
            0..4 => store.freeze(),
            4 | 5 => add(&counts.flushes, u64::from(store.flush()?)),
            6 => store.sort_level_0()?,
            _ => {
                let before = faults.errors();
                store.compact(faults, &counts.repeated)?;
                add(&counts.compactions, 1);
                add(&counts.resumed_compactions, u64::from(faults.errors() > before));
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn scan(
    store: &Store,
    counts: &Counts,
    faults: &FailPoint,
    mut random: Random,
    keys: u64,
    is_running: impl Fn() -> bool,
) -> io::Result<()> {
    while is_running() {
        let snapshot = store.snapshot();
        let view = store.view();
        let start = key(random.below(keys));
        let lower = if random.below(2) == 0 { Unbounded } else { Included(&start[..]) };
        let open = || view.scan(lower, Unbounded, snapshot.moment.sequence, |run| faults::open(run, faults));
        let repeated = &counts.repeated;
        let mut entries = insist(repeated, open)?;
        let mut found = vec![];
        // A seek that failed is completed by a step in its direction.
        if random.below(2) == 0 {
            let mut is_valid = entries.seek_to_first().or_else(|_| insist(repeated, || entries.next()))?;
            while is_valid {
                found.push((entries.key().to_vec(), entries.value().to_vec()));
                is_valid = insist(repeated, || entries.next())?;
            }
        } else {
            let mut is_valid = entries.seek_to_last().or_else(|_| insist(repeated, || entries.prev()))?;
            while is_valid {
                found.push((entries.key().to_vec(), entries.value().to_vec()));
                is_valid = insist(repeated, || entries.prev())?;
            }
        }
        compare(counts, &snapshot, lower, found);
        add(&counts.scans, 1);
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Walks so slowly that tables are flushed and files compacted meanwhile, and holds on to none of them.
fn scan_slowly(store: &Store, counts: &Counts, faults: &FailPoint, is_running: impl Fn() -> bool) -> io::Result<()> {
    while is_running() {
        let snapshot = store.snapshot();
        let sequence = snapshot.moment.sequence;
        let entries = LongIterator::from_fn(Unbounded, Unbounded, |lower, upper, chunk| {
            let view = store.view();
            let mut entries = view.scan(lower, upper, sequence, |run| faults::open(run, faults))?;
            let mut is_valid = entries.seek_to_first()?;
            while is_valid && chunk.push(entries.key(), entries.value()) {
                is_valid = entries.next()?;
            }
            Ok::<_, io::Error>(())
        });
        let mut entries = entries.max_entries(16);
        let mut found = vec![];
        while insist(&counts.repeated, || entries.next())? {
            found.push((entries.key().to_vec(), entries.value().to_vec()));
            thread::sleep(Duration::from_micros(200));
        }
        compare(counts, &snapshot, Unbounded, found);
        add(&counts.long_scans, 1);
    }
    Ok(())
}

/// Counts what differs from the model.
fn compare(counts: &Counts, snapshot: &Snapshot<'_>, lower: Bound<&[u8]>, found: Vec<(Vec<u8>, Vec<u8>)>) {
    let expected = &snapshot.moment.entries;
    add(&counts.entries, found.len() as u64);
    let number = found.len();
    let found: Map = found.into_iter().collect::<BTreeMap<_, _>>();
    add(&counts.doubled, (number - found.len()) as u64);
    let lost = expected.range::<[u8], _>((lower, Unbounded)).filter(|(key, _)| !found.contains_key(*key));
    add(&counts.lost, lost.count() as u64);
    add(&counts.wrong, found.iter().filter(|(key, value)| expected.get(*key) != Some(value)).count() as u64);
}
