//! Operators that choose elements by indices, and those that give indices.

use opml_ops::{DType, Operator, ScatterFunction as Scatter};

use super::shapes::sizes;
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::{Tensor, bounded, listed};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "Gather" => {
            let axis = node.axis("axis", 0, node.input(0)?.rank())?;
            graph.gather(node.input(0)?, node.input(1)?, axis)?
        }
        "ArrayFeatureExtractor" => array_feature_extractor(graph, node)?,
        "GatherElements" => {
            let axis = node.axis("axis", 0, node.input(0)?.rank())?;
            gather_elements(graph, node.input(0)?, node.input(1)?, axis)?
        }
        "GatherND" => {
            let batch = size(node.int("batch_dims", 0)?)?;
            let inputs = [node.input(0)?, node.input(1)?];
            graph.apply(Operator::GatherNd, &inputs, &[batch as u32])?
        }
        "ScatterElements" | "Scatter" => {
            let axis = node.axis("axis", 0, node.input(0)?.rank())?;
            let inputs = [node.input(0)?, node.input(1)?, node.input(2)?];
            graph.apply(
                Operator::ScatterElements,
                &inputs,
                &[axis as u32, reduction(node)? as u32],
            )?
        }
        "ScatterND" => {
            let inputs = [node.input(0)?, node.input(1)?, node.input(2)?];
            graph.apply(Operator::ScatterNd, &inputs, &[reduction(node)? as u32])?
        }
        "TensorScatter" => tensor_scatter(graph, node)?,
        "ArgMax" | "ArgMin" => arg_extreme(graph, node)?,
        "Hardmax" => hardmax(graph, node)?,
        "TopK" => return top_k(graph, node).map(Some),
        "Compress" => compress(graph, node)?,
        "MaxUnpool" => max_unpool(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// Elements of x, each by an index along an axis.
pub(super) fn gather_elements(graph: &mut Graph, x: &Operand, indices: &Operand, axis: usize) -> Outcome<Operand> {
    graph.apply(Operator::GatherElements, &[x, indices], &[axis as u32])
}

fn array_feature_extractor(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let last = x
        .rank()
        .checked_sub(1)
        .ok_or_else(|| Problem::new("it takes at least one dimension"))?;
    let indices = node.input(1)?;
    let flat = indices.reshaped(vec![indices.elements()])?;
    graph.gather(x, &flat, last)
}

fn reduction(node: &OnnxNode) -> Outcome<Scatter> {
    Ok(match node.text("reduction", "none")? {
        "none" => Scatter::Replace,
        "add" => Scatter::Add,
        "mul" => Scatter::Mul,
        "min" => Scatter::Min,
        "max" => Scatter::Max,
        other => return Err(unsupported("reduction", other, "none, add, mul, min, max")),
    })
}

/// Rows of a cache written anew from an index on that each batch element has.
fn tensor_scatter(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (cache, update) = (node.input(0)?, node.input(1)?);
    let axis = node.axis("axis", -2, cache.rank())?;
    let (length, Some(&taken)) = (cache.dims()[axis], update.dims().get(axis)) else {
        return Err(Problem::new("cache and update have as many dimensions"));
    };
    listed(&[taken])?;
    let mut steps = vec![1; cache.rank()];
    steps[axis] = taken;
    let steps = Operand::from(Tensor::i64s(&(0..taken as i64).collect::<Vec<_>>())).reshaped(steps)?;
    let mut places = match node.optional(2) {
        Some(first) => {
            let mut dims = vec![1; cache.rank()];
            dims[0] = first.elements();
            let first = graph.cast(&first.reshaped(dims)?, DType::I64)?;
            graph.add(&first, &steps)?
        }
        None => steps,
    };
    match node.text("mode", "linear")? {
        "linear" => {}
        "circular" => {
            let length = Tensor::i64s(&[length as i64]).into();
            places = graph.binary(opml_ops::BinaryFunction::Modulo, &places, &length)?;
        }
        other => return Err(unsupported("mode", other, "linear, circular")),
    }
    let places = graph.broadcast(&places, update.dims())?;
    graph.apply(
        Operator::ScatterElements,
        &[cache, &places, update],
        &[axis as u32, Scatter::Replace as u32],
    )
}

fn arg_extreme(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let axis = node.axis("axis", 0, x.rank())?;
    let least = u32::from(node.operator() == "ArgMin");
    let last = u32::from(node.flag("select_last_index", false)?);
    let result = graph.apply(Operator::ArgExtreme, &[x], &[axis as u32, least, last])?;
    match node.flag("keepdims", true)? {
        true => Ok(result),
        false => {
            let mut dims = result.dims().to_vec();
            dims.remove(axis);
            result.reshaped(dims)
        }
    }
}

/// 1 where the first greatest element along an axis lies, else 0.
fn hardmax(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let given = node.input(0)?;
    let default = if node.version < 13 { 1 } else { -1 };
    let axis = node.axis("axis", default, given.rank())?;
    let x = match node.version < 13 {
        true => super::reductions::as_matrix(given, axis)?,
        false => given.clone(),
    };
    let along = if node.version < 13 { 1 } else { axis };
    let best = graph.apply(Operator::ArgExtreme, &[&x], &[along as u32, 0, 0])?;
    let mut dims = vec![1; x.rank()];
    dims[along] = x.dims()[along];
    listed(&[x.dims()[along]])?;
    let places = Tensor::i64s(&(0..x.dims()[along] as i64).collect::<Vec<_>>());
    let places = Operand::from(places).reshaped(dims)?;
    let hot = graph.binary(opml_ops::BinaryFunction::Equal, &best, &places)?;
    graph.cast(&hot, x.dtype())?.reshaped(given.dims().to_vec())
}

fn top_k(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let x = node.input(0)?;
    let taken = match node.known(1, "k")? {
        Some(taken) => taken.first().copied().unwrap_or(0),
        None => node.int("k", 0)?,
    };
    let axis = node.axis("axis", -1, x.rank())?;
    let least = u32::from(!node.flag("largest", true)?);
    let places = graph.apply(Operator::TopK, &[x], &[axis as u32, size(taken)? as u32, least])?;
    let values = gather_elements(graph, x, &places, axis)?;
    Ok(vec![values, places])
}

fn compress(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let chosen = node
        .input(1)?
        .known("the condition, which decides about the shape,")?
        .to_i64s();
    let places: Vec<i64> = (0..chosen.len())
        .filter(|place| chosen[*place] != 0)
        .map(|place| place as i64)
        .collect();
    let places = Tensor::i64s(&places).into();
    if node.has("axis") {
        let axis = node.axis("axis", 0, x.rank())?;
        return graph.gather(x, &places, axis);
    }
    let flat = x.reshaped(vec![x.elements()])?;
    graph.gather(&flat, &places, 0)
}

/// Elements put back to where a max pool took them from.
fn max_unpool(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (x, places) = (node.input(0)?, node.input(1)?);
    if x.rank() < 3 || x.dtype() != places.dtype() && places.dtype() != DType::I64 {
        return Err(Problem::new("it takes a pooled tensor and its places"));
    }
    let natural = |axis: usize| -> Outcome<usize> {
        let one = |list: Option<&[i64]>, place: usize, default: i64| {
            list.and_then(|list| list.get(place).copied()).unwrap_or(default)
        };
        let kernel = one(node.ints("kernel_shape")?, axis, 1);
        let stride = one(node.ints("strides")?, axis, 1);
        let pads = node.ints("pads")?;
        let spatial = x.rank() - 2;
        let size_before = x.dims()[axis + 2] as i64;
        [kernel, stride]
            .into_iter()
            .try_for_each(|given| size(given).map(|_| ()))?;
        let padding = [axis, axis + spatial].map(|place| size(one(pads, place, 0)).map(|pad| pad as i64));
        let [before, after] = padding;
        size((size_before - 1) * stride + kernel - before? - after?)
    };
    let mut dims = x.dims()[..2].to_vec();
    for axis in 0..x.rank() - 2 {
        dims.push(natural(axis)?);
    }
    let given = match node.optional(2) {
        Some(_) => sizes(node, 2, "the shape")?,
        None => dims.clone(),
    };
    // Places count in the natural shape; a larger one is filled up behind each axis.
    let count = bounded(&dims)?;
    let empty = Tensor::filled(x.dtype(), vec![count], 0.0)?.into();
    let inputs = [
        &empty,
        &places.reshaped(vec![places.elements()])?,
        &x.reshaped(vec![x.elements()])?,
    ];
    let flat = graph.apply(Operator::ScatterElements, &inputs, &[0, Scatter::Replace as u32])?;
    let natural = flat.reshaped(dims)?;
    let mut view = Graph::whole(&natural);
    for (axis, wanted) in view.iter_mut().zip(given) {
        axis.size = wanted;
    }
    graph.view(&natural, &view, 0)
}
