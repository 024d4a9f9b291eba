//! Merges layers of sorted entries, one file a layer, into the view that the newest one gives.
//!
//! The newest layers are loaded into mem-tables, as a storage engine keeps what was written last; the others are read
//! from disk while they are walked. Start reading at [`run`]: it is the whole pipeline. [`FileIterator`] shows how to
//! write a source of your own.
//!
//! ```sh
//! cargo run --release --example layers > view.tsv
//! cargo run --release --example layers -- -h
//! ```

mod arguments;
mod failure;
mod file_iterator;
mod layer_error;
mod lazy_file;
mod progress;
mod statistics;

use std::cell::Cell;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use storage_iter::{MemTable, MergeIterator, StorageIterator, Tombstone, TwoMergeIterator};

use arguments::Arguments;
use failure::Failure;
use file_iterator::FileIterator;
use lazy_file::LazyFile;
use statistics::Statistics;

fn main() -> ExitCode {
    // A message that cannot be written to standard error has no other place to go.
    match run(&Arguments::parse()) {
        Ok(statistics) => {
            let _ = write!(io::stderr(), "{statistics}");
            ExitCode::SUCCESS
        }
        // Whoever reads the output, `head` perhaps, has seen enough.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "layers: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Statistics, Failure> {
    let start = Instant::now();
    let paths = arguments.layers()?;
    let (lower, upper) = arguments.bounds();
    let bar = progress::bar(arguments.progress, &paths);
    let open = |path: &PathBuf| FileIterator::new(path, bar.wrap_read(LazyFile::new(path)));

    // The command line names the oldest layer first, the library wants the newest first: hence `rev`.
    let (on_disk, in_memory) = paths.split_at(paths.len().saturating_sub(arguments.memtables));
    let tables = in_memory.iter().rev().map(|path| load(open(path))).collect::<Result<Vec<_>, _>>()?;

    let entries = Cell::new(0);
    let count = |_: &[u8], _: &[u8]| entries.set(entries.get() + 1);
    // A mem-table finds the lower bound by itself. A file has to be read up to it.
    let newer = MergeIterator::new(tables.iter().map(|table| table.scan(lower, upper).inspect(count)));
    let older = MergeIterator::new(on_disk.iter().rev().map(|path| open(path).between(lower, upper).inspect(count)));

    let (mut live, mut deleted) = (0, 0);
    let merged = TwoMergeIterator::new(newer.lift_err(), older).inspect(|_, value| match value.is_tombstone() {
        true => deleted += 1,
        false => live += 1,
    });

    let mut output = BufWriter::with_capacity(64 * 1024, progress::Output::new(&bar));
    let written = match arguments.keep_tombstones {
        true => write_entries(merged, &mut output),
        false => write_entries(merged.skip_tombstones(), &mut output),
    };
    // An error costs nothing that came before it.
    let flushed = output.flush().map_err(Failure::Output);
    bar.finish_and_clear();
    written.and(flushed)?;

    let layers = paths.len();
    Ok(Statistics { layers, tables: tables.len(), entries: entries.get(), deleted, live, elapsed: start.elapsed() })
}

/// Loads a layer into a mem-table, tombstones included.
fn load<R: Read>(layer: FileIterator<R>) -> Result<MemTable, Failure> {
    let table = MemTable::new();
    layer.for_each(|key, value| table.put(key, value))?;
    Ok(table)
}

/// Writes every entry as a line. The two pipelines of [`run`] have different types: each gets a loop of its own.
fn write_entries<I>(mut entries: I, output: &mut impl Write) -> Result<(), Failure>
where
    I: StorageIterator<Key = [u8], Value = [u8]>,
    Failure: From<I::Error>,
{
    entries.try_for_each(|key, value| {
        [key, b"\t", value, b"\n"].into_iter().try_for_each(|part| output.write_all(part)).map_err(Failure::Output)
    })
}
