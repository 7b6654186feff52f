//! Normalisations over channels, groups and layers.

use opml_ops::{Operator, ReduceFunction as Reduce, UnaryFunction as Unary};

use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axes, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::Tensor;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "BatchNormalization" => return batch(graph, node).map(Some),
        "InstanceNormalization" => {
            let x = node.input(0)?;
            let groups = x.dims().get(1).copied().unwrap_or(1);
            grouped(graph, node, groups)?
        }
        "GroupNormalization" => grouped(graph, node, size(node.int("num_groups", 1)?)?)?,
        "LayerNormalization" => return layer(graph, node).map(Some),
        "RMSNormalization" | "SimplifiedLayerNormalization" => root_mean_square(graph, node)?,
        "MeanVarianceNormalization" => mean_variance(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// One number for each channel as a tensor that is stretched over x.
pub(super) fn per_channel(parameter: &Operand, rank: usize) -> Outcome<Operand> {
    let mut dims = vec![1; rank.max(2)];
    dims[1] = parameter.elements();
    parameter.reshaped(dims)
}

fn batch(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let x = node.input(0)?;
    let epsilon = node.float("epsilon", 1e-5)?;
    let [scale, bias, mean, variance] = [1, 2, 3, 4].map(|place| node.input(place));
    let (scale, bias, mean, variance) = (scale?, bias?, mean?, variance?);
    if !node.flag("training_mode", false)? && !node.wants(1) {
        return Ok(vec![channel_affine(graph, x, [scale, bias, mean, variance], epsilon)?]);
    }
    // In training the batch's own mean and variance count, and move the running ones.
    let along: Vec<usize> = (0..x.rank()).filter(|axis| *axis != 1).collect();
    let flat = |x: Operand| x.reshaped(vec![x.elements()]);
    let batch_mean = graph.reduce(Reduce::Mean, x, &along)?;
    let centred = graph.sub(x, &batch_mean)?;
    let squares = graph.mul(&centred, &centred)?;
    let batch_variance = flat(graph.reduce(Reduce::Mean, &squares, &along)?)?;
    let batch_mean = flat(batch_mean)?;
    let momentum = node.float("momentum", 0.9)?;
    let mut moved = |running: &Operand, current: &Operand| {
        let (kept, new) = (graph.scale(running, momentum)?, graph.scale(current, 1.0 - momentum)?);
        graph.add(&kept, &new)
    };
    let (running_mean, running_variance) = (moved(mean, &batch_mean)?, moved(variance, &batch_variance)?);
    let result = channel_affine(graph, x, [scale, bias, &batch_mean, &batch_variance], epsilon)?;
    Ok(vec![result, running_mean, running_variance])
}

/// x·(scale / √(variance + ε)) + (bias − mean·…): in inference both factors are constants of the model.
fn channel_affine(graph: &mut Graph, x: &Operand, parameters: [&Operand; 4], epsilon: f32) -> Outcome<Operand> {
    let [scale, bias, mean, variance] = parameters;
    let shifted = graph.unary_with(Unary::Affine, variance, [1.0, epsilon])?;
    let deviation = graph.unary(Unary::Sqrt, &shifted)?;
    let factor = graph.div(scale, &deviation)?;
    let moved = graph.mul(mean, &factor)?;
    let offset = graph.sub(bias, &moved)?;
    let scaled = graph.mul(x, &per_channel(&factor, x.rank())?)?;
    let result = graph.add(&scaled, &per_channel(&offset, x.rank())?)?;
    result.reshaped(x.dims().to_vec())
}

/// Normalises all axes from `axis` on.
fn normalize(
    graph: &mut Graph,
    x: &Operand,
    axis: usize,
    epsilon: f32,
    rms: bool,
    scale: Option<&Operand>,
    bias: Option<&Operand>,
) -> Outcome<Operand> {
    let words = [axis as u32, epsilon.to_bits(), u32::from(rms)];
    let normalised = &x.dims()[axis..];
    let fits = |parameter: Option<&Operand>| parameter.is_none_or(|parameter| parameter.dims() == normalised);
    if fits(scale) && fits(bias) && (scale.is_some() || bias.is_none()) {
        let inputs: Vec<&Operand> = [Some(x), scale, bias].into_iter().flatten().collect();
        return graph.apply(Operator::Normalize, &inputs, &words);
    }
    let mut result = graph.apply(Operator::Normalize, &[x], &words)?;
    if let Some(scale) = scale {
        result = graph.mul(&result, scale)?;
    }
    match bias {
        Some(bias) => graph.add(&result, bias),
        None => Ok(result),
    }
}

fn grouped(graph: &mut Graph, node: &OnnxNode, groups: usize) -> Outcome<Operand> {
    let (x, scale, bias) = (node.full(0)?, node.full(1)?, node.full(2)?);
    let epsilon = node.float("epsilon", 1e-5)?;
    let &[batch, channels, ..] = x.dims() else {
        return Err(Problem::new("it takes at least two dimensions"));
    };
    if groups == 0 || channels % groups != 0 {
        return Err(Problem::new(format!("{channels} channels do not make {groups} groups")));
    }
    let rows = x.reshaped(vec![batch * groups, x.elements() / batch / groups])?;
    let normalised = normalize(graph, &rows, 1, epsilon, false, None, None)?;
    // Parameters are one a group or, from version 21 on, one a channel.
    let parts = scale.elements();
    if parts != channels && parts != groups {
        return Err(Problem::new(format!("{parts} scales for {channels} channels")));
    }
    let split = normalised.reshaped(vec![batch, parts, x.elements() / batch / parts])?;
    let scaled = graph.mul(&split, &scale.reshaped(vec![1, parts, 1])?)?;
    let result = graph.add(&scaled, &bias.reshaped(vec![1, parts, 1])?)?;
    result.reshaped(x.dims().to_vec())
}

fn layer(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let x = node.input(0)?;
    let axis = node.axis("axis", -1, x.rank())?;
    let epsilon = node.float("epsilon", 1e-5)?;
    let mut outputs = vec![normalize(
        graph,
        x,
        axis,
        epsilon,
        false,
        node.optional(1),
        node.optional(2),
    )?];
    if node.output_count() > 1 {
        let along: Vec<usize> = (axis..x.rank()).collect();
        let mean = graph.reduce(Reduce::Mean, x, &along)?;
        let centred = graph.sub(x, &mean)?;
        let squares = graph.mul(&centred, &centred)?;
        let variance = graph.reduce(Reduce::Mean, &squares, &along)?;
        let shifted = graph.unary_with(Unary::Affine, &variance, [1.0, epsilon])?;
        let deviation = graph.unary(Unary::Sqrt, &shifted)?;
        outputs.extend([mean, graph.unary(Unary::Reciprocal, &deviation)?]);
    }
    Ok(outputs)
}

fn root_mean_square(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let axis = node.axis("axis", -1, x.rank())?;
    let epsilon = node.float("epsilon", 1e-5)?;
    normalize(graph, x, axis, epsilon, true, node.optional(1), None)
}

/// (x − E[x]) / (√(E[x²] − E[x]²) + 10⁻⁹).
fn mean_variance(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let along = axes(node.ints("axes")?.unwrap_or(&[0, 2, 3]), x.rank())?;
    let mean = graph.reduce(Reduce::Mean, x, &along)?;
    let squares = graph.mul(x, x)?;
    let mean_square = graph.reduce(Reduce::Mean, &squares, &along)?;
    let square_mean = graph.mul(&mean, &mean)?;
    let variance = graph.sub(&mean_square, &square_mean)?;
    let deviation = graph.unary(Unary::Sqrt, &variance)?;
    let deviation = graph.add(&deviation, &Tensor::f32s(Vec::new(), [1e-9]).into())?;
    let centred = graph.sub(x, &mean)?;
    graph.div(&centred, &deviation)
}
