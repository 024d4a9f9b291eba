//! Combinators cost nothing: the instructions an entry takes, counted by callgrind, against loops written by hand over
//! the same slices.
//!
//! ```console
//! $ cargo test --release --test instructions
//! ```
//!
//! Needs valgrind; without it, or without optimisation, it says that it is skipped. It is its own harness: it runs itself
//! under callgrind, with one candidate as argument.

#[path = "../benches/data/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;
#[path = "../benches/peers/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod peers;

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::ops::Range;
use std::process::{Command, ExitCode};

use clap::ValueEnum;

use data::{Arena, BenchKey, Entry, Keys, Order, Shape};
use peers::{ByForEach, ByNext, Loop, by_hand, composed, touch};

/// How many instructions a combinator is to take for each one of the loop by hand.
const GOAL: f64 = 1.05;

/// How many it may take: the goal, or where that is not reached, what it took when this was written and 3 % for the
/// layout of the code. The least of these is worth the next person's time.
fn most(keys: Keys, candidate: Candidate, side: Side) -> f64 {
    let [next_bytes, next_integers, bytes, integers] = match candidate {
        Candidate::Source => [GOAL, 1.13, GOAL, GOAL],
        Candidate::TwoMerge => [GOAL, 1.14, GOAL, GOAL],
        // How many children there are is known at run time only, and they lie on the heap, where each step has to find and change
        // them. `for_each` takes them out.
        Candidate::MergeOne => [2.39, 3.34, GOAL, GOAL],
        // Keys compared word by word in place: more instructions than a call of `memcmp`, and half of the time where they take turns.
        Candidate::MergeTwo => [1.83, 2.83, GOAL, GOAL],
        Candidate::SkipTombstones => [1.13, 1.13, GOAL, GOAL],
        // Step by step a merge of two in it costs what it costs alone.
        Candidate::Composition => [1.46, 2.44, GOAL, GOAL],
        // A loop around `next` the compiler does not unroll, and it tests each time whether a child is open: it knows that after an entry one
        // is, but does not lead the end of a loop past a test at its beginning.
        Candidate::Concat => [1.39, 1.60, GOAL, GOAL],
        // A loop around `next` has one body for the entries of both, behind which it is told apart again who moves, and whether the other one
        // has an entry. The loop by hand over a symmetric difference has two bodies.
        Candidate::TwoUnion => [GOAL, 1.13, GOAL, GOAL],
        Candidate::Between | Candidate::TwoIntersection | Candidate::TwoDifference => [GOAL, GOAL, GOAL, GOAL],
        Candidate::TwoSymmetricDifference => [GOAL, 1.26, GOAL, GOAL],
    };
    match (side, keys == Keys::U64) {
        (Side::ByHand, _) => 1.0,
        (Side::Next, false) => next_bytes,
        (Side::Next, true) => next_integers,
        (Side::ForEach, false) => bytes,
        (Side::ForEach, true) => integers,
    }
}

/// How many entries a pass reads in all.
const ENTRIES: usize = 10_000;

/// Passes over the data in the two runs whose difference counts: what happens before the first pass cancels out.
const PASSES: [usize; 2] = [1, 4];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Candidate {
    /// A slice alone: not a combinator, so not judged.
    Source,
    TwoMerge,
    MergeOne,
    MergeTwo,
    SkipTombstones,
    Between,
    Composition,
    Concat,
    TwoUnion,
    TwoIntersection,
    TwoDifference,
    TwoSymmetricDifference,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The combinator in a loop around `next`.
    Next,
    /// The combinator's `for_each`.
    ForEach,
    ByHand,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [run, keys, candidate, side, passes] = arguments.as_slice()
        && run == "run"
    {
        let (keys, candidate) = (Keys::from_str(keys, false)?, Candidate::from_str(candidate, false)?);
        println!("{}", run_candidate(keys, candidate, Side::from_str(side, false)?, passes.parse()?));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(ExitCode::SUCCESS);
    }
    if cfg!(debug_assertions) {
        println!("instructions: skipped, for it is about optimised code: cargo test --release --test instructions");
        return Ok(ExitCode::SUCCESS);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: skipped, for there is no valgrind on this machine");
        return Ok(ExitCode::SUCCESS);
    }
    compare_all()
}

