use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::data::{Order, Shape};
use crate::measure::{Measured, Row};
use crate::peers::{Kind, Peer};
use crate::thresholds::{IN_CACHE, least};

/// The cell in words.
pub(crate) fn cell_name(shape: &Shape) -> String {
    let Shape { keys, sources, order, duplicates, entries, .. } = shape;
    if *sources == 1 {
        return format!("{keys}, {entries} entries, k = 1");
    }
    format!("{keys}, {entries} entries, k = {sources}, {order}, {duplicates} % duplicates")
}

/// The cells of one size and one kind of keys as a table: k to the right; ours in nanoseconds, then the others' times as
/// ratios to it.
pub(crate) fn write_table(out: &mut impl Write, cells: &[Measured]) -> io::Result<()> {
    let Some(Shape { keys, entries, .. }) = cells.first().map(|cell| cell.shape) else { return Ok(()) };
    let columns: BTreeSet<usize> = cells.iter().map(|cell| cell.shape.sources).collect();
    writeln!(out, "\n{keys}, {entries} entries: ns per entry, the others as multiples of it (! falls short)")?;
    write!(out, "{:30}{:16}", "", "k =")?;
    for k in &columns {
        write!(out, "{k:>10}")?;
    }
    writeln!(out)?;
    let lines: BTreeSet<_> = cells.iter().map(|cell| line_of(&cell.shape)).collect();
    for line in lines {
        let in_line: BTreeMap<usize, &Measured> =
            cells.iter().filter(|cell| line_of(&cell.shape) == line).map(|cell| (cell.shape.sources, cell)).collect();
        let peers: BTreeSet<Peer> = in_line.values().flat_map(|cell| cell.rows.iter().map(|row| row.peer)).collect();
        for peer in peers {
            let label = if peer == Peer::StorageIter { line.2.as_str() } else { "" };
            write!(out, "{label:30}{:16}", peer.name())?;
            for k in &columns {
                let figure = in_line.get(k).and_then(|cell| cell.row(peer).map(|row| figure(&cell.shape, row)));
                write!(out, "{:>10}", figure.unwrap_or_default())?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// What stands to the left of a line of cells, after what it is sorted by.
fn line_of(shape: &Shape) -> (Option<Order>, u32, String) {
    if shape.sources == 1 {
        return (None, 0, "one source".to_owned());
    }
    (Some(shape.order), shape.duplicates, format!("{}, {} % duplicates", shape.order, shape.duplicates))
}

fn figure(shape: &Shape, row: &Row) -> String {
    match row.peer.kind() {
        _ if row.peer == Peer::StorageIter => format!("{:.1} ns", row.nanoseconds),
        Kind::Floor => format!("{:.2}x", row.ratio),
        _ => format!("{:.2}x{}", row.ratio, if row.ratio < least(shape, row.peer) { "!" } else { "" }),
    }
}

/// The grid at a glance: for every peer, size and order, the smallest ratio over all keys and duplicates and their
/// geometric mean.
pub(crate) fn write_summary(out: &mut impl Write, cells: &[Measured]) -> io::Result<()> {
    let mut lines: BTreeMap<_, BTreeMap<usize, Vec<f64>>> = BTreeMap::new();
    for cell in cells {
        let size = if cell.shape.entries <= IN_CACHE { "in cache" } else { "large" };
        for row in cell.rows.iter().filter(|row| row.peer != Peer::StorageIter) {
            let order = line_of(&cell.shape).0;
            let line = lines.entry((row.peer, size, order)).or_default();
            line.entry(cell.shape.sources).or_default().push(row.ratio);
        }
    }
    let columns: BTreeSet<usize> = cells.iter().map(|cell| cell.shape.sources).collect();
    writeln!(out, "\nall keys and duplicates: least ratio / geometric mean")?;
    write!(out, "{:40}{:4}", "", "k =")?;
    for k in &columns {
        write!(out, "{k:>12}")?;
    }
    writeln!(out)?;
    for ((peer, size, order), ratios) in lines {
        let order = order.map_or("one source".to_owned(), |order| order.to_string());
        write!(out, "{:44}", format!("{}, {size}, {order}", peer.name()))?;
        for k in &columns {
            let figure = ratios.get(k).map(|ratios| {
                let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
                format!("{least:.2}/{:.2}", geometric_mean(ratios))
            });
            write!(out, "{:>12}", figure.unwrap_or_default())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

pub(crate) fn geometric_mean(figures: &[f64]) -> f64 {
    (figures.iter().map(|figure| figure.ln()).sum::<f64>() / figures.len() as f64).exp()
}

/// One line for every cell and peer.
pub(crate) fn write_csv(out: &mut impl Write, cells: &[Measured]) -> io::Result<()> {
    writeln!(out, "entries,keys,k,order,duplicates,rounds,peer,nanoseconds,ratio,least_ratio")?;
    for cell in cells {
        let Shape { keys, sources, order, duplicates, entries, .. } = cell.shape;
        for row in &cell.rows {
            write!(out, "{entries},{keys},{sources},{order},{duplicates},{},", cell.rounds)?;
            write!(out, "{},{:.3},{:.4},", row.peer.name(), row.nanoseconds, row.ratio)?;
            if row.peer == Peer::StorageIter || row.peer.kind() == Kind::Floor {
                writeln!(out)?;
            } else {
                writeln!(out, "{}", least(&cell.shape, row.peer))?;
            }
        }
    }
    Ok(())
}
