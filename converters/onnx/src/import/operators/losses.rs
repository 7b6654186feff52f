//! Losses of training, and the steps of optimisers.

use opml_ops::{BinaryFunction as Binary, DType, ReduceFunction as Reduce, UnaryFunction as Unary};

use super::indexing::gather_elements;
use crate::import::graph::Graph;
use crate::import::node::OnnxNode;
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::Tensor;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    Ok(Some(match node.operator() {
        "NegativeLogLikelihoodLoss" => vec![likelihood(graph, node, node.full(0)?)?],
        "SoftmaxCrossEntropyLoss" => {
            let x = node.full(0)?;
            let &[batch, classes, ..] = x.dims() else {
                return Err(Problem::new("it takes at least two dimensions"));
            };
            let flat = x.reshaped(vec![batch, classes, x.elements() / batch / classes])?;
            let logarithms = graph.softmax(&flat, 1, true)?.reshaped(x.dims().to_vec())?;
            vec![likelihood(graph, node, &logarithms)?, logarithms]
        }
        "Adagrad" => adagrad(graph, node)?,
        "Momentum" => momentum(graph, node)?,
        "Adam" => adam(graph, node)?,
        _ => return Ok(None),
    }))
}

/// −weight[target] · x[target], all of them, their sum, or their mean by weight.
fn likelihood(graph: &mut Graph, node: &OnnxNode, x: &Operand) -> Outcome<Operand> {
    let shape = node.input(1)?.dims();
    let &[batch, classes, ..] = x.dims() else {
        return Err(Problem::new("it takes at least two dimensions"));
    };
    // All axes behind the classes as one.
    let inner = x.elements() / batch / classes;
    let x = &x.reshaped(vec![batch, classes, inner])?;
    let target = graph.cast(&node.input(1)?.reshaped(vec![batch, inner])?, DType::I64)?;
    let dims = vec![batch, 1, inner];
    // Indices out of range are bounded by the operators; what they give is weighted with 0.
    let zero: Operand = Tensor::i64s(&[0]).into();
    let places = graph.binary(Binary::Maximum, &target.reshaped(dims)?, &zero)?;
    let chosen = gather_elements(graph, x, &places, 1)?.reshaped(target.dims().to_vec())?;
    let losses = graph.unary(Unary::Neg, &chosen)?;
    let mut weights = match node.optional(2) {
        Some(weights) => {
            let flat = places.reshaped(target.dims().to_vec())?;
            graph.gather(weights, &flat, 0)?
        }
        None => Tensor::filled(DType::F32, target.dims().to_vec(), 1.0)?.into(),
    };
    if node.has("ignore_index") {
        let ignored = Tensor::i64s(&[node.int("ignore_index", 0)?]).into();
        let counts = graph
            .binary(Binary::Equal, &target, &ignored)?
            .reshaped(target.dims().to_vec())?;
        weights = graph.select(&counts, &Tensor::scalar(DType::F32, 0.0).into(), &weights)?;
    }
    let losses = graph.mul(&losses, &weights)?;
    let every: Vec<usize> = (0..losses.rank()).collect();
    let total = |graph: &mut Graph, x: &Operand| graph.reduce(Reduce::Sum, x, &every)?.reshaped(Vec::new());
    match node.text("reduction", "mean")? {
        "none" => losses.reshaped(shape.to_vec()),
        "sum" => total(graph, &losses),
        "mean" => {
            let (sum, weight) = (total(graph, &losses)?, total(graph, &weights)?);
            graph.div(&sum, &weight)
        }
        other => Err(unsupported("reduction", other, "none, sum, mean")),
    }
}

fn number(value: f32) -> Operand {
    Tensor::f32s(Vec::new(), [value]).into()
}

/// The tensors of one kind among an optimiser's inputs: after rate and step come all variables, then all gradients, and so on.
fn groups(node: &OnnxNode, kinds: usize) -> Outcome<Vec<Vec<Operand>>> {
    let rest = node.input_count().checked_sub(2).filter(|rest| rest % kinds == 0);
    let count = rest.ok_or_else(|| Problem::new("its inputs do not make up variables, gradients and states"))? / kinds;
    let group = |kind: usize| {
        (0..count)
            .map(|place| node.input(2 + kind * count + place).cloned())
            .collect()
    };
    (0..kinds).map(group).collect()
}

/// The gradient of variable x with its regularisation.
fn regularised(graph: &mut Graph, node: &OnnxNode, x: &Operand, gradient: &Operand) -> Outcome<Operand> {
    let penalty = graph.scale(x, node.float("norm_coefficient", 0.0)?)?;
    graph.add(&penalty, gradient)
}

