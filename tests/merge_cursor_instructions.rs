//! What the cursors of a merge cost, in instructions counted by callgrind: a seek ahead by one entry, a step back, and a merge
//! of descending keys, each against `next` of an ascending merge of the same entries.
//!
//! ```console
//! $ cargo test --release --test merge_cursor_instructions
//! ```
//!
//! Needs valgrind; without it, or without optimisation, it says that it is skipped. It is its own harness: it runs itself
//! under callgrind, with one candidate as argument.

#[path = "../benches/data/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;

use std::borrow::Borrow;
use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use clap::ValueEnum;
use storage_iter::{
    BidirectionalIterator, Descending, Key, MergeIterator, SeekableIterator, SliceIterator, SortedRun, StorageIterator,
};

use data::{Arena, BenchKey, Entry, Keys, Order, Shape};

/// How many entries a pass reads in all.
const ENTRIES: usize = 10_000;

/// Passes over the data in the two runs whose difference counts: what happens before the first pass cancels out.
const PASSES: [usize; 2] = [1, 4];

/// What the children of the merge are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Children {
    /// Runs of 16 random bytes, which seek ahead by galloping.
    Runs,
    /// Slices of 16 random bytes, which gallop as well.
    Slices,
    /// Slices of `u64`.
    Integers,
}

/// A way to come by all entries of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Candidate {
    /// `next`: what the others are compared with.
    Next,
    /// A seek to the key of each entry, from the one before it.
    Seek,
    /// `prev`.
    Prev,
    /// `next` of a merge of descending keys.
    Descending,
}

impl Candidate {
    /// How many instructions it may take for each one of `next`.
    fn most(self, children: Children, sources: usize) -> Option<f64> {
        match self {
            Candidate::Next => None,
            // The search itself is most of it, where a step of the merge is cheap.
            Candidate::Seek if children == Children::Slices && sources < 32 => None,
            // A step takes one comparison, and a seek three, beside those of the child.
            Candidate::Seek if sources == 2 => Some(3.2),
            Candidate::Seek => Some(2.0),
            // A slice's step back takes more than one ahead, which shows where the merge's own part is small.
            Candidate::Prev if sources == 2 => Some(1.4),
            Candidate::Prev => Some(1.25),
            Candidate::Descending => Some(1.1),
        }
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [run, children, candidate, sources, passes] = arguments.as_slice()
        && run == "run"
    {
        let (children, candidate) = (Children::from_str(children, false)?, Candidate::from_str(candidate, false)?);
        println!("{}", run_candidate(children, candidate, sources.parse()?, passes.parse()?));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(ExitCode::SUCCESS);
    }
    if cfg!(debug_assertions) {
        println!("skipped, for it is about optimised code: cargo test --release --test merge_cursor_instructions");
        return Ok(ExitCode::SUCCESS);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped, for there is no valgrind on this machine");
        return Ok(ExitCode::SUCCESS);
    }
    compare_all()
}

fn compare_all() -> Result<ExitCode, Box<dyn Error>> {
    println!("{:10} {:>3} {:12} {:>8} {:>8} {:>7}", "children", "k", "by", "", "by next", "ratio");
    let mut exit = ExitCode::SUCCESS;
    for &children in Children::value_variants() {
        for sources in [2, 8, 32] {
            let (next, next_sum) = instructions_per_entry(children, Candidate::Next, sources)?;
            for candidate in [Candidate::Seek, Candidate::Prev, Candidate::Descending] {
                if children == Children::Runs && candidate == Candidate::Descending {
                    continue;
                }
                let (count, sum) = instructions_per_entry(children, candidate, sources)?;
                assert_eq!(sum, next_sum, "{candidate:?} of {sources} {children:?} yields something else than `next`");
                let ratio = count / next;
                let verdict = match candidate.most(children, sources) {
                    Some(most) if ratio > most => {
                        exit = ExitCode::FAILURE;
                        "  too many"
                    }
                    Some(_) => "",
                    None => "  (not judged)",
                };
                let (children, candidate) = (name(&children), name(&candidate));
                println!("{children:10} {sources:3} {candidate:12} {count:8.1} {next:8.1} {ratio:7.3}{verdict}");
            }
        }
    }
    Ok(exit)
}

fn name(argument: &impl ValueEnum) -> String {
    argument.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The instructions, and the checksum of what came out.
fn instructions_per_entry(
    children: Children,
    candidate: Candidate,
    sources: usize,
) -> Result<(f64, u64), Box<dyn Error>> {
    let [few, many] = PASSES.map(|passes| count_instructions(children, candidate, sources, passes));
    let ((few, _), (many, sum)) = (few?, many?);
    Ok(((many - few) as f64 / (PASSES[1] - PASSES[0]) as f64 / ENTRIES as f64, sum))
}

/// Runs this program again under callgrind.
fn count_instructions(
    children: Children,
    candidate: Candidate,
    sources: usize,
    passes: usize,
) -> Result<(u64, u64), Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["run", &name(&children), &name(&candidate), &sources.to_string(), &passes.to_string()])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim());
    let instructions = collected.ok_or_else(|| format!("callgrind did not count: {log}"))?.parse()?;
    Ok((instructions, String::from_utf8(output.stdout)?.trim().parse()?))
}

