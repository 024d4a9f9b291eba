//! What the examples `lsm_read_path`, `compaction` and `soak` have in common that is not about storage: arguments, chance, progress,
//! and the table at the end.
#![allow(dead_code, reason = "each example uses a part of it")]

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// Random operations on a log-structured merge tree, each checked against a model.
///
/// Exit status: 0 if all agrees, 1 if not, 2 for wrong arguments.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// How many operations to run
    #[arg(long, default_value_t = 20_000)]
    pub(crate) operations: u64,
    /// How many different keys there are; fewer keys have more versions
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) keys: u64,
    /// The same seed runs the same operations
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Rows of a table: what, how often, and a note.
pub(crate) type Table = Vec<(&'static str, u64, &'static str)>;

/// Runs an example and says how it went.
pub(crate) fn main(
    example: &str,
    run: impl FnOnce(&Arguments, &ProgressBar) -> Result<Table, Box<dyn Error>>,
) -> ExitCode {
    let arguments = Arguments::parse();
    let bar = progress_bar(arguments.operations);
    let result = run(&arguments, &bar);
    bar.finish_and_clear();
    report(example, result)
}

/// Prints the table, or one line that says what is wrong.
pub(crate) fn report<E: fmt::Display + From<io::Error>>(example: &str, result: Result<Table, E>) -> ExitCode {
    let printed = result.and_then(|table| {
        let mut stdout = io::stdout().lock();
        let printed = table.iter().try_for_each(|(what, count, note)| {
            writeln!(stdout, "{}", format!("{what:<22}{:>12}   {note}", HumanCount(*count).to_string()).trim_end())
        });
        match printed.and_then(|()| stdout.flush()) {
            // Whoever reads the output has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            printed => Ok(printed?),
        }
    });
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A message that cannot be written to standard error has no other place to go.
            let _ = writeln!(io::stderr(), "{example}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A bar on standard error, if that is a terminal.
pub(crate) fn progress_bar(length: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} {msg}, {eta} left");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A key and its value, if there are any.
pub(crate) type Entry<'a> = Option<(&'a [u8], &'a [u8])>;

/// An error if these two differ.
pub(crate) fn expect_entry(what: &str, found: Entry<'_>, expected: Entry<'_>) -> io::Result<()> {
    let show = |entry: Entry<'_>| match entry {
        Some((key, value)) => format!("{} = {}", key.escape_ascii(), value.escape_ascii()),
        None => "nothing".to_string(),
    };
    if found == expected {
        return Ok(());
    }
    Err(io::Error::other(format!("{what}: found {}, expected {}", show(found), show(expected))))
}

/// An error if these two, which are to be what is stored under a key, differ.
pub(crate) fn expect_value(key: &[u8], found: Option<&Vec<u8>>, expected: Option<&Vec<u8>>) -> io::Result<()> {
    let [found, expected] = [found, expected].map(|value| value.map(|value| (key, value.as_slice())));
    expect_entry("get", found, expected)
}

/// An error if these two differ.
pub(crate) fn expect_count(what: &str, found: u64, expected: u64) -> io::Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(io::Error::other(format!("{what}: found {found}, expected {expected}")))
}

/// Pseudo-random numbers from a seed, the same on every machine (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random { state: seed }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of `keys` keys.
    pub(crate) fn key(&mut self, keys: u64) -> Vec<u8> {
        key(self.below(keys))
    }
}

/// The key with this number, in order. Every other one is the one before and a zero byte, which encodings like to confuse.
pub(crate) fn key(number: u64) -> Vec<u8> {
    let zero_byte = if number % 2 == 1 { "\0" } else { "" };
    format!("user{:06}{zero_byte}", number / 2).into_bytes()
}
