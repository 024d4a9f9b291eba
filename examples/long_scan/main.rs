//! What a slow scan keeps in memory: a plain iterator and a `LongIterator` walk slowly over two engines that are
//! written to, and flush their mem-tables to files, all the time.
//!
//! ```text
//! cargo run --release --example long_scan              # 20 seconds
//! cargo run --release --example long_scan -- --quick   # 2 seconds
//! ```
//!
//! Both engines get the same writes at the same rate. What an engine itself needs, the tables that it still writes to
//! or has yet to flush, is the floor. The plain iterator pins the tables of its start above that, until it ends; the
//! long one has its buffer and nothing else. The run ends with status 1 if that is not what was seen, or if one of the
//! scans has not yielded every key exactly once.

mod chart;
#[path = "../shared/ending.rs"]
mod ending;
mod engine;
mod file_run;
mod report;
mod writer;

use std::error::Error;
use std::io::{self, Write};
use std::ops::Bound::Unbounded;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use storage_iter::{LongIterator, StorageIterator, ViewSource};

use crate::engine::{Engine, Failure};
use crate::report::Sample;

/// What a chunk of the long iterator takes at most.
const CHUNK: usize = 64 << 10;
const TICK: Duration = Duration::from_millis(20);

/// Shows what a slow scan keeps in memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many keys each engine holds.
    #[arg(long, default_value_t = 200_000)]
    keys: u64,
    /// How long the scans take, in seconds.
    #[arg(long, default_value_t = 17.0)]
    seconds: f64,
    /// At which size a mem-table is replaced by a new one, in KiB.
    #[arg(long, default_value_t = 4096)]
    table_kib: usize,
    /// How many mem-tables an engine keeps before it flushes the oldest.
    #[arg(long, default_value_t = 3)]
    tables: usize,
    /// How many writes each engine gets in a second.
    #[arg(long, default_value_t = 50_000)]
    writes: u64,
    /// 20,000 keys in tables of 128 KiB: to see that it runs.
    #[arg(long)]
    quick: bool,
    /// Where to write the chart, an SVG.
    #[arg(long, default_value = "target/long_scan.svg")]
    chart: PathBuf,
}

fn main() -> ExitCode {
    ending::end("long_scan", run())
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = Arguments::parse();
    if arguments.quick {
        (arguments.keys, arguments.seconds, arguments.table_kib) = (20_000, 1.5, 128);
    }
    let directory = tempfile::tempdir()?;
    let [plain, long] = ["plain", "long"].map(|name| -> Result<Engine, Failure> {
        let engine = Engine::new(directory.path().join(name), arguments.table_kib << 10, arguments.tables)?;
        writer::fill(&engine, arguments.keys)?;
        Ok(engine)
    });
    let (plain, long) = (plain?, long?);
    let flushed = [plain.flushes(), long.flushes()];
    let samples = watch(&plain, &long, &arguments)?;
    let flushed = [plain.flushes() - flushed[0], long.flushes() - flushed[1]];
    writeln!(io::stdout(), "{}", report::table(&samples))?;
    if let Some(parent) = arguments.chart.parent() {
        std::fs::create_dir_all(parent)?;
    }
    chart::write(&arguments.chart, &samples)?;
    writeln!(io::stdout(), "chart: {}", arguments.chart.display())?;
    writeln!(io::stdout(), "Both scans have yielded every key exactly once.")?;
    let kept = report::verdict(&samples, arguments.table_kib << 10, CHUNK, arguments.tables, flushed)?;
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Walks over both engines, side by side and evenly, and looks at their memory between the steps.
fn watch(plain: &Engine, long: &Engine, arguments: &Arguments) -> Result<Vec<Sample>, Box<dyn Error>> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} keys, {msg}, {elapsed}")?;
    let progress = ProgressBar::new(arguments.keys).with_style(style);
    let stop = AtomicBool::new(false);
    let duration = Duration::from_secs_f64(arguments.seconds);
    thread::scope(|scope| {
        let background = [plain, long].map(|engine| {
            let stop = &stop;
            let writer = scope.spawn(move || writer::overwrite(engine, arguments.keys, arguments.writes, stop));
            (writer, scope.spawn(move || engine.maintain(stop)))
        });
        let walked = (|| -> Result<Vec<Sample>, Box<dyn Error>> {
            let view = plain.view()?;
            let mut plain_walk = Walk::new(plain.scan(&view, Unbounded, Unbounded)?);
            let mut long_walk = Walk::new(LongIterator::latest(long, Unbounded, Unbounded).max_bytes(CHUNK));
            let start = Instant::now();
            let mut samples = vec![];
            while start.elapsed() < duration {
                let share = start.elapsed().as_secs_f64() / arguments.seconds;
                let target = (share * arguments.keys as f64) as u64;
                plain_walk.walk_to(target)?;
                long_walk.walk_to(target)?;
                let sample = Sample {
                    seconds: start.elapsed().as_secs_f64(),
                    plain: plain.memory(),
                    long: long.memory(),
                    buffer: long_walk.entries.allocated_bytes(),
                };
                progress.set_position(target);
                progress.set_message(sample.to_string());
                samples.push(sample);
                thread::sleep(TICK);
            }
            plain_walk.finish(arguments.keys)?;
            long_walk.finish(arguments.keys)?;
            Ok(samples)
        })();
        progress.finish_and_clear();
        stop.store(true, Ordering::Relaxed);
        for (writer, maintenance) in background {
            writer.join().map_err(|_| "the writer panicked")??;
            maintenance.join().map_err(|_| "the maintenance panicked")??;
        }
        walked
    })
}

/// A scan, and how far it has come. All keys are there all the time, so the n-th key that comes out must be key n.
struct Walk<I> {
    entries: I,
    passed: u64,
}

impl<I: StorageIterator<Key = [u8], Value = [u8], Error = Failure>> Walk<I> {
    fn new(entries: I) -> Self {
        Walk { entries, passed: 0 }
    }

    fn walk_to(&mut self, target: u64) -> Result<(), Box<dyn Error>> {
        while self.passed < target && self.entries.next()? {
            if self.entries.key() != writer::key(self.passed) {
                return Err(format!("key {} is missing or comes twice", self.passed).into());
            }
            self.passed += 1;
        }
        Ok(())
    }

    fn finish(mut self, keys: u64) -> Result<(), Box<dyn Error>> {
        self.walk_to(u64::MAX)?;
        if self.passed == keys { Ok(()) } else { Err(format!("{} of {keys} keys came out", self.passed).into()) }
    }
}