fn compare_all() -> Result<ExitCode, Box<dyn Error>> {
    println!(
        "{:16} {:24} {:>7} {:>7} {:>6} {:>8} {:>6}",
        "instructions", "per entry read", "by hand", "next", "ratio", "for_each", "ratio"
    );
    let mut exit = ExitCode::SUCCESS;
    for keys in [Keys::Random, Keys::U64] {
        for &candidate in Candidate::value_variants() {
            let (by_hand, sum_by_hand) = instructions_per_entry(keys, candidate, Side::ByHand)?;
            print!("{keys:16} {:24} {by_hand:7.1}", name(&candidate));
            let mut verdict = "";
            for (side, width) in [(Side::Next, 7), (Side::ForEach, 8)] {
                let (ours, our_sum) = instructions_per_entry(keys, candidate, side)?;
                assert_eq!(our_sum, sum_by_hand, "{candidate:?} yields something else than the loop by hand");
                let ratio = ours / by_hand;
                print!(" {ours:width$.1} {ratio:6.3}");
                if ratio > most(keys, candidate, side) {
                    exit = ExitCode::FAILURE;
                    verdict = "  too many";
                } else if ratio > GOAL && verdict.is_empty() {
                    verdict = "  above the goal";
                }
            }
            println!("{verdict}");
        }
    }
    Ok(exit)
}

fn name(argument: &impl ValueEnum) -> String {
    argument.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The instructions, and the checksum of what came out.
fn instructions_per_entry(keys: Keys, candidate: Candidate, side: Side) -> Result<(f64, u64), Box<dyn Error>> {
    let [few, many] = PASSES.map(|passes| count_instructions(keys, candidate, side, passes));
    let ((few, _), (many, sum)) = (few?, many?);
    Ok(((many - few) as f64 / (PASSES[1] - PASSES[0]) as f64 / ENTRIES as f64, sum))
}

/// Runs this program again under callgrind.
fn count_instructions(
    keys: Keys,
    candidate: Candidate,
    side: Side,
    passes: usize,
) -> Result<(u64, u64), Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["run", &name(&keys), &name(&candidate), &name(&side), &passes.to_string()])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim());
    let instructions = collected.ok_or_else(|| format!("callgrind did not count: {log}"))?.parse()?;
    Ok((instructions, String::from_utf8(output.stdout)?.trim().parse()?))
}

/// Sources for a candidate: 30 % of the keys are in two of them, 20 % of the entries are tombstones.
fn arenas(keys: Keys, candidate: Candidate) -> Vec<Arena> {
    let sources = match candidate {
        Candidate::Source
        | Candidate::MergeOne
        | Candidate::SkipTombstones
        | Candidate::Between
        | Candidate::Concat => 1,
        Candidate::TwoMerge
        | Candidate::MergeTwo
        | Candidate::TwoUnion
        | Candidate::TwoIntersection
        | Candidate::TwoDifference
        | Candidate::TwoSymmetricDifference => 2,
        Candidate::Composition => 3,
    };
    let duplicates = if sources == 1 { 0 } else { 30 };
    Shape { keys, sources, order: Order::Interleaved, duplicates, entries: ENTRIES, tombstones: 20 }.arenas()
}

/// The checksum is that of the measured loop itself. (The benches compare every byte; here another closure would be another
/// copy of each combinator, and the compiler inlines what is called once more readily than what is called twice.)
fn run_candidate(keys: Keys, candidate: Candidate, side: Side, passes: usize) -> u64 {
    fn run<'a, K: BenchKey<'a>>(arenas: &'a [Arena], candidate: Candidate, side: Side, passes: usize) -> u64 {
        let sources: Vec<Vec<Entry<'a, K>>> = arenas.iter().map(Arena::entries).collect();
        let mut sum = 0;
        for _ in 0..passes {
            visit(candidate, side, black_box(&sources), |key, value| touch(&mut sum, key, value));
        }
        sum
    }
    let arenas = arenas(keys, candidate);
    match keys {
        Keys::U64 => run::<u64>(&arenas, candidate, side, passes),
        _ => run::<&[u8]>(&arenas, candidate, side, passes),
    }
}

