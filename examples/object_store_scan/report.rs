//! The printed result.

use std::time::Duration;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::arguments::Arguments;
use crate::data::Digest;
use crate::run::Run;

/// What one scan took and yielded.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) read_ahead: usize,
    pub(crate) elapsed: Duration,
    pub(crate) requests: usize,
    pub(crate) most_at_once: usize,
    pub(crate) digest: Digest,
}

pub(crate) fn text(arguments: &Arguments, runs: &[Run], scans: &[Scan; 2], written: u64) -> String {
    let bytes: u64 = runs.iter().map(Run::bytes).sum();
    let blocks: usize = runs.iter().map(Run::blocks).sum();
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["scan", "s", "requests", "most at once", "entries/s"]);
    for scan in scans {
        let seconds = scan.elapsed.as_secs_f64();
        table.add_row([
            match scan.read_ahead {
                0 => "one at a time".to_string(),
                1 => "1 block ahead".to_string(),
                blocks => format!("{blocks} blocks ahead"),
            },
            format!("{seconds:.3}"),
            scan.requests.to_string(),
            scan.most_at_once.to_string(),
            format!("{:.0}", scan.digest.entries as f64 / seconds),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let longest = runs.iter().map(Run::blocks).max().unwrap_or(0);
    let alone = longest as u64 * arguments.latency_ms;
    format!(
        "{} runs at {}: {blocks} blocks, {:.1} MiB; {} ms injected a request\n{table}\n\
         Both scans yielded {} live entries, those that a map of everything holds, while the mem-table took {written} writes.\n\
         {:.1} times as fast; the requests of the longest run alone wait {alone} ms.",
        runs.len(),
        arguments.url,
        bytes as f64 / f64::from(1 << 20),
        arguments.latency_ms,
        scans[0].digest.entries,
        scans[1].elapsed.as_secs_f64() / scans[0].elapsed.as_secs_f64(),
    )
}
