//! Measures the k-way merge against its peers on a grid of inputs, all in one process.
//!
//! ```console
//! $ cargo run --release --example merge_grid                               # the whole grid, in less than ten minutes
//! $ cargo run --release --example merge_grid -- --keys url -k 8,32 --sizes 10000
//! $ cargo run --release --example merge_grid -- --list
//! ```
//!
//! Prints a table of ratios, the peer's time divided by `MergeIterator`'s, and exits with 1 when one falls short of what
//! this library promises (`thresholds.rs`).

#[path = "../../benches/data/mod.rs"]
mod data;
#[path = "../../benches/peers/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod peers;

mod arguments;
mod chart;
mod clock;
#[path = "../shared/ending.rs"]
mod ending;
mod machine;
mod measure;
mod report;
mod thresholds;

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use arguments::Arguments;
use data::{BenchKey, Entry, Keys, PlainKey, Shape};
use measure::{Measured, Measurement};

fn main() -> ExitCode {
    ending::end("merge_grid", run())
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    let shapes = arguments.shapes();
    let mut out = io::stdout().lock();
    if arguments.list {
        for shape in &shapes {
            writeln!(out, "{}", report::cell_name(shape))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{}", machine::describe())?;
    let progress = ProgressBar::new(shapes.len() as u64);
    progress.set_style(ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg} (eta {eta})")?);
    let mut cells: Vec<Measured> = Vec::with_capacity(shapes.len());
    let mut spare_time = Duration::from_secs(arguments.spare_seconds);
    for table in shapes.chunk_by(|one, other| (one.entries, one.keys) == (other.entries, other.keys)) {
        for shape in table {
            progress.set_message(report::cell_name(shape));
            cells.push(measure_cell(*shape, &arguments, &mut spare_time));
            progress.inc(1);
        }
        progress.suspend(|| report::write_table(&mut out, &cells[cells.len() - table.len()..]))?;
    }
    progress.finish_and_clear();

    report::write_summary(&mut out, &cells)?;
    if let Some(path) = &arguments.csv {
        let mut file = BufWriter::new(File::create(path)?);
        report::write_csv(&mut file, &cells)?;
        file.flush()?;
    }
    if let Some(path) = arguments.chart_path() {
        chart::draw(&path, &cells)?;
        writeln!(out, "chart: {}", path.display())?;
    }
    let shortfalls: Vec<_> = cells.iter().flat_map(thresholds::shortfalls).collect();
    for shortfall in &shortfalls {
        writeln!(out, "falls short: {shortfall}")?;
    }
    let of = cells.len();
    writeln!(out, "{} cells in {:.0?}, {} shortfalls", of, progress.elapsed(), shortfalls.len())?;
    Ok(if shortfalls.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure_cell(shape: Shape, arguments: &Arguments, spare_time: &mut Duration) -> Measured {
    let arenas = shape.arenas();
    match shape.keys {
        Keys::Random | Keys::User | Keys::Url => {
            let sources: Vec<Vec<Entry<'_, &[u8]>>> = arenas.iter().map(|arena| arena.entries()).collect();
            measure_sources(shape, &sources, arguments, spare_time)
        }
        Keys::U64 => {
            let sources: Vec<Vec<Entry<'_, u64>>> = arenas.iter().map(|arena| arena.entries()).collect();
            measure_sources(shape, &sources, arguments, spare_time)
        }
        Keys::Plain => {
            let sources: Vec<Vec<Entry<'_, PlainKey>>> = arenas.iter().map(|arena| arena.entries()).collect();
            measure_sources(shape, &sources, arguments, spare_time)
        }
    }
}

/// Measures, and measures on where the first rounds fall short: all rounds count, so noise is averaged out, not selected.
fn measure_sources<'a, K: BenchKey<'a>>(
    shape: Shape,
    sources: &[Vec<Entry<'a, K>>],
    arguments: &Arguments,
    spare_time: &mut Duration,
) -> Measured {
    let rounds = arguments.rounds(&shape);
    let mut measurement = Measurement::new(shape, sources, &arguments.peers());
    measurement.run(rounds);
    let start = Instant::now();
    if !spare_time.is_zero() && thresholds::shortfalls(&measurement.result()).next().is_some() {
        measurement.run(rounds * 2);
        *spare_time = spare_time.saturating_sub(start.elapsed());
    }
    measurement.result()
}
