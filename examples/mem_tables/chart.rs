//! The chart: one panel for each figure, one bar for each table.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::candidates::Kind;
use crate::results::{Metric, Results};

const PANELS: [(&str, Metric, f64); 6] = [
    ("put, ns", Metric::Put, 1.0),
    ("overwrite, ns", Metric::Overwrite, 1.0),
    ("get, ns", Metric::GetHit, 1.0),
    ("scan, ns an entry", Metric::ScanValues, 1.0),
    ("memory, bytes an entry", Metric::Memory, 1.0),
    ("longest put beside a scan, ms", Metric::BesideLongest, 1e6),
];
const PANEL: (i32, i32) = (520, 210);
const NAMES: i32 = 180;
const FIGURES: i32 = 80;
const BAR: i32 = 26;

pub(crate) fn write(path: &Path, results: &Results, kinds: &[Kind], entries: usize) -> Result<(), Box<dyn Error>> {
    let size = (2 * PANEL.0 as u32, 3 * PANEL.1 as u32 + 40);
    let area = SVGBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE)?;
    let caption = format!("{entries} entries, 16-byte random keys, 100-byte values; shorter is better");
    area.draw(&Text::new(caption, (12, 12), ("sans-serif", 20).into_font()))?;
    for (index, (title, metric, unit)) in PANELS.into_iter().enumerate() {
        let (left, top) = ((index as i32 % 2) * PANEL.0 + 12, (index as i32 / 2) * PANEL.1 + 44);
        area.draw(&Text::new(title, (left, top), ("sans-serif", 18).into_font().style(FontStyle::Bold)))?;
        let values = kinds.iter().map(|kind| results.median(*kind, metric).map(|value| value / unit));
        let longest = values.clone().flatten().fold(0.0, f64::max);
        for (line, (kind, value)) in kinds.iter().zip(values).enumerate() {
            let Some(value) = value else { continue };
            let top = top + 22 + line as i32 * BAR;
            let room = f64::from(PANEL.0 - NAMES - FIGURES - 24);
            let length = (room * (value / longest.max(f64::MIN_POSITIVE)).min(1.0)).max(1.0) as i32;
            let bar = [(left + NAMES, top), (left + NAMES + length, top + BAR - 8)];
            let is_peer = matches!(kind, Kind::SkipMap | Kind::LockedBTree);
            let color = if is_peer { RGBColor(160, 160, 160) } else { RGBColor(40, 110, 170) };
            area.draw(&Text::new(kind.name(), (left, top + 3), ("sans-serif", 16).into_font()))?;
            area.draw(&Rectangle::new(bar, color.filled()))?;
            let figure = if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") };
            area.draw(&Text::new(figure, (bar[1].0 + 6, top + 3), ("sans-serif", 16).into_font()))?;
        }
    }
    area.present()?;
    Ok(())
}
