//! One round: all tables side by side, stage by stage.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use storage_iter::SortedRun;

use crate::ALLOCATOR;
use crate::candidates::{Candidate, Frozen, Kind, Read};
use crate::results::{Metric, Results};

const VALUE: [u8; 100] = [7; 100];
/// A table works for so many operations before the next one has its turn.
const BATCH: usize = 25_000;
const RANGE: usize = 100;
const STAGES: u64 = 8;

pub(crate) fn progress(rounds: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}, {elapsed}").expect("a valid template");
    ProgressBar::new(rounds as u64 * STAGES).with_style(style)
}

type Tables = BTreeMap<Kind, Box<dyn Candidate>>;

pub(crate) fn round(
    kinds: &[Kind],
    entries: usize,
    round: usize,
    duration: Duration,
    results: &mut Results,
    progress: &ProgressBar,
) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (round as u64 + 1));
    let keys: Vec<[u8; 16]> = (0..entries).map(|_| random.key()).collect();
    let mut sample: Vec<[u8; 16]> = keys.clone();
    random.shuffle(&mut sample);
    let overwrites = sample.clone();
    sample.truncate(200_000);
    let missing: Vec<[u8; 16]> = (0..sample.len()).map(|_| random.key()).collect();

    let mut tables: Tables = kinds.iter().filter_map(|kind| Some((*kind, kind.table()?))).collect();

    let mut allocated: BTreeMap<Kind, usize> = BTreeMap::new();
    in_turn(&tables, &keys, Metric::Put, results, |kind, table, batch| {
        let before = ALLOCATOR.allocated();
        let start = Instant::now();
        batch.iter().for_each(|key| table.put(key, &VALUE));
        let elapsed = start.elapsed();
        *allocated.entry(kind).or_default() += ALLOCATOR.allocated().saturating_sub(before);
        elapsed
    });
    for (kind, bytes) in &allocated {
        results.add(*kind, Metric::Memory, *bytes as f64 / entries as f64);
    }
    progress.inc(1);

    if kinds.contains(&Kind::SortedRun) {
        let run = freeze(&*tables[&Kind::MemTable], entries, results);
        tables.insert(Kind::SortedRun, Box::new(Frozen(run)));
    }
    progress.inc(1);

    for (metric, read) in [(Metric::ScanKeys, Read::Keys), (Metric::ScanValues, Read::Values)] {
        scan(&tables, entries, metric, read, results);
        progress.inc(1);
    }

    let gets = |expected: bool| {
        move |_: Kind, table: &dyn Candidate, batch: &[[u8; 16]]| {
            let start = Instant::now();
            let found = batch.iter().filter(|key| black_box(table.get(*key)).is_some()).count();
            let elapsed = start.elapsed();
            assert_eq!(found, if expected { batch.len() } else { 0 });
            elapsed
        }
    };
    in_turn(&tables, &sample, Metric::GetHit, results, gets(true));
    in_turn(&tables, &missing, Metric::GetMiss, results, gets(false));
    progress.inc(1);

    let starts = &sample[..sample.len().min(5_000)];
    in_turn(&tables, starts, Metric::Range, results, |_, table, batch| {
        let start = Instant::now();
        for key in batch {
            black_box(table.scan_from(key, RANGE));
        }
        start.elapsed()
    });
    progress.inc(1);

    tables.remove(&Kind::SortedRun);
    in_turn(&tables, &overwrites, Metric::Overwrite, results, |_, table, batch| {
        let start = Instant::now();
        batch.iter().for_each(|key| table.put(key, &VALUE));
        start.elapsed()
    });
    progress.inc(1);

    for (kind, table) in &tables {
        beside(*kind, &**table, &overwrites, duration, results);
    }
    progress.inc(1);
}

/// Gives each table one batch of `keys` after the other, each time beginning with another table, and notes the time for
/// a key.
fn in_turn(
    tables: &Tables,
    keys: &[[u8; 16]],
    metric: Metric,
    results: &mut Results,
    mut run: impl FnMut(Kind, &dyn Candidate, &[[u8; 16]]) -> Duration,
) {
    let mut times: BTreeMap<Kind, Duration> = BTreeMap::new();
    for (turn, batch) in keys.chunks(BATCH).enumerate() {
        for (kind, table) in tables.iter().cycle().skip(turn % tables.len()).take(tables.len()) {
            *times.entry(*kind).or_default() += run(*kind, &**table, batch);
        }
    }
    for (kind, time) in times {
        results.add(kind, metric, time.as_nanos() as f64 / keys.len() as f64);
    }
}

