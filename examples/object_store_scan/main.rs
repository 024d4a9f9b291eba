//! A scan of data that has outgrown one machine: sorted runs in an object store, read back block by block, merged under a live
//! mem-table.
//!
//! ```text
//! cargo run --release --features async --example object_store_scan
//! cargo run --release --features async --example object_store_scan -- --url file:///tmp/runs --latency-ms 20
//! ```
//!
//! The same scan is done twice: with the next blocks of every run on their way while the current ones are consumed, and one
//! request after the other. It prints both times and the requests made. Every request takes some milliseconds longer than the
//! store itself does, as in an object store it would. `--url` takes any store that the crate `object_store` knows. Those behind HTTP are
//! features of that crate, which this package does not turn on, as nothing else needs them; cargo does it for one command:
//!
//! ```text
//! export AWS_ENDPOINT=http://127.0.0.1:9000 AWS_ALLOW_HTTP=true
//! export AWS_ACCESS_KEY_ID=.. AWS_SECRET_ACCESS_KEY=.. AWS_REGION=us-east-1
//! cargo run --release --features async,object_store/aws --example object_store_scan -- --url s3://bucket/runs
//! ```
//!
//! `AWS_ENDPOINT` and `AWS_ALLOW_HTTP` are for S3-compatible stores other than that of AWS.

mod arguments;
mod block;
mod data;
#[path = "../shared/ending.rs"]
mod ending;
mod failure;
mod report;
mod run;
mod store;

use std::error::Error;
use std::io::{self, Write};
use std::ops::Bound::Unbounded;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MergeIterator};
use storage_iter::{ChildError, MemTable};

use arguments::Arguments;
use data::Digest;
use failure::Failure;
use report::Scan;
use run::Run;
use store::Store;

#[tokio::main]
async fn main() -> ExitCode {
    ending::end("object_store_scan", run(&Arguments::parse()).await)
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let store = Store::open(arguments)?;
    let bar = progress_bar(arguments.runs, "runs written")?;
    let mut runs = vec![];
    for number in 0..arguments.runs {
        runs.push(Run::write(&store, number, data::run(arguments, number), arguments.block_kib << 10).await?);
        bar.inc(1);
    }
    bar.finish_and_clear();

    let scanned = compare(arguments, &store, &runs).await;
    // The objects go in any case; the first failure is the one to report.
    let deleted = async {
        for run in &runs {
            run.delete(&store).await?;
        }
        Ok::<_, Failure>(())
    };
    let deleted = deleted.await;
    writeln!(io::stdout(), "{}", scanned?)?;
    Ok(deleted?)
}

async fn compare(arguments: &Arguments, store: &Store, runs: &[Run]) -> Result<String, Failure> {
    let table = Arc::new(MemTable::new());
    data::fill(arguments, &table);
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(keep_writing(arguments.clone(), Arc::clone(&table), Arc::clone(&stop)));
    let scans = async {
        Ok::<_, Failure>([
            scan(store, runs, &table, arguments.read_ahead, runs.len()).await?,
            scan(store, runs, &table, 0, 1).await?,
        ])
    };
    let scans = scans.await;
    stop.store(true, Ordering::Relaxed);
    let written = writer.await.map_err(|_| Failure::Stopped)?;
    let scans = scans?;
    let expected = data::expected(arguments);
    if let Some(wrong) = scans.iter().find(|scan| scan.digest != expected) {
        return Err(Failure::Wrong { yielded: wrong.digest, expected });
    }
    Ok(report::text(arguments, runs, &scans, written))
}

/// Scans the runs under the table, with so many requests a run ahead of the reader, and so many runs waited for at once.
async fn scan(
    store: &Store,
    runs: &[Run],
    table: &MemTable,
    read_ahead: usize,
    in_flight: usize,
) -> Result<Scan, Failure> {
    let bar = progress_bar(runs.iter().map(Run::blocks).sum(), "blocks read")?;
    let counter = store.count_requests();
    let start = Instant::now();

    // The newest run first: the one that was written last.
    let older = runs.iter().rev().map(|run| run.scan(store, &counter).read_ahead(read_ahead));
    let older = MergeIterator::new(older).max_in_flight(in_flight).map_err(ChildError::into_inner);
    let newer = FromSync::new(table.scan(Unbounded, Unbounded)).lift_err();
    let mut view = newer.two_merge(older).skip_tombstones().yield_every(1000);

    let mut digest = Digest::default();
    while view.next().await.map_err(ChildError::into_inner)? {
        digest.add(view.key(), view.value());
        if digest.entries.is_multiple_of(1000) {
            bar.set_position(counter.requests() as u64);
        }
    }
    bar.finish_and_clear();
    let elapsed = start.elapsed();
    Ok(Scan { read_ahead, elapsed, requests: counter.requests(), most_at_once: counter.most_at_once(), digest })
}

/// Writes to the table all the time, what it has already: so it is live, and the result is known. How many writes there were.
async fn keep_writing(arguments: Arguments, table: Arc<MemTable>, stop: Arc<AtomicBool>) -> u64 {
    let mut written = 0;
    while !stop.load(Ordering::Relaxed) {
        written += data::fill(&arguments, &table);
        tokio::task::yield_now().await;
    }
    written
}

fn progress_bar(length: usize, of: &'static str) -> Result<ProgressBar, Failure> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}, {elapsed}").map_err(|_| Failure::Stopped)?;
    Ok(ProgressBar::new(length as u64).with_style(style).with_message(of))
}
