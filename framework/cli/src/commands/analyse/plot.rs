use std::error::Error;
use std::path::Path;

use plotters::prelude::{
    BLACK, ChartBuilder, Color, IntoDrawingArea, IntoLogRange, LineSeries, PathElement, RGBColor, Rectangle,
    SVGBackend, SeriesLabelPosition, Text, WHITE,
};

use super::AnalysisReport;
use crate::failure::Failure;
use crate::whole_file::WholeFile;

const BLUE: RGBColor = RGBColor(31, 95, 160);
const ORANGE: RGBColor = RGBColor(214, 110, 25);
const FONT: (&str, u32) = ("sans-serif", 15);

/// Draws trees by stages and disputes by arity into an SVG file, which appears whole or not at all.
pub(super) fn write(analysis: &AnalysisReport, path: &Path) -> Result<(), Failure> {
    let drawn = drawn(analysis).map_err(|error| Failure::other(format!("the plot cannot be drawn: {error}")))?;
    let written = WholeFile::create(path).and_then(|mut file| {
        file.writer().write_all(drawn.as_bytes())?;
        file.place()
    });
    let unwritable = |error| Failure::user(format!("cannot write the plot {}: {error}", path.display()));
    written.map(|_| ()).map_err(unwritable)
}

fn drawn(analysis: &AnalysisReport) -> Result<String, Box<dyn Error + '_>> {
    let mut svg = String::new();
    {
        let whole = SVGBackend::with_string(&mut svg, (1100, 420)).into_drawing_area();
        whole.fill(&WHITE)?;
        let (left, right) = whole.split_horizontally(600);
        let splits = &analysis.splits;
        let most = splits.iter().map(|split| split.leaves).max().unwrap_or(1) as f64;
        let mut chart = ChartBuilder::on(&left)
            .caption("Leaves of a party\u{2019}s trees, by stages", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(24)
            .y_label_area_size(64)
            .build_cartesian_2d(0f64..splits.len() as f64, (10f64..most * 100.0).log_scale())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(0)
            .x_labels(0)
            .y_label_formatter(&|leaves| format!("{leaves:.0e}"))
            .draw()?;
        for (place, split) in splits.iter().enumerate() {
            let (from, leaves) = (place as f64 + 0.2, split.leaves.max(11) as f64);
            let bar = Rectangle::new([(from, 10.0), (from + 0.6, leaves)], BLUE.filled());
            let name = Text::new(
                split.stages.join(" + "),
                (from - 0.15, leaves * 4.5),
                ("sans-serif", 11),
            );
            let number = Text::new(format!("{:.1e}", split.leaves as f64), (from, leaves * 2.1), FONT);
            chart.draw_series([bar])?;
            chart.draw_series([name, number])?;
        }
        let arities = &analysis.arities;
        let gas = arities.iter().map(|forecast| forecast.gas).max().unwrap_or(1) as f64 / 1e6;
        let rounds = arities.iter().map(|forecast| forecast.rounds).max().unwrap_or(1) as f64;
        let last = arities.last().map_or(256, |forecast| forecast.arity);
        let mut chart = ChartBuilder::on(&right)
            .caption("A dispute by arity", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(48)
            .right_y_label_area_size(48)
            .build_cartesian_2d((2f64..f64::from(last)).log_scale().base(2.0), 0f64..gas * 1.1)?
            .set_secondary_coord((2f64..f64::from(last)).log_scale().base(2.0), 0f64..rounds * 1.1);
        chart
            .configure_mesh()
            .max_light_lines(0)
            .x_desc("arity")
            .y_desc("million gas")
            .x_label_formatter(&|arity| format!("{arity:.0}"))
            .draw()?;
        chart
            .configure_secondary_axes()
            .y_desc("rounds")
            .y_label_formatter(&|rounds| format!("{rounds:.0}"))
            .draw()?;
        let legend = |colour: RGBColor| move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2));
        let points = |of: fn(&super::Forecast) -> f64| {
            let points = arities
                .iter()
                .map(move |forecast| (f64::from(forecast.arity), of(forecast)));
            points.collect::<Vec<_>>()
        };
        chart
            .draw_series(LineSeries::new(
                points(|forecast| forecast.gas as f64 / 1e6),
                BLUE.stroke_width(2),
            ))?
            .label("gas")
            .legend(legend(BLUE));
        chart
            .draw_secondary_series(LineSeries::new(
                points(|forecast| forecast.rounds as f64),
                ORANGE.stroke_width(2),
            ))?
            .label("rounds")
            .legend(legend(ORANGE));
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperMiddle)
            .border_style(BLACK)
            .background_style(WHITE)
            .draw()?;
        whole.present()?;
    }
    Ok(svg)
}