fn freeze(table: &dyn Candidate, entries: usize, results: &mut Results) -> SortedRun {
    let before = ALLOCATOR.allocated();
    let start = Instant::now();
    let run = table.freeze().expect("a table of ours");
    results.add(Kind::SortedRun, Metric::Freeze, start.elapsed().as_nanos() as f64 / entries as f64);
    let bytes = ALLOCATOR.allocated().saturating_sub(before);
    results.add(Kind::SortedRun, Metric::Memory, bytes as f64 / entries as f64);
    run
}

/// Full scans, of which the median counts. All tables must come to the same sum.
fn scan(tables: &Tables, entries: usize, metric: Metric, read: Read, results: &mut Results) {
    let mut times: BTreeMap<Kind, Vec<f64>> = BTreeMap::new();
    let mut expected = None;
    // Short scans are repeated more often, since one that was interrupted counts for nothing then.
    for turn in 0..(1_000_000 / entries).clamp(5, 200) {
        for (kind, table) in tables.iter().cycle().skip(turn % tables.len()).take(tables.len()) {
            let start = Instant::now();
            let sum = black_box(table.scan_all(read));
            times.entry(*kind).or_default().push(start.elapsed().as_nanos() as f64 / entries as f64);
            assert_eq!(*expected.get_or_insert(sum), sum, "{} scanned something else", kind.name());
        }
    }
    for (kind, times) in times {
        results.add(kind, metric, crate::results::median(times).expect("there were scans"));
    }
}

/// One writer, first alone, then beside a thread that scans the whole table again and again.
fn beside(kind: Kind, table: &dyn Candidate, keys: &[[u8; 16]], duration: Duration, results: &mut Results) {
    let alone = puts(table, keys, duration / 4);
    results.add(kind, Metric::AloneP99, percentile(&alone, 0.99));

    let (stop, has_begun) = (AtomicBool::new(false), AtomicBool::new(false));
    let (puts, elapsed, scan) = thread::scope(|scope| {
        let scanner = scope.spawn(|| {
            let (start, mut scans) = (Instant::now(), 0);
            has_begun.store(true, Ordering::Relaxed);
            while !stop.load(Ordering::Relaxed) {
                black_box(table.scan_all(Read::Values));
                scans += 1;
            }
            start.elapsed().as_nanos() as f64 / f64::from(scans.max(1)) / keys.len() as f64
        });
        while !has_begun.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        let start = Instant::now();
        let puts = puts(table, keys, duration);
        let elapsed = start.elapsed();
        stop.store(true, Ordering::Relaxed);
        (puts, elapsed, scanner.join().expect("the scanner does not panic"))
    });
    results.add(kind, Metric::BesidePuts, puts.len() as f64 / elapsed.as_secs_f64());
    results.add(kind, Metric::BesideP99, percentile(&puts, 0.99));
    results.add(kind, Metric::BesideP999, percentile(&puts, 0.999));
    results.add(kind, Metric::BesideLongest, percentile(&puts, 1.0));
    results.add(kind, Metric::BesideScan, scan);
}

/// Overwrites for some time; the nanoseconds of each put, in order of size.
fn puts(table: &dyn Candidate, keys: &[[u8; 16]], duration: Duration) -> Vec<u64> {
    let mut times = Vec::with_capacity(1 << 20);
    let start = Instant::now();
    for key in keys.iter().cycle() {
        let before = Instant::now();
        table.put(key, &VALUE);
        times.push(before.elapsed().as_nanos() as u64);
        if start.elapsed() >= duration {
            break;
        }
    }
    times.sort_unstable();
    times
}

fn percentile(sorted: &[u64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share) as usize] as f64
}

/// Marsaglia's xorshift: the same keys in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn key(&mut self) -> [u8; 16] {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&self.next().to_be_bytes());
        key[8..].copy_from_slice(&self.next().to_be_bytes());
        key
    }

    fn shuffle(&mut self, keys: &mut [[u8; 16]]) {
        for index in (1..keys.len()).rev() {
            keys.swap(index, (self.next() % (index as u64 + 1)) as usize);
        }
    }
}
