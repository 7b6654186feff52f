//! Resizing: along each axis, each output is a weighted sum of a few elements; which and how much is known beforehand.

use opml_ops::{DType, Operator};

use super::shapes::{sizes, with};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axes};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::{Tensor, bounded, listed};

/// How an axis is resized.
struct Axis<'a> {
    /// Elements before and after.
    sizes: [usize; 2],
    scale: f64,
    /// The part of the axis that a crop takes, as fractions of it.
    region: [f64; 2],
    plan: &'a Plan<'a>,
}

/// What holds for all axes.
struct Plan<'a> {
    mode: &'a str,
    coordinates: &'a str,
    nearest: &'a str,
    /// The shape of the cubic curve.
    cubic: f64,
    exclude_outside: bool,
    antialias: bool,
}

/// The elements that make up one output, with their weights; `None` when it lies outside what is cropped.
type Taps = Option<Vec<(i64, f64)>>;

impl Axis<'_> {
    /// Where output `place` lies among the inputs.
    fn origin(&self, place: usize) -> Outcome<f64> {
        let [before, after] = self.sizes.map(|size| size as f64);
        let x = place as f64;
        let width = self.scale * before;
        Ok(match self.plan.coordinates {
            "half_pixel" => (x + 0.5) / self.scale - 0.5,
            "half_pixel_symmetric" => {
                let offset = before / 2.0 * (1.0 - after / width);
                offset + (x + 0.5) / self.scale - 0.5
            }
            "pytorch_half_pixel" if self.sizes[1] == 1 => -0.5,
            "pytorch_half_pixel" => (x + 0.5) / self.scale - 0.5,
            "align_corners" if self.sizes[1] == 1 => 0.0,
            "align_corners" => x * (before - 1.0) / (width - 1.0),
            "asymmetric" => x / self.scale,
            "tf_half_pixel_for_nn" => (x + 0.5) / self.scale,
            "tf_crop_and_resize" => {
                let [start, end] = self.region;
                let offset = match self.sizes[1] {
                    1 => (end - start) * (before - 1.0) / 2.0,
                    _ => x * (end - start) * (before - 1.0) / (width - 1.0),
                };
                offset + start * (before - 1.0)
            }
            other => return Err(unsupported("coordinate_transformation_mode", other, "")),
        })
    }

    /// How many elements make up one output, at least as many.
    fn reach(&self) -> Outcome<usize> {
        match self.plan.antialias && self.plan.mode != "nearest" && self.scale < 1.0 {
            true if self.scale > 0.0 => Ok((4.0 / self.scale).ceil() as usize + 2),
            true => Err(Problem::new(format!("a scale of {}", self.scale))),
            false => Ok(4),
        }
    }

    fn taps(&self, place: usize) -> Outcome<Taps> {
        let origin = self.origin(place)?;
        if origin.is_nan() || origin.abs() >= FARTHEST {
            return Err(Problem::new(format!(
                "output {place} of an axis would lie at {origin} of the input's"
            )));
        }
        let last = self.sizes[0] as i64 - 1;
        if self.plan.coordinates == "tf_crop_and_resize" && !(0.0..=last as f64).contains(&origin) {
            return Ok(None);
        }
        let whole = origin.floor();
        // A place on an element is taken as just left of the next one.
        let ratio = if whole == origin { 1.0 } else { origin - whole };
        let weights = self.weights(ratio)?;
        // As many neighbours as there are weights: those nearest, the left one of two as near.
        let count = weights.len() as i64;
        let left = if whole == origin { whole - 1.0 } else { whole };
        let first = left as i64 - (count / 2 - 1);
        let mut taps: Vec<(i64, f64)> = (first..).zip(weights).collect();
        if self.plan.exclude_outside {
            taps.iter_mut()
                .filter(|(at, _)| !(0..=last).contains(at))
                .for_each(|(_, weight)| *weight = 0.0);
            let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
            taps.iter_mut().for_each(|(_, weight)| *weight /= sum);
        }
        taps.iter_mut().for_each(|(at, _)| *at = (*at).clamp(0, last));
        Ok(Some(taps))
    }

    /// The weights of the elements around a place that lies `ratio` to the right of one.
    fn weights(&self, ratio: f64) -> Outcome<Vec<f64>> {
        let scale = if self.plan.antialias { self.scale.min(1.0) } else { 1.0 };
        let spread = |reach: f64, curve: &dyn Fn(f64) -> f64| {
            let first = (-reach / scale).floor() as i64 + 1;
            let end = 2 * (1 - first) + first;
            let weights: Vec<f64> = (first..end)
                .map(|at| curve(((at as f64 - ratio) * scale).abs()))
                .collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| weight / sum).collect::<Vec<f64>>()
        };
        let a = self.plan.cubic;
        let cubic = |x: f64| match x {
            x if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            x if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            _ => 0.0,
        };
        Ok(match self.plan.mode {
            "nearest" => {
                let right = match self.plan.nearest {
                    _ if ratio == 1.0 => true,
                    "round_prefer_floor" => ratio > 0.5,
                    "round_prefer_ceil" => ratio >= 0.5,
                    "floor" => false,
                    "ceil" => true,
                    other => {
                        return Err(unsupported(
                            "nearest_mode",
                            other,
                            "round_prefer_floor, round_prefer_ceil, floor, ceil",
                        ));
                    }
                };
                vec![f64::from(u8::from(!right)), f64::from(u8::from(right))]
            }
            "linear" => spread(1.0, &|x| (1.0 - x).max(0.0)),
            "cubic" => spread(2.0, &cubic),
            other => return Err(unsupported("mode", other, "nearest, linear, cubic")),
        })
    }
}

