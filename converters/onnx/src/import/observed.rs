//! Ranges of activations, from samples that a float model runs on.

use std::collections::BTreeMap;

use opml_graph::{ConvertError, Host, Model};
use opml_ops::{DType, GAP, Source};

use super::definition;
use super::integer_sums::Encoding;
use crate::error::{failed, refused};
use crate::options::RangeMethod;

/// Bins of a histogram.
const BINS: usize = 2048;
/// The share of values that `percentile` leaves out at either end.
const TAIL: f64 = 1e-4;
/// Candidates of a range that `mse` tries.
const CANDIDATES: usize = 80;

/// What was seen of one node's first input.
#[derive(Clone, Debug)]
struct Seen {
    least: f32,
    greatest: f32,
    histogram: Vec<u64>,
}

/// The ranges of some nodes' first inputs.
pub(crate) struct Observed {
    ranges: BTreeMap<usize, [f32; 2]>,
}

impl Observed {
    /// Runs the model on the samples, by the operators' definitions, and takes the ranges by `method`.
    pub(crate) fn of(
        model: &Model,
        targets: &[usize],
        samples: &[Vec<f32>],
        method: RangeMethod,
        host: &dyn Host,
    ) -> Result<Observed, ConvertError> {
        let mut seen: BTreeMap<usize, Seen> = BTreeMap::new();
        let passes = if method == RangeMethod::MinMax { 1 } else { 2 };
        let total = (passes * samples.len()) as u64;
        for pass in 0..passes {
            for (place, sample) in samples.iter().enumerate() {
                if host.cancelled() {
                    return Err(failed("the conversion was stopped"));
                }
                let look = |node: usize, values: &[[u8; 4]]| {
                    let seen = seen.entry(node).or_insert_with(|| Seen {
                        least: 0.0,
                        greatest: 0.0,
                        histogram: vec![0; BINS],
                    });
                    for word in values {
                        let value = f32::from_le_bytes(*word);
                        match pass {
                            0 => {
                                seen.least = seen.least.min(value);
                                seen.greatest = seen.greatest.max(value);
                            }
                            _ => {
                                let share = (value - seen.least) / (seen.greatest - seen.least);
                                seen.histogram[((share * BINS as f32) as usize).min(BINS - 1)] += 1;
                            }
                        }
                    }
                };
                run(model, targets, sample, host.threads(), look)?;
                host.progress("calibrating", (pass * samples.len() + place + 1) as u64, total);
            }
        }
        let ranges = seen.into_iter().map(|(node, seen)| (node, seen.range(method)));
        let ranges: BTreeMap<usize, [f32; 2]> = ranges.collect();
        if let Some((node, _)) = ranges
            .iter()
            .find(|(_, range)| range.iter().any(|bound| !bound.is_finite()))
        {
            let name = &model.nodes[*node].name;
            return Err(refused(
                name,
                format!("node `{name}` gets values without bound from the samples"),
                "check that the calibration samples are what the model was trained on",
            ));
        }
        Ok(Observed { ranges })
    }

    /// How a node's first input is written in u8.
    pub(crate) fn encoding(&self, node: usize) -> Encoding {
        let [least, greatest] = self.ranges.get(&node).copied().unwrap_or([0.0, 0.0]);
        let scale = (greatest - least) / 255.0;
        if scale <= 0.0 {
            return Encoding {
                scale: 1.0,
                zero_point: 0,
            };
        }
        Encoding {
            scale,
            zero_point: (-least / scale).round_ties_even().clamp(0.0, 255.0) as u8,
        }
    }
}