/// The checksum of all passes.
fn run_candidate(children: Children, candidate: Candidate, sources: usize, passes: usize) -> u64 {
    let keys = if children == Children::Integers { Keys::U64 } else { Keys::Random };
    let shape = Shape { keys, sources, order: Order::Interleaved, duplicates: 10, entries: ENTRIES, tombstones: 20 };
    let arenas = shape.arenas();
    match children {
        Children::Runs => {
            let sources = arenas.iter().map(Arena::entries::<&[u8]>);
            let runs: Vec<SortedRun> =
                sources.map(|entries| SliceIterator::new(&entries).borrowed().collect().expect("no error")).collect();
            run_merge(candidate, passes, || runs.iter().map(SortedRun::iter))
        }
        Children::Slices => run_slices::<&[u8]>(candidate, passes, &entries(&arenas)),
        Children::Integers => run_slices::<u64>(candidate, passes, &entries(&arenas)),
    }
}

fn entries<'a, K: BenchKey<'a>>(arenas: &'a [Arena]) -> Vec<Vec<Entry<'a, K>>> {
    arenas.iter().map(Arena::entries).collect()
}

fn run_slices<K: Key + Copy + Debug>(candidate: Candidate, passes: usize, sources: &[Vec<Entry<'_, K>>]) -> u64 {
    if candidate != Candidate::Descending {
        return run_merge(candidate, passes, || sources.iter().map(|entries| SliceIterator::new(entries)));
    }
    let descending: Vec<Vec<(Descending<K>, &[u8])>> = sources
        .iter()
        .map(|entries| entries.iter().rev().map(|&(key, value)| (Descending(key), value)).collect())
        .collect();
    let mut sum = 0;
    for _ in 0..passes {
        let mut merged = MergeIterator::new(black_box(&descending).iter().map(|entries| SliceIterator::new(entries)));
        while merged.next().expect("no error") {
            sum += touch(merged.value());
        }
    }
    sum
}

/// What is done with an entry: the order, in which the candidates differ, leaves no trace in a sum.
#[inline]
fn touch(value: impl AsRef<[u8]>) -> u64 {
    let value = value.as_ref();
    value.len() as u64 + u64::from(value.first().copied().unwrap_or_default())
}

fn run_merge<I, C>(candidate: Candidate, passes: usize, children: impl Fn() -> C) -> u64
where
    C: Iterator<Item = I>,
    I: BidirectionalIterator<Key: ToOwned<Owned: Borrow<I::Key>>, Value: AsRef<[u8]>, Error: Debug>,
{
    let mut targets = vec![];
    if candidate == Candidate::Seek {
        let mut merged = MergeIterator::new(children());
        while merged.next().expect("no error") {
            targets.push(merged.key().to_owned());
        }
    }
    let mut sum = 0;
    for _ in 0..passes {
        let mut merged = MergeIterator::new(black_box(children()));
        match candidate {
            Candidate::Next => {
                while merged.next().expect("no error") {
                    sum += touch(merged.value());
                }
            }
            Candidate::Seek => {
                merged.next().expect("no error");
                for target in &targets {
                    assert!(merged.seek(target.borrow()).expect("no error"));
                    sum += touch(merged.value());
                }
            }
            Candidate::Prev => {
                merged.seek_to_last().expect("no error");
                sum += touch(merged.value());
                while merged.prev().expect("no error") {
                    sum += touch(merged.value());
                }
            }
            Candidate::Descending => unreachable!("is run by the caller"),
        }
    }
    sum
}