fn adagrad(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let (rate, step) = (node.input(0)?, graph.cast(node.input(1)?, DType::F32)?);
    let decayed = graph.unary_with(Unary::Affine, &step, [node.float("decay_factor", 0.0)?, 1.0])?;
    let rate = graph.div(rate, &decayed)?;
    let epsilon = node.float("epsilon", 1e-6)?;
    let groups = groups(node, 3)?;
    let (mut variables, mut states) = (Vec::new(), Vec::new());
    for ((x, gradient), state) in groups[0].iter().zip(&groups[1]).zip(&groups[2]) {
        let gradient = regularised(graph, node, x, gradient)?;
        let square = graph.mul(&gradient, &gradient)?;
        let state = graph.add(state, &square)?;
        let root = graph.unary(Unary::Sqrt, &state)?;
        let adaptive = graph.unary_with(Unary::Affine, &root, [1.0, epsilon])?;
        let moved = graph.mul(&rate, &gradient)?;
        let moved = graph.div(&moved, &adaptive)?;
        variables.push(graph.sub(x, &moved)?.reshaped(x.dims().to_vec())?);
        states.push(state);
    }
    Ok([variables, states].concat())
}

fn momentum(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let rate = node.input(0)?;
    let first = node
        .known(1, "the step's number")?
        .and_then(|step| step.first().copied())
        == Some(0);
    let (alpha, beta) = (node.float("alpha", 0.0)?, node.float("beta", 0.0)?);
    let beta = if first { 1.0 } else { beta };
    let nesterov = match node.text("mode", "standard")? {
        "standard" => false,
        "nesterov" => true,
        other => return Err(unsupported("mode", other, "standard, nesterov")),
    };
    let groups = groups(node, 3)?;
    let (mut variables, mut states) = (Vec::new(), Vec::new());
    for ((x, gradient), state) in groups[0].iter().zip(&groups[1]).zip(&groups[2]) {
        let gradient = regularised(graph, node, x, gradient)?;
        let (kept, new) = (graph.scale(state, alpha)?, graph.scale(&gradient, beta)?);
        let state = graph.add(&kept, &new)?;
        let direction = match nesterov {
            true => {
                let ahead = graph.scale(&state, alpha)?;
                graph.add(&gradient, &ahead)?
            }
            false => state.clone(),
        };
        let moved = graph.mul(rate, &direction)?;
        variables.push(graph.sub(x, &moved)?.reshaped(x.dims().to_vec())?);
        states.push(state);
    }
    Ok([variables, states].concat())
}

fn adam(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let (alpha, beta) = (node.float("alpha", 0.9)?, node.float("beta", 0.999)?);
    let epsilon = node.float("epsilon", 1e-6)?;
    let after = node.float("norm_coefficient_post", 0.0)?;
    let step = graph.cast(node.input(1)?, DType::F32)?;
    // The rate grows by √(1 − β^t) / (1 − α^t), but not before the first step.
    let power = |graph: &mut Graph, base: f32| {
        let power = graph.binary(Binary::Pow, &number(base), &step)?;
        graph.unary_with(Unary::Affine, &power, [-1.0, 1.0])
    };
    let (slow, fast) = (power(graph, beta)?, power(graph, alpha)?);
    let root = graph.unary(Unary::Sqrt, &slow)?;
    let corrected = graph.div(&root, &fast)?;
    let corrected = graph.mul(node.input(0)?, &corrected)?;
    let begun = graph.binary(Binary::Greater, &step, &number(0.0))?;
    let rate = graph.select(&begun, &corrected, node.input(0)?)?;
    let groups = groups(node, 4)?;
    let (mut variables, mut means, mut squares) = (Vec::new(), Vec::new(), Vec::new());
    let states = groups[2].iter().zip(&groups[3]);
    for ((x, gradient), (mean, square)) in groups[0].iter().zip(&groups[1]).zip(states) {
        let gradient = regularised(graph, node, x, gradient)?;
        let (kept, new) = (graph.scale(mean, alpha)?, graph.scale(&gradient, 1.0 - alpha)?);
        let mean = graph.add(&kept, &new)?;
        let squared = graph.mul(&gradient, &gradient)?;
        let (kept, new) = (graph.scale(square, beta)?, graph.scale(&squared, 1.0 - beta)?);
        let square = graph.add(&kept, &new)?;
        let root = graph.unary(Unary::Sqrt, &square)?;
        let adaptive = graph.unary_with(Unary::Affine, &root, [1.0, epsilon])?;
        let moved = graph.mul(&rate, &mean)?;
        let moved = graph.div(&moved, &adaptive)?;
        let next = graph.sub(x, &moved)?.reshaped(x.dims().to_vec())?;
        variables.push(if after == 0.0 {
            next
        } else {
            graph.scale(&next, 1.0 - after)?
        });
        means.push(mean);
        squares.push(square);
    }
    Ok([variables, means, squares].concat())
}
