use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::data::Order;
use crate::machine;
use crate::measure::Measured;
use crate::peers::Peer;
use crate::report::geometric_mean;

const PANEL: (u32, u32) = (380, 300);
const MARGIN: u32 = 70;

/// Draws nanoseconds an entry over the number of sources: a line for every peer, a panel for every order and size.
pub(crate) fn draw(path: &Path, cells: &[Measured]) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let sizes: BTreeSet<usize> = cells.iter().map(|cell| cell.shape.entries).collect();
    let orders: BTreeSet<Order> =
        cells.iter().filter(|cell| cell.shape.sources > 1).map(|cell| cell.shape.order).collect();
    let (columns, rows) = (orders.len().max(1), sizes.len().max(1));
    let area = (PANEL.0 * columns as u32, PANEL.1 * rows as u32 + MARGIN);
    let root = SVGBackend::new(path, area).into_drawing_area();
    root.fill(&WHITE)?;
    let (title, panels) = root.split_vertically(MARGIN);
    let small = ("sans-serif", 13).into_font();
    title.draw(&Text::new("ns per entry over the number of merged sources", (10, 8), ("sans-serif", 20)))?;
    title.draw(&Text::new(
        format!("geometric mean over key types and duplicates; {}", machine::describe()),
        (10, 34),
        small.clone(),
    ))?;
    let mut key = 10;
    let peers: BTreeSet<Peer> = cells.iter().flat_map(|cell| cell.rows.iter().map(|row| row.peer)).collect();
    for peer in &peers {
        title.draw(&Rectangle::new([(key, 57), (key + 18, 60)], color(*peer).filled()))?;
        title.draw(&Text::new(peer.name(), (key + 24, 52), small.clone()))?;
        key += 50 + 7 * peer.name().len() as i32;
    }
    let sizes_and_orders = sizes.iter().flat_map(|size| orders.iter().map(move |order| (*size, *order)));
    for (panel, (size, order)) in panels.split_evenly((rows, columns)).iter().zip(sizes_and_orders) {
        let in_panel: Vec<&Measured> = cells
            .iter()
            .filter(|cell| cell.shape.entries == size && (cell.shape.order == order || cell.shape.sources == 1))
            .collect();
        draw_panel(panel, &format!("{order}, {size} entries"), &in_panel)?;
    }
    root.present()?;
    Ok(())
}

fn draw_panel<B: DrawingBackend>(
    panel: &DrawingArea<B, plotters::coord::Shift>,
    caption: &str,
    cells: &[&Measured],
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    let mut lines: BTreeMap<Peer, BTreeMap<usize, Vec<f64>>> = BTreeMap::new();
    for cell in cells {
        for row in &cell.rows {
            let line = lines.entry(row.peer).or_default();
            line.entry(cell.shape.sources).or_default().push(row.nanoseconds);
        }
    }
    let points = |line: &BTreeMap<usize, Vec<f64>>| -> Vec<(f64, f64)> {
        line.iter().map(|(k, figures)| (*k as f64, geometric_mean(figures))).collect()
    };
    let all: Vec<(f64, f64)> = lines.values().flat_map(points).collect();
    let top = all.iter().map(|(_, nanoseconds)| *nanoseconds).fold(1.0, f64::max) * 1.05;
    let last = all.iter().map(|(k, _)| *k).fold(2.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(panel)
        .margin(8)
        .caption(caption, ("sans-serif", 15))
        .x_label_area_size(28)
        .y_label_area_size(40)
        .build_cartesian_2d((0.95..last).log_scale().base(2.0), 0.0..top)?;
    chart
        .configure_mesh()
        .x_labels(8)
        .y_labels(6)
        .x_label_formatter(&|k| format!("{k:.0}"))
        .y_label_formatter(&|nanoseconds| format!("{nanoseconds:.0}"))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (peer, line) in &lines {
        let (points, color) = (points(line), color(*peer));
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
        chart.draw_series(LineSeries::new(points, color.stroke_width(2)))?;
    }
    Ok(())
}

/// Told apart by people who do not see red and green apart (Okabe and Ito's palette).
fn color(peer: Peer) -> RGBColor {
    match peer {
        Peer::StorageIter => RGBColor(0, 114, 178),
        Peer::Itertools => RGBColor(230, 159, 0),
        Peer::BinaryHeap => RGBColor(213, 94, 0),
        Peer::Boxed => RGBColor(86, 180, 233),
        Peer::Drain => RGBColor(110, 110, 110),
        Peer::DrainCompare => RGBColor(170, 170, 170),
    }
}
