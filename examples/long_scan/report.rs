//! The printed table and the verdict.

use std::fmt;
use std::io::{self, Write};

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::engine::Memory;

const ROWS: usize = 12;

/// One look at the memory of both engines.
pub(crate) struct Sample {
    pub(crate) seconds: f64,
    pub(crate) plain: Memory,
    pub(crate) long: Memory,
    /// What the long iterator's own buffers take.
    pub(crate) buffer: usize,
}

impl Sample {
    pub(crate) fn plain_live(&self) -> usize {
        self.plain.floor + self.plain.pinned
    }

    pub(crate) fn long_live(&self) -> usize {
        self.long.floor + self.above_floor()
    }

    /// What the long iterator is to blame for.
    fn above_floor(&self) -> usize {
        self.long.pinned + self.buffer
    }
}

pub(crate) fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [plain, long] = [self.plain_live(), self.long_live()].map(mebibytes);
        write!(f, "MiB live: plain {plain:.1}, long {long:.1}")
    }
}

pub(crate) fn table(samples: &[Sample]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["s", "plain: floor MiB", "pinned MiB", "long: floor MiB", "pinned MiB", "buffer KiB"]);
    for sample in samples.iter().step_by((samples.len() / ROWS).max(1)) {
        let mib = |bytes| format!("{:.2}", mebibytes(bytes));
        table.add_row([
            format!("{:.1}", sample.seconds),
            mib(sample.plain.floor),
            mib(sample.plain.pinned),
            mib(sample.long.floor),
            mib(sample.long.pinned),
            format!("{:.0}", sample.buffer as f64 / 1024.0),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Prints what was to be seen, and says whether it was.
pub(crate) fn verdict(
    samples: &[Sample],
    table: usize,
    chunk: usize,
    tables: usize,
    flushes: [u64; 2],
) -> io::Result<bool> {
    let pinned = samples.last().map_or(0, |sample| sample.plain.pinned);
    let above = samples.iter().map(Sample::above_floor).max().unwrap_or(0);
    let checks = [
        (
            format!("at its end the plain iterator pins {:.2} MiB, at least one table", mebibytes(pinned)),
            pinned >= table,
        ),
        (
            format!("the long iterator is never more than {} KiB above the floor, two chunks", above / 1024),
            above <= 2 * chunk,
        ),
        (
            format!("{} and {} tables were flushed meanwhile, more than an engine keeps", flushes[0], flushes[1]),
            flushes.iter().all(|flushed| *flushed > tables as u64),
        ),
    ];
    for (text, is_right) in &checks {
        writeln!(io::stdout(), "{} {text}", if *is_right { "yes:" } else { "NO: " })?;
    }
    Ok(checks.iter().all(|(_, is_right)| *is_right))
}
