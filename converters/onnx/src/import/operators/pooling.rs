//! One number for each window.

use opml_ops::{DType, Operator, PoolFunction as Pool, ReduceFunction as Reduce, UnaryFunction as Unary};

use super::windows::{windows, words};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::Tensor;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "MaxPool" => return max_pool(graph, node).map(Some),
        "AveragePool" => {
            let function = match node.flag("count_include_pad", false)? {
                true => Pool::MeanPadded,
                false => Pool::Mean,
            };
            pool(graph, node, function, 0)?
        }
        "LpPool" => {
            let power = size(node.int("p", 2)?)? as u32;
            pool(graph, node, Pool::Lp, power)?
        }
        "GlobalAveragePool" => global(graph, node, Reduce::Mean)?,
        "GlobalMaxPool" => global(graph, node, Reduce::Max)?,
        "GlobalLpPool" => match node.int("p", 2)? {
            1 => global(graph, node, Reduce::L1)?,
            2 => global(graph, node, Reduce::L2)?,
            other => return Err(Problem::new(format!("a norm of order {other}; there are 1 and 2"))),
        },
        "LRN" => local_response(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

fn plan(node: &OnnxNode, x: &Operand) -> Outcome<Vec<u32>> {
    let spatial = x.dims().get(2..).unwrap_or(&[]);
    Ok(words(&windows(node, spatial, None)?).collect())
}

fn pool(graph: &mut Graph, node: &OnnxNode, function: Pool, power: u32) -> Outcome<Operand> {
    let x = node.input(0)?;
    let words: Vec<u32> = [function as u32, power].into_iter().chain(plan(node, x)?).collect();
    graph.apply(Operator::Pool, &[x], &words)
}

fn max_pool(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let mut outputs = vec![pool(graph, node, Pool::Max, 0)?];
    if node.wants(1) {
        let x = node.input(0)?;
        let columns_first = u32::from(node.flag("storage_order", false)?);
        let words: Vec<u32> = [columns_first].into_iter().chain(plan(node, x)?).collect();
        outputs.push(graph.apply(Operator::PoolPlace, &[x], &words)?);
    }
    Ok(outputs)
}

fn global(graph: &mut Graph, node: &OnnxNode, function: Reduce) -> Outcome<Operand> {
    let x = node.input(0)?;
    let axes: Vec<usize> = (2..x.rank()).collect();
    graph.reduce(function, x, &axes)
}

/// x / (bias + α · mean of the squares of neighbouring channels)^β.
fn local_response(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.full(0)?;
    let window = size(node.int("size", 1)?)?;
    let (alpha, beta, bias) = (
        node.float("alpha", 1e-4)?,
        node.float("beta", 0.75)?,
        node.float("bias", 1.0)?,
    );
    let &[batch, channels, ..] = x.dims() else {
        return Err(Problem::new("it takes at least two dimensions"));
    };
    if window == 0 {
        return Err(Problem::new("a size of 0"));
    }
    let squares = graph
        .mul(x, x)?
        .reshaped(vec![batch, 1, channels, x.elements() / batch / channels])?;
    let (before, after) = ((window - 1) / 2, window - 1 - (window - 1) / 2);
    let along = [window as u32, 1, 1, before as u32, after as u32, 0, 1, 1, 1, 0, 0, 0];
    let words: Vec<u32> = [Pool::MeanPadded as u32, 0].into_iter().chain(along).collect();
    let means = graph
        .apply(Operator::Pool, &[&squares], &words)?
        .reshaped(x.dims().to_vec())?;
    let base = graph.unary_with(Unary::Affine, &means, [alpha, bias])?;
    let exponent = Tensor::scalar(DType::F32, f64::from(beta)).into();
    let power = graph.binary(opml_ops::BinaryFunction::Pow, &base, &exponent)?;
    graph.div(x, &power)
}
