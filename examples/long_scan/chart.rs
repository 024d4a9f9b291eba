//! The chart: live memory of both engines over time, and the floor of each.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Sample, mebibytes};

const PLAIN: RGBColor = RGBColor(200, 60, 40);
const LONG: RGBColor = RGBColor(40, 110, 170);
const FLOOR: RGBColor = RGBColor(160, 160, 160);

type Line = (&'static str, RGBColor, u32, fn(&Sample) -> usize);

pub(crate) fn write(path: &Path, samples: &[Sample]) -> Result<(), Box<dyn Error>> {
    let lines: [Line; 4] = [
        ("floor of the plain iterator's engine", FLOOR, 1, |sample| sample.plain.floor),
        ("floor of the long iterator's engine", FLOOR, 3, |sample| sample.long.floor),
        ("plain iterator", PLAIN, 2, Sample::plain_live),
        ("LongIterator", LONG, 1, Sample::long_live),
    ];
    let most = samples.iter().flat_map(|sample| lines.iter().map(|(.., bytes)| bytes(sample))).max().unwrap_or(1);
    let end = samples.last().map_or(1.0, |sample| sample.seconds);
    let area = SVGBackend::new(path, (900, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Live mem-tables during a slow scan", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..end, 0.0..1.3 * mebibytes(most))?;
    chart.configure_mesh().x_desc("seconds").y_desc("MiB").draw()?;
    for (name, color, width, bytes) in lines {
        let points: Vec<_> = samples.iter().map(|sample| (sample.seconds, mebibytes(bytes(sample)))).collect();
        let style = color.stroke_width(width);
        chart
            .draw_series(std::iter::once(PathElement::new(points, style)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}
