//! Composing in generic code: one function over `impl StorageIterator`, and sources of four different types for it.
//!
//! The rainfall of a year lies in three places: the archive is a sorted run, the weather office's corrections are a
//! std `BTreeMap`, and what the stations report now goes to a mem-table. None of them knows the others, and [`chart`]
//! knows none of them.
//!
//! ```sh
//! cargo run --example compose
//! ```

#[path = "shared/ending.rs"]
mod ending;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::process::ExitCode;

use storage_iter::{
    MemTable, MergeIterator, PairsIterator, SliceIterator, SortedRun, StorageIterator, TwoMergeIterator,
};

/// Prints a bar for every entry, whatever the entries come from. The compiler makes one copy of it for each type.
fn chart<I>(title: &str, mut months: I) -> Result<(), Box<dyn Error>>
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: Error + 'static>,
{
    writeln!(io::stdout(), "{title} (sources: {})", months.num_active_iterators())?;
    while months.next()? {
        let (month, rain) = (months.key().escape_ascii(), months.value().escape_ascii().to_string());
        match rain.parse::<usize>() {
            Ok(millimetres) => {
                writeln!(io::stdout(), "  {month}  {millimetres:>3} mm  {}", "█".repeat(millimetres / 3))
            }
            Err(_) => writeln!(io::stdout(), "  {month}    - mm  withdrawn"),
        }?;
    }
    writeln!(io::stdout())?;
    Ok(())
}

/// A combinator of your own is a function from one storage iterator to another. Nothing in it is boxed.
fn summer<I>(months: I) -> impl StorageIterator<Key = [u8], Value = [u8], Error = I::Error>
where
    I: StorageIterator<Key = [u8], Value = [u8]>,
{
    months.between(Included(b"2026-06".as_slice()), Excluded(b"2026-09".as_slice())).skip_tombstones()
}

fn run() -> Result<(), Box<dyn Error>> {
    // The archive: any storage iterator can be collected into a run, flat and immutable.
    let months = [("03", "42"), ("04", "51"), ("05", "66"), ("06", "84"), ("07", "97"), ("08", "90"), ("09", "61")];
    let months = months.map(|(month, rain)| (format!("2026-{month}").into_bytes(), rain.as_bytes().to_vec()));
    let archive: SortedRun = SliceIterator::new(&months).borrowed().collect()?;

    // The corrections: a map from elsewhere, of which only a range is wanted.
    let corrections = BTreeMap::from([("2025-12", "70"), ("2026-04", "15"), ("2026-07", "33"), ("2026-10", "58")]);
    let this_year = || {
        let pairs = corrections.range("2026-01"..).map(|(month, rain)| (month.as_bytes(), rain.as_bytes()));
        PairsIterator::new(pairs).borrowed::<[u8], [u8]>()
    };

    // The reports of today: the gauge of August turned out to leak, and September is not over yet.
    let reports = MemTable::new();
    reports.put(b"2026-09", b"75");
    reports.delete(b"2026-08");

    // One function, four sources of different types.
    chart("The archive, a sorted run", archive.iter())?;
    chart("Corrections, the range of a BTreeMap", this_year())?;
    chart("Reports, a mem-table", reports.scan(Unbounded, Unbounded))?;

    // The newest first. What is merged is a storage iterator again, so it goes into the same function, and into
    // another merge.
    let newer = || TwoMergeIterator::new(reports.scan(Unbounded, Unbounded), this_year());
    chart("What is known now, a merge of all three", newer().two_merge(archive.iter().lift_err()).skip_tombstones())?;
    chart("The summer of it", summer(newer().two_merge(archive.iter().lift_err())))?;

    // Children of one type, any number of them: clones of a run share its memory.
    let copies = vec![archive.clone(); 3];
    chart(
        "The summer of three copies, each month once",
        summer(MergeIterator::new(copies.iter().map(SortedRun::iter))),
    )?;
    Ok(())
}

fn main() -> ExitCode {
    ending::end("compose", run())
}
