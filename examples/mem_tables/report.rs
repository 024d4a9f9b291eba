//! The printed tables: the figures, and the verdict on what is promised.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::candidates::Kind;
use crate::results::{Metric, Results};

pub(crate) fn figures(results: &Results, kinds: &[Kind]) -> Table {
    let columns = [
        ("put ns", Metric::Put, 1.0),
        ("overwrite ns", Metric::Overwrite, 1.0),
        ("get hit ns", Metric::GetHit, 1.0),
        ("get miss ns", Metric::GetMiss, 1.0),
        ("scan keys ns", Metric::ScanKeys, 1.0),
        ("scan values ns", Metric::ScanValues, 1.0),
        ("range of 100 us", Metric::Range, 1e3),
        ("bytes/entry", Metric::Memory, 1.0),
        ("freeze ns", Metric::Freeze, 1.0),
        ("beside a scan: kputs/s", Metric::BesidePuts, 1e3),
        ("put p99 us", Metric::BesideP99, 1e3),
        ("put p99.9 us", Metric::BesideP999, 1e3),
        ("longest put us", Metric::BesideLongest, 1e3),
        ("scan ns", Metric::BesideScan, 1.0),
    ];
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    let names = kinds.iter().map(|kind| kind.name());
    table.set_header(std::iter::once("").chain(names));
    for (title, metric, unit) in columns {
        let row = kinds.iter().map(|kind| match results.median(*kind, metric) {
            Some(value) if value / unit < 10.0 => format!("{:.1}", value / unit),
            Some(value) => format!("{:.0}", value / unit),
            None => "-".to_string(),
        });
        table.add_row(std::iter::once(title.to_string()).chain(row));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// How many entries the promises are about.
pub(crate) const PROMISED_FROM: usize = 1_000_000;

pub(crate) struct Verdicts {
    pub(crate) table: Table,
    pub(crate) kept: bool,
}

/// A promise: what was measured, and the bound that it has to keep.
struct Promise {
    text: String,
    measured: Option<f64>,
    bound: Bound,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Said, not promised.
    None,
}

/// What the library promises, as far as the tables that it is about were measured.
pub(crate) fn verdicts(results: &Results, entries: usize) -> Option<Verdicts> {
    use Kind::{BTreeMemTable, LockedBTree, MemTable, SkipMap, SnapshotMemTable, SortedRun};
    use Metric::{Memory, Overwrite, Put, ScanKeys, ScanValues};

    let ratio = |text: &str, of, to, bound| Promise { text: text.to_string(), measured: results.ratio(of, to), bound };
    let mut promises = vec![
        ratio("MemTable put / SkipMap insert", (MemTable, Put), (SkipMap, Put), Bound::AtMost(1.15)),
        ratio("MemTable overwrite / SkipMap insert", (MemTable, Overwrite), (SkipMap, Overwrite), Bound::AtMost(1.0)),
        ratio("MemTable scan / SkipMap scan, keys", (MemTable, ScanKeys), (SkipMap, ScanKeys), Bound::AtMost(1.15)),
        ratio(
            "MemTable scan / SkipMap scan, values",
            (MemTable, ScanValues),
            (SkipMap, ScanValues),
            Bound::AtMost(1.15),
        ),
        ratio(
            "MemTable scan / BTreeMemTable scan, keys",
            (MemTable, ScanKeys),
            (BTreeMemTable, ScanKeys),
            Bound::AtLeast(2.0),
        ),
        ratio(
            "MemTable scan / BTreeMemTable scan, values",
            (MemTable, ScanValues),
            (BTreeMemTable, ScanValues),
            Bound::AtLeast(2.0),
        ),
        ratio(
            "MemTable scan / SortedRun scan, keys",
            (MemTable, ScanKeys),
            (SortedRun, ScanKeys),
            Bound::AtLeast(15.0),
        ),
        ratio("MemTable scan / SortedRun scan, values", (MemTable, ScanValues), (SortedRun, ScanValues), Bound::None),
        Promise {
            text: "SortedRun bytes an entry beyond key and value".to_string(),
            measured: results.median(SortedRun, Memory).map(|bytes| bytes - 116.0),
            // The offset behind the last entry, and the run's own few words.
            bound: Bound::AtMost(16.1),
        },
    ];
    for kind in [MemTable, BTreeMemTable, SnapshotMemTable, LockedBTree] {
        // The peer holds its lock while it scans: it is there to show what is meant.
        let promised = |most| if kind == LockedBTree { Bound::None } else { Bound::AtMost(most) };
        // 64 entries, read under the lock.
        let chunk = results.median(kind, ScanValues).map(|entry| 64.0 * entry);
        let wait = results.median(kind, Metric::BesideP99).zip(results.median(kind, Metric::AloneP99));
        promises.push(Promise {
            text: format!("{}: p99 of puts beside a scan beyond that of puts alone, in chunk copies", kind.name()),
            measured: wait.zip(chunk).map(|((beside, alone), chunk)| (beside - alone).max(0.0) / chunk),
            bound: promised(1.0),
        });
        // The longest put is as long as the pauses that the scheduler makes, some milliseconds, whatever the table
        // does. A writer that waits for a scan waits for much of it.
        let scan = results.median(kind, ScanValues).map(|entry| entry * entries as f64);
        promises.push(Promise {
            text: format!("{}: longest put beside a scan, in full scans", kind.name()),
            measured: results.median(kind, Metric::BesideLongest).zip(scan).map(|(longest, scan)| longest / scan),
            bound: promised(0.5),
        });
    }
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["promise", "bound", "measured", ""]);
    let (mut any, mut kept) = (false, true);
    for Promise { text, measured, bound } in promises {
        let Some(measured) = measured else { continue };
        let (bound, is_kept) = match bound {
            Bound::AtMost(most) => (format!("<= {most}"), Some(measured <= most)),
            Bound::AtLeast(least) => (format!(">= {least}"), Some(measured >= least)),
            Bound::None => ("-".to_string(), None),
        };
        let verdict = match is_kept {
            // Small tables fit the caches, and a pause of the scheduler is many scans long.
            _ if entries < PROMISED_FROM => "",
            Some(true) => "kept",
            Some(false) => "BROKEN",
            None => "",
        };
        table.add_row([text, bound, format!("{measured:.2}"), verdict.to_string()]);
        any |= is_kept.is_some();
        kept &= entries < PROMISED_FROM || is_kept != Some(false);
    }
    for index in [1, 2] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    any.then_some(Verdicts { table, kept })
}
