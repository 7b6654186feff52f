//! Resizing: along each axis, each output is a weighted sum of a few elements; which and how much is known beforehand.

use opml_ops::{DType, Operator};

use super::resize_axis::{Axis, Plan, Taps};
use super::shapes::{sizes, with};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axes};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::{Tensor, bounded, listed};

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
