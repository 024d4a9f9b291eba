//! Compares the tables of this library with each other, with crossbeam-skiplist used directly, and with a locked B-tree
//! whose scans hold the lock.
//!
//! ```text
//! cargo run --release --example mem_tables              # a few minutes
//! cargo run --release --example mem_tables -- --quick   # seconds
//! ```
//!
//! All tables live at once and take turns, batch by batch, so that what else the machine does falls on all of them
//! alike. The printed figures are medians over the rounds; a ratio is the median of the rounds' ratios. At 1,000,000
//! entries and more the run ends with a verdict on what the library promises, and with status 1 if one of the promises
//! is broken.

mod candidates;
mod chart;
#[path = "../shared/ending.rs"]
mod ending;
mod measure;
mod report;
mod results;

use std::alloc::System;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cap::Cap;
use clap::Parser;

use crate::candidates::Kind;
use crate::results::Results;

/// Counts what each table has allocated.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Compares the mem-tables in speed and memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many entries the tables have.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    entries: Vec<usize>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long one writer and one scanner run beside each other, in seconds.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Which tables to compare.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Kind::ALL)]
    tables: Vec<Kind>,
    /// 2,000 entries, one round: to see that it runs, not to judge by.
    #[arg(long)]
    quick: bool,
    /// Where to write the chart of the last size, an SVG.
    #[arg(long)]
    chart: Option<PathBuf>,
}

fn main() -> ExitCode {
    ending::end("mem_tables", run())
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = Arguments::parse();
    if arguments.quick {
        (arguments.entries, arguments.rounds, arguments.seconds) = (vec![2_000], 1, 0.05);
    }
    arguments.tables.sort();
    arguments.tables.dedup();
    if arguments.tables.contains(&Kind::SortedRun) && !arguments.tables.contains(&Kind::MemTable) {
        eprintln!("sorted-run is frozen from mem-table, so it needs that too");
        return Ok(ExitCode::from(2));
    }
    let progress = measure::progress(arguments.entries.len() * arguments.rounds);
    let mut kept = true;
    for &entries in &arguments.entries {
        let mut results = Results::default();
        for round in 0..arguments.rounds {
            progress.set_message(format!("{entries} entries, round {} of {}", round + 1, arguments.rounds));
            let duration = Duration::from_secs_f64(arguments.seconds);
            measure::round(&arguments.tables, entries, round, duration, &mut results, &progress);
        }
        progress.suspend(|| -> io::Result<()> {
            writeln!(
                io::stdout(),
                "\n{entries} entries, 16-byte random keys, 100-byte values, {} rounds",
                arguments.rounds
            )?;
            writeln!(io::stdout(), "{}", report::figures(&results, &arguments.tables))?;
            if let Some(verdicts) = report::verdicts(&results, entries) {
                writeln!(io::stdout(), "{}", verdicts.table)?;
                kept &= verdicts.kept;
                if entries < report::PROMISED_FROM {
                    writeln!(
                        io::stdout(),
                        "The promises are about {} entries; here they are for information.",
                        report::PROMISED_FROM
                    )?;
                }
            }
            Ok(())
        })?;
        if let Some(path) = &arguments.chart
            && Some(&entries) == arguments.entries.last()
            && let Err(error) = chart::write(path, &results, &arguments.tables, entries)
        {
            eprintln!("cannot write {}: {error}", path.display());
            return Ok(ExitCode::from(2));
        }
    }
    progress.finish_and_clear();
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
