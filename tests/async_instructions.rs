//! The asynchronous merge over memory costs little more than the synchronous one: the instructions an entry takes, counted
//! by callgrind.
//!
//! ```console
//! $ cargo test --release --features async --test async_instructions
//! ```
//!
//! Needs valgrind; without it, or without optimisation, it says that it is skipped. It is its own harness: it runs itself
//! under callgrind, with one candidate as argument.

#[path = "../benches/data/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::ops::Bound;
use std::pin::pin;
use std::process::{Command, ExitCode};
use std::task::{Context, Poll, Waker};

use clap::ValueEnum;
use data::{Arena, Entry, Keys, Order, Shape};
use storage_iter::async_iter::{self, AsyncStorageIterator, FromSync};
use storage_iter::{MergeIterator, SliceIterator, StorageIterator};

/// How many instructions the asynchronous side may take for each one of the synchronous.
const MOST: f64 = 1.15;

/// How many entries a pass reads in all.
const ENTRIES: usize = 10_000;

/// Passes over the data in the two runs whose difference counts: what happens before the first pass cancels out.
const PASSES: [usize; 2] = [1, 4];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Candidate {
    MergeThree,
    MergeEight,
    MergeThirtyTwo,
    /// Bounds and a filter over a two-way merge of one source and a merge of seven.
    Composition,
}

impl Candidate {
    fn sources(self) -> usize {
        match self {
            Candidate::MergeThree => 3,
            Candidate::MergeEight | Candidate::Composition => 8,
            Candidate::MergeThirtyTwo => 32,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    Sync,
    Async,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [run, candidate, side, passes] = arguments.as_slice()
        && run == "run"
    {
        let (candidate, side) = (Candidate::from_str(candidate, false)?, Side::from_str(side, false)?);
        println!("{}", run_candidate(candidate, side, passes.parse()?));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(ExitCode::SUCCESS);
    }
    if cfg!(debug_assertions) {
        println!(
            "skipped, for it is about optimised code: cargo test --release --features async --test async_instructions"
        );
        return Ok(ExitCode::SUCCESS);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped, for there is no valgrind on this machine");
        return Ok(ExitCode::SUCCESS);
    }
    compare_all()
}

fn compare_all() -> Result<ExitCode, Box<dyn Error>> {
    println!("{:18} {:>8} {:>8} {:>7}", "instructions/entry", "async", "sync", "ratio");
    let mut exit = ExitCode::SUCCESS;
    for &candidate in Candidate::value_variants() {
        let (asynchronous, sum) = instructions_per_entry(candidate, Side::Async)?;
        let (synchronous, expected) = instructions_per_entry(candidate, Side::Sync)?;
        assert_eq!(sum, expected, "{candidate:?} yields something else when awaited");
        let ratio = asynchronous / synchronous;
        let verdict = if ratio <= MOST { "" } else { "  too many" };
        println!("{:18} {asynchronous:8.1} {synchronous:8.1} {ratio:7.3}{verdict}", name(&candidate));
        if ratio > MOST {
            exit = ExitCode::FAILURE;
        }
    }
    Ok(exit)
}

fn name(argument: &impl ValueEnum) -> String {
    argument.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The instructions, and the checksum of what came out.
fn instructions_per_entry(candidate: Candidate, side: Side) -> Result<(f64, u64), Box<dyn Error>> {
    let [few, many] = PASSES.map(|passes| count_instructions(candidate, side, passes));
    let ((few, _), (many, sum)) = (few?, many?);
    Ok(((many - few) as f64 / (PASSES[1] - PASSES[0]) as f64 / ENTRIES as f64, sum))
}

/// Runs this program again under callgrind.
fn count_instructions(candidate: Candidate, side: Side, passes: usize) -> Result<(u64, u64), Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["run", &name(&candidate), &name(&side), &passes.to_string()])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim());
    let instructions = collected.ok_or_else(|| format!("callgrind did not count: {log}"))?.parse()?;
    Ok((instructions, String::from_utf8(output.stdout)?.trim().parse()?))
}

type Source<'a> = SliceIterator<'a, &'a [u8], &'a [u8]>;

fn run_candidate(candidate: Candidate, side: Side, passes: usize) -> u64 {
    let sources = candidate.sources();
    let shape = Shape {
        keys: Keys::Random,
        sources,
        order: Order::Interleaved,
        duplicates: 10,
        entries: ENTRIES,
        tombstones: 20,
    };
    let arenas = shape.arenas();
    let sources: Vec<Vec<Entry<'_, &[u8]>>> = arenas.iter().map(Arena::entries).collect();
    let mut sum = 0;
    for _ in 0..passes {
        let slices = black_box(&sources).iter().map(|entries| SliceIterator::new(entries));
        let visit = |key: &&[u8], value: &&[u8]| sum = digest(sum, key, value);
        match side {
            Side::Sync => visit_sync(candidate, slices, visit),
            Side::Async => visit_async(candidate, slices.map(FromSync::new), visit),
        }
    }
    sum
}

fn digest(sum: u64, key: &[u8], value: &[u8]) -> u64 {
    let first = key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    sum.rotate_left(1).wrapping_add(first).wrapping_add(value.len() as u64)
}

fn bounds() -> (Bound<&'static [u8]>, Bound<&'static [u8]>) {
    (Bound::Included(&[0x20]), Bound::Excluded(&[0xE0]))
}

fn visit_sync<'a>(
    candidate: Candidate,
    mut sources: impl Iterator<Item = Source<'a>>,
    mut visit: impl FnMut(&&'a [u8], &&'a [u8]),
) {
    match candidate {
        Candidate::Composition => {
            let newest = sources.next().expect("a newest source");
            let merged = newest.lift_err().two_merge(MergeIterator::new(sources));
            let mut view = merged.between(bounds().0, bounds().1).filter(|_, value| !value.is_empty());
            while view.next() == Ok(true) {
                visit(view.key(), view.value());
            }
        }
        _ => {
            let mut merged = MergeIterator::new(sources);
            while merged.next() == Ok(true) {
                visit(merged.key(), merged.value());
            }
        }
    }
}

fn visit_async<'a>(
    candidate: Candidate,
    mut sources: impl Iterator<Item = FromSync<Source<'a>>>,
    mut visit: impl FnMut(&&'a [u8], &&'a [u8]),
) {
    match candidate {
        Candidate::Composition => poll_once(async {
            let newest = sources.next().expect("a newest source");
            let merged = newest.lift_err().two_merge(async_iter::MergeIterator::new(sources));
            let mut view = merged.between(bounds().0, bounds().1).filter(|_, value| !value.is_empty());
            while view.next().await == Ok(true) {
                visit(view.key(), view.value());
            }
        }),
        _ => poll_once(async {
            let mut merged = async_iter::MergeIterator::new(sources);
            while merged.next().await == Ok(true) {
                visit(merged.key(), merged.value());
            }
        }),
    }
}

/// Memory is never waited for.
fn poll_once(future: impl Future<Output = ()>) {
    assert_eq!(pin!(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
}