impl Seen {
    fn range(&self, method: RangeMethod) -> [f32; 2] {
        let width = (self.greatest - self.least) / BINS as f32;
        let at = |bin: usize| self.least + width * bin as f32;
        let holding_zero = |range: [f32; 2]| [range[0].min(0.0), range[1].max(0.0)];
        match method {
            RangeMethod::MinMax => [self.least, self.greatest],
            RangeMethod::Percentile => {
                let tail = (self.histogram.iter().sum::<u64>() as f64 * TAIL) as u64;
                let cut = |bins: &mut dyn Iterator<Item = (usize, &u64)>| {
                    let mut left = tail;
                    for (bin, count) in bins {
                        match left.checked_sub(*count) {
                            Some(rest) => left = rest,
                            None => return bin,
                        }
                    }
                    0
                };
                let first = cut(&mut self.histogram.iter().enumerate());
                let last = cut(&mut self.histogram.iter().enumerate().rev());
                holding_zero([at(first), at(last + 1)])
            }
            RangeMethod::MeanSquare => {
                let candidates = (1..=CANDIDATES).map(|part| part as f32 / CANDIDATES as f32);
                let ranges = candidates.map(|part| holding_zero([self.least * part, self.greatest * part]));
                let error = |[low, high]: [f32; 2]| {
                    let step = f64::from(high - low) / 255.0;
                    let each = self.histogram.iter().enumerate().map(|(bin, count)| {
                        let value = f64::from(at(bin) + width / 2.0);
                        let cut = (f64::from(low) - value).max(value - f64::from(high)).max(0.0);
                        *count as f64 * if cut > 0.0 { cut * cut } else { step * step / 12.0 }
                    });
                    each.sum::<f64>()
                };
                let best = ranges
                    .map(|range| (error(range), range))
                    .min_by(|one, other| one.0.total_cmp(&other.0));
                best.map_or([self.least, self.greatest], |(_, range)| range)
            }
        }
    }
}

/// Runs a model on one sample and shows the targets' first inputs.
fn run(
    model: &Model,
    targets: &[usize],
    sample: &[f32],
    threads: usize,
    mut look: impl FnMut(usize, &[[u8; 4]]),
) -> Result<(), ConvertError> {
    let [port] = &model.feed[..] else {
        return Err(refused(
            "",
            format!("the model has {} inputs; calibration covers one", model.feed.len()),
            "make the others constants with `values` under `model`",
        ));
    };
    let feed: Vec<u8> = match (port.dtype, port.quantization) {
        (DType::F32, _) => sample.iter().flat_map(|value| value.to_le_bytes()).collect(),
        (dtype @ (DType::U8 | DType::I8), Some(quantization)) => {
            let (low, high) = if dtype == DType::U8 {
                (0.0, 255.0)
            } else {
                (-128.0, 127.0)
            };
            let integer = |value: &f32| (value / quantization.scale).round_ties_even() + quantization.zero_point as f32;
            sample
                .iter()
                .map(|value| integer(value).clamp(low, high) as i16 as u8)
                .collect()
        }
        (DType::I32, _) => sample.iter().flat_map(|value| (*value as i32).to_le_bytes()).collect(),
        (DType::I64, _) => sample.iter().flat_map(|value| (*value as i64).to_le_bytes()).collect(),
        (dtype, _) => {
            return Err(refused(
                &port.name,
                format!("samples of type {} are not supported", dtype.name()),
                "",
            ));
        }
    };
    let mut locals: Vec<Vec<u8>> = Vec::with_capacity(model.nodes.len());
    for (index, node) in model.nodes.iter().enumerate() {
        let record = &node.record;
        if record.tag() == GAP {
            locals.push(Vec::new());
            continue;
        }
        let mut inputs: Vec<&[u8]> = Vec::new();
        for value in (0..record.input_count()).filter_map(|input| record.input(input)) {
            inputs.push(match (value.source, node.constants[inputs.len()]) {
                (Some(Source::Constant), Some(constant)) => &model.constants[constant].bytes,
                (Some(Source::Feed), _) => &feed,
                _ => &locals[value.index as usize],
            });
        }
        if targets.contains(&index) {
            look(index, inputs[0].as_chunks().0);
        }
        let mut output = match record.output_initial() {
            Some(initial) => inputs[initial].to_vec(),
            None => vec![0; record.output_bytes() as usize],
        };
        definition::run(record, &inputs, &mut output, threads).map_err(|error| failed(error.to_string()))?;
        locals.push(output);
    }
    Ok(())
}