/// Where an output of a resized axis may lie at most: beyond it are only scales and regions that nobody means.
const FARTHEST: f64 = (1u64 << 40) as f64;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "Resize" | "Upsample" => resize(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// What is resized to what: by axis, the output's size and the scale.
fn targets(node: &OnnxNode, x: &Operand, chosen: &[usize]) -> Outcome<Vec<(usize, f64)>> {
    let old = node.operator() == "Upsample" || node.version < 11;
    let scales_at = if old { 1 } else { 2 };
    let given = match node.floats("scales")? {
        Some(scales) => Some(scales.to_vec()),
        None => match node.optional(scales_at).filter(|scales| scales.elements() != 0) {
            Some(scales) => Some(scales.known("the scales")?.to_f32s()),
            None => None,
        },
    };
    if let Some(scales) = given {
        if scales.len() != chosen.len() {
            return Err(Problem::new(format!(
                "{} scales for {} axes",
                scales.len(),
                chosen.len()
            )));
        }
        let target = |(axis, scale): (&usize, f32)| {
            let scale = f64::from(scale);
            ((x.dims()[*axis] as f64 * scale).floor().max(0.0) as usize, scale)
        };
        return Ok(chosen.iter().zip(scales).map(target).collect());
    }
    let wanted = sizes(node, 3, "the sizes")?;
    if wanted.len() != chosen.len() {
        return Err(Problem::new(format!(
            "{} sizes for {} axes",
            wanted.len(),
            chosen.len()
        )));
    }
    let ratio = |(axis, size): (&usize, &usize)| *size as f64 / x.dims()[*axis] as f64;
    let ratios = chosen.iter().zip(&wanted).map(ratio);
    let one = match node.text("keep_aspect_ratio_policy", "stretch")? {
        "stretch" => return Ok(wanted.iter().copied().zip(ratios).collect()),
        "not_larger" => ratios.fold(f64::INFINITY, f64::min),
        "not_smaller" => ratios.fold(0.0, f64::max),
        other => {
            return Err(unsupported(
                "keep_aspect_ratio_policy",
                other,
                "stretch, not_larger, not_smaller",
            ));
        }
    };
    Ok(chosen
        .iter()
        .map(|axis| ((x.dims()[*axis] as f64 * one + 0.5).floor() as usize, one))
        .collect())
}

fn resize(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let given = node.input(0)?;
    if given.elements() == 0 {
        return Err(Problem::new("a tensor without elements cannot be resized"));
    }
    let old = node.operator() == "Upsample" || node.version < 11;
    let chosen = match node.ints("axes")? {
        Some(given_axes) => axes(given_axes, given.rank())?,
        None => (0..given.rank()).collect(),
    };
    let plan = Plan {
        mode: match node.text("mode", "nearest")? {
            "bilinear" => "linear",
            mode => mode,
        },
        coordinates: if old {
            "asymmetric"
        } else {
            node.text("coordinate_transformation_mode", "half_pixel")?
        },
        nearest: if old {
            "floor"
        } else {
            node.text("nearest_mode", "round_prefer_floor")?
        },
        cubic: f64::from(node.float("cubic_coeff_a", -0.75)?),
        exclude_outside: node.flag("exclude_outside", false)?,
        antialias: node.flag("antialias", false)?,
    };
    let region = match node.optional(1).filter(|region| !old && region.elements() != 0) {
        Some(region) if plan.coordinates == "tf_crop_and_resize" => region.known("the region")?.to_f32s(),
        _ => Vec::new(),
    };
    let outside = node.float("extrapolation_value", 0.0)?;
    let mut x = given.clone();
    let mut masks = Vec::new();
    for (place, (axis, (size, scale))) in chosen.iter().zip(targets(node, given, &chosen)?).enumerate() {
        let bound = |at: usize, default: f64| region.get(at).map_or(default, |bound| f64::from(*bound));
        let along = Axis {
            sizes: [given.dims()[*axis], size],
            scale,
            region: [bound(place, 0.0), bound(place + chosen.len(), 1.0)],
            plan: &plan,
        };
        if along.sizes[0] == size && scale == 1.0 && plan.coordinates != "tf_crop_and_resize" {
            continue;
        }
        bounded(&with(x.dims(), *axis, size))?;
        listed(&[size, along.reach()?])?;
        let taps = (0..size).map(|place| along.taps(place)).collect::<Outcome<Vec<_>>>()?;
        let inside: Vec<bool> = taps.iter().map(Option::is_some).collect();
        if inside.contains(&false) {
            let mut dims = vec![1; given.rank()];
            dims[*axis] = size;
            masks.push(Tensor::booleans(dims, inside));
        }
        x = along_axis(graph, &x, *axis, &taps, plan.mode == "nearest")?;
    }
    for mask in masks {
        x = graph.select(&mask.into(), &x, &Tensor::scalar(x.dtype(), f64::from(outside)).into())?;
    }
    Ok(x)
}

fn along_axis(graph: &mut Graph, x: &Operand, axis: usize, taps: &[Taps], nearest: bool) -> Outcome<Operand> {
    let none = vec![(0, 0.0)];
    let taps = taps.iter().map(|taps| taps.as_ref().unwrap_or(&none));
    if nearest {
        let chosen = taps.map(|taps| taps.iter().find(|(_, weight)| *weight != 0.0).map_or(0, |(at, _)| *at));
        return graph.gather(x, &Tensor::i64s(&chosen.collect::<Vec<_>>()).into(), axis);
    }
    if x.dtype() != DType::F32 {
        return Err(Problem::new(format!(
            "elements of type {} are not interpolated",
            x.dtype().name()
        )));
    }
    let most = taps.clone().map(Vec::len).max().unwrap_or(1);
    let (mut index, mut weight) = (Vec::new(), Vec::new());
    for taps in taps.clone() {
        for place in 0..most {
            let (at, share) = taps.get(place).copied().unwrap_or((0, 0.0));
            index.push(at as i32);
            weight.push(share as f32);
        }
    }
    let dims = vec![taps.len(), most];
    let index = Tensor::i32s(dims.clone(), index).into();
    graph.apply(
        Operator::Interpolate,
        &[x, &index, &Tensor::f32s(dims, weight).into()],
        &[axis as u32],
    )
}
