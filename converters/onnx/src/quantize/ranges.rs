use opml_graph::{ConvertError, Host};

use crate::calibration::Calibration;
use crate::error::{failed, refused};
use crate::float::{self, FloatGraph, TensorId};
use crate::options::RangeMethod;

/// The values that a tensor takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) minimum: f32,
    pub(crate) maximum: f32,
}

impl Range {
    /// Of finite values; 0 … 0 when there are none.
    pub(crate) fn of(values: &[f32]) -> Range {
        let mut values = values.iter().copied();
        let first = values.next().unwrap_or(0.0);
        values.fold(
            Range {
                minimum: first,
                maximum: first,
            },
            |range, value| {
                range.joined(Range {
                    minimum: value,
                    maximum: value,
                })
            },
        )
    }

    fn joined(self, other: Range) -> Range {
        Range {
            minimum: if other.minimum < self.minimum {
                other.minimum
            } else {
                self.minimum
            },
            maximum: if other.maximum > self.maximum {
                other.maximum
            } else {
                self.maximum
            },
        }
    }
}

/// The ranges of all tensors of a graph, by place.
pub(crate) struct Ranges(Vec<Range>);

/// Bins of a histogram between a tensor's least and greatest value.
const BINS: usize = 4096;
/// One value in so many may lie outside the range at either end.
const OUTSIDE: u64 = 10_000;

impl Ranges {
    /// Runs `graph` on the samples, once, or twice for [`RangeMethod::Percentile`].
    pub(crate) fn measure(
        graph: &FloatGraph,
        calibration: &Calibration,
        method: RangeMethod,
        host: &dyn Host,
    ) -> Result<Ranges, ConvertError> {
        let passes = match method {
            // The options refuse `mse` here.
            RangeMethod::MinMax | RangeMethod::MeanSquare => 1,
            RangeMethod::Percentile => 2,
        };
        let total = passes * calibration.samples.len() as u64;
        let mut done = 0;
        let mut each = |observe: &mut dyn FnMut(TensorId, &[f32])| -> Result<(), ConvertError> {
            for sample in &calibration.samples {
                if host.cancelled() {
                    return Err(failed("the conversion was cancelled"));
                }
                let values = float::run(graph, std::slice::from_ref(sample));
                graph
                    .tensors()
                    .for_each(|tensor| observe(tensor, &values[FloatGraph::place(tensor)]));
                done += 1;
                host.progress("calibration samples", done, total);
            }
            Ok(())
        };
        let mut ranges: Vec<Option<Range>> = graph.tensors().map(|_| None).collect();
        let mut infinite = None;
        each(&mut |tensor, values| {
            if values.iter().any(|value| !value.is_finite()) {
                infinite = infinite.or(Some(tensor));
            } else if !values.is_empty() {
                let (range, seen) = (Range::of(values), &mut ranges[FloatGraph::place(tensor)]);
                *seen = Some(seen.map_or(range, |seen| seen.joined(range)));
            }
        })?;
        if let Some(tensor) = infinite {
            let name = &graph.tensor(tensor).name;
            return Err(refused(
                name,
                format!("tensor `{name}` overflows on a calibration sample"),
                "check that the samples are what the model was trained on",
            ));
        }
        let zero = Range {
            minimum: 0.0,
            maximum: 0.0,
        };
        let mut ranges: Vec<Range> = ranges.into_iter().map(|range| range.unwrap_or(zero)).collect();
        if method == RangeMethod::Percentile {
            let mut histograms: Vec<Histogram> = ranges.iter().map(|range| Histogram::new(*range)).collect();
            each(&mut |tensor, values| histograms[FloatGraph::place(tensor)].count(values))?;
            ranges = histograms.iter().map(Histogram::range).collect();
        }
        Ok(Ranges(ranges))
    }

    /// The range of `tensor`.
    pub(crate) fn get(&self, tensor: TensorId) -> Range {
        self.0[FloatGraph::place(tensor)]
    }
}

struct Histogram {
    range: Range,
    bins: Vec<u64>,
}

impl Histogram {
    fn new(range: Range) -> Histogram {
        Histogram {
            range,
            bins: vec![0; BINS],
        }
    }

    fn width(&self) -> f64 {
        (f64::from(self.range.maximum) - f64::from(self.range.minimum)) / BINS as f64
    }

    fn count(&mut self, values: &[f32]) {
        let width = self.width();
        for value in values {
            let place = match width > 0.0 {
                true => ((f64::from(*value) - f64::from(self.range.minimum)) / width) as usize,
                false => 0,
            };
            self.bins[place.min(BINS - 1)] += 1;
        }
    }

    /// The least range of whole bins outside which at most one value in [`OUTSIDE`] lies at either end.
    fn range(&self) -> Range {
        let outside = self.bins.iter().sum::<u64>() / OUTSIDE;
        let skipped = |bins: &mut dyn Iterator<Item = &u64>| {
            let mut seen = 0;
            bins.take_while(|bin| {
                seen += **bin;
                seen <= outside
            })
            .count()
        };
        let low = skipped(&mut self.bins.iter());
        let high = skipped(&mut self.bins.iter().rev());
        if low + high >= BINS {
            return self.range;
        }
        let edge = |bin: usize| (f64::from(self.range.minimum) + bin as f64 * self.width()) as f32;
        Range {
            minimum: if low == 0 { self.range.minimum } else { edge(low) },
            maximum: if high == 0 {
                self.range.maximum
            } else {
                edge(BINS - high)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_in_ten_thousand_may_lie_outside() {
        let mut values: Vec<f32> = (0..20_000).map(|value| (value % 1000) as f32 / 1000.0).collect();
        values[7] = 500.0;
        values[9] = -300.0;
        let mut histogram = Histogram::new(Range::of(&values));
        histogram.count(&values);
        let range = histogram.range();
        // A bin is 800 / 4096 wide.
        assert!((-0.2..=0.0).contains(&range.minimum), "{range:?}");
        assert!((1.0..=1.2).contains(&range.maximum), "{range:?}");
        values.extend([500.0, -300.0, 500.0, -300.0]);
        let mut histogram = Histogram::new(Range::of(&values));
        histogram.count(&values);
        assert_eq!(
            histogram.range(),
            Range {
                minimum: -300.0,
                maximum: 500.0
            }
        );
    }

    #[test]
    fn a_constant_value_keeps_its_range() {
        let mut histogram = Histogram::new(Range::of(&[3.0; 4]));
        histogram.count(&[3.0; 4]);
        assert_eq!(
            histogram.range(),
            Range {
                minimum: 3.0,
                maximum: 3.0
            }
        );
    }
}
