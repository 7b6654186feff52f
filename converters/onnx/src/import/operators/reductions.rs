//! Operators along axes: reductions, soft maxima, cumulative sums.

use opml_ops::{DType, Operator, ReduceFunction as Reduce};

use super::shapes::axes_of;
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axes, axis};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::{Tensor, elements};

fn reduction(operator: &str) -> Option<Reduce> {
    Some(match operator {
        "ReduceSum" => Reduce::Sum,
        "ReduceMean" => Reduce::Mean,
        "ReduceMax" => Reduce::Max,
        "ReduceMin" => Reduce::Min,
        "ReduceProd" => Reduce::Prod,
        "ReduceSumSquare" => Reduce::SumSquare,
        "ReduceL1" => Reduce::L1,
        "ReduceL2" => Reduce::L2,
        "ReduceLogSum" => Reduce::LogSum,
        "ReduceLogSumExp" => Reduce::LogSumExp,
        _ => return None,
    })
}

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    if let Some(function) = reduction(node.operator()) {
        return Ok(Some(vec![reduce(graph, function, node)?]));
    }
    let output = match node.operator() {
        "Softmax" => softmax(graph, node, false)?,
        "LogSoftmax" => softmax(graph, node, true)?,
        "CumSum" => cumulate(graph, node, false)?,
        "CumProd" => cumulate(graph, node, true)?,
        "LpNormalization" => lp_normalization(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

fn reduce(graph: &mut Graph, function: Reduce, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let given = axes_of(node, 1)?.filter(|axes| !axes.is_empty());
    let along = match given {
        Some(given) => axes(&given, x.rank())?,
        None if node.flag("noop_with_empty_axes", false)? => Vec::new(),
        None => (0..x.rank()).collect(),
    };
    let kept: Vec<usize> = (0..x.rank())
        .map(|axis| if along.contains(&axis) { 1 } else { x.dims()[axis] })
        .collect();
    let result = if x.elements() == 0 && !kept.contains(&0) {
        let neutral = match function {
            Reduce::Prod => 1.0,
            Reduce::Max => f64::NEG_INFINITY,
            Reduce::Min => f64::INFINITY,
            Reduce::LogSum | Reduce::LogSumExp => f64::NEG_INFINITY,
            Reduce::Mean => f64::NAN,
            _ => 0.0,
        };
        Tensor::filled(x.dtype(), kept, neutral)?.into()
    } else {
        let float_only = matches!(function, Reduce::L2 | Reduce::LogSum | Reduce::LogSumExp);
        match x.dtype() {
            dtype if float_only && dtype != DType::F32 => {
                let wide = graph.cast(x, DType::F32)?;
                let result = graph.reduce(function, &wide, &along)?;
                graph.cast(&result, dtype)?
            }
            _ => graph.reduce(function, x, &along)?,
        }
    };
    match node.flag("keepdims", true)? {
        true => Ok(result),
        false => without(&result, &along),
    }
}

/// x without axes of size 1.
pub(super) fn without(x: &Operand, dropped: &[usize]) -> Outcome<Operand> {
    let kept = x.dims().iter().enumerate().filter(|(axis, _)| !dropped.contains(axis));
    x.reshaped(kept.map(|(_, dim)| *dim).collect())
}

/// The axes before `axis` as rows, those from it on as columns.
pub(super) fn as_matrix(x: &Operand, axis: usize) -> Outcome<Operand> {
    x.reshaped(vec![elements(&x.dims()[..axis])?, elements(&x.dims()[axis..])?])
}

fn softmax(graph: &mut Graph, node: &OnnxNode, logarithm: bool) -> Outcome<Operand> {
    let x = node.input(0)?;
    if node.version >= 13 {
        let axis = node.axis("axis", -1, x.rank())?;
        return graph.softmax(x, axis, logarithm);
    }
    // Before version 13 all axes from one on are taken together.
    let axis = node.axis("axis", 1, x.rank())?;
    let rows = as_matrix(x, axis)?;
    graph.softmax(&rows, 1, logarithm)?.reshaped(x.dims().to_vec())
}

fn cumulate(graph: &mut Graph, node: &OnnxNode, product: bool) -> Outcome<Operand> {
    let x = node.input(0)?;
    let along = node
        .known(1, "the axis")?
        .and_then(|axis| axis.first().copied())
        .unwrap_or(0);
    let words = [
        axis(along, x.rank())? as u32,
        u32::from(node.flag("exclusive", false)?),
        u32::from(node.flag("reverse", false)?),
        u32::from(product),
    ];
    graph.apply(Operator::Cumulate, &[x], &words)
}

fn lp_normalization(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let axis = node.axis("axis", -1, x.rank())?;
    let function = match node.int("p", 2)? {
        1 => Reduce::L1,
        2 => Reduce::L2,
        other => return Err(Problem::new(format!("a norm of order {other}; there are 1 and 2"))),
    };
    let norm = graph.reduce(function, x, &[axis])?;
    let quotient = graph.div(x, &norm)?;
    // Where everything is zero, so is the result.
    let zero: Operand = Tensor::scalar(DType::F32, 0.0).into();
    let vanishes = graph.binary(opml_ops::BinaryFunction::Equal, &norm, &zero)?;
    graph.select(&vanishes, &zero, &quotient)
}