fn visit<'a, K: BenchKey<'a>>(
    candidate: Candidate,
    side: Side,
    sources: &[Vec<Entry<'a, K>>],
    visit: impl FnMut(&K::Lent, &[u8]),
) {
    match side {
        Side::Next => ours::<ByNext, K>(candidate, sources, visit),
        Side::ForEach => ours::<ByForEach, K>(candidate, sources, visit),
        Side::ByHand => by_hand(candidate, sources, visit),
    }
}

fn ours<'a, L: Loop, K: BenchKey<'a>>(
    candidate: Candidate,
    sources: &[Vec<Entry<'a, K>>],
    visit: impl FnMut(&K::Lent, &[u8]),
) {
    match (candidate, sources) {
        (Candidate::Source, [one]) => composed::all::<L, _>(one, visit),
        (Candidate::MergeOne, [one]) => composed::merge::<L, _, _>([one], visit),
        (Candidate::SkipTombstones, [one]) => composed::skip_tombstones::<L, _>(one, visit),
        (Candidate::Between, [one]) => composed::between::<L, _>(one, &bounds(sources), visit),
        (Candidate::Concat, [one]) => composed::concat::<L, _>(one, visit),
        (Candidate::TwoMerge, [a, b]) => composed::two_merge::<L, _>(a, b, visit),
        (Candidate::MergeTwo, [a, b]) => composed::merge::<L, _, _>([a, b], visit),
        (Candidate::TwoUnion, [a, b]) => composed::two_union::<L, _>(a, b, visit),
        (Candidate::TwoIntersection, [a, b]) => composed::two_intersection::<L, _>(a, b, visit),
        (Candidate::TwoDifference, [a, b]) => composed::two_difference::<L, _>(a, b, visit),
        (Candidate::TwoSymmetricDifference, [a, b]) => composed::two_symmetric_difference::<L, _>(a, b, visit),
        (Candidate::Composition, [a, b, c]) => composed::composition::<L, _>([a, b, c], &bounds(sources), visit),
        _ => unreachable!("`arenas` makes as many sources as a candidate has"),
    }
}

fn by_hand<'a, K: BenchKey<'a>>(
    candidate: Candidate,
    sources: &[Vec<Entry<'a, K>>],
    visit: impl FnMut(&K::Lent, &[u8]),
) {
    match (candidate, sources) {
        (Candidate::Source | Candidate::MergeOne, [one]) => by_hand::all(one, visit),
        (Candidate::SkipTombstones, [one]) => by_hand::skip_tombstones(one, visit),
        (Candidate::Between, [one]) => by_hand::between(one, &bounds(sources), visit),
        (Candidate::Concat, [one]) => by_hand::concat(one, visit),
        (Candidate::TwoMerge | Candidate::MergeTwo | Candidate::TwoUnion, [a, b]) => by_hand::two_merge(a, b, visit),
        (Candidate::TwoIntersection, [a, b]) => by_hand::two_intersection(a, b, visit),
        (Candidate::TwoDifference, [a, b]) => by_hand::two_difference(a, b, visit),
        (Candidate::TwoSymmetricDifference, [a, b]) => by_hand::two_symmetric_difference(a, b, visit),
        (Candidate::Composition, [a, b, c]) => by_hand::composition([a, b, c], &bounds(sources), visit),
        _ => unreachable!("`arenas` makes as many sources as a candidate has"),
    }
}

/// From the key after the first tenth of the first source to the one before its last tenth.
fn bounds<'a, K: BenchKey<'a>>(sources: &[Vec<Entry<'a, K>>]) -> Range<K> {
    let tenth = sources[0].len() / 10;
    sources[0][tenth].0..sources[0][9 * tenth].0
}
