//! What each ONNX operator becomes, by family.

mod attention;
mod convolutions;
mod einsum;
mod elementwise;
mod generators;
mod indexing;
mod linear;
mod linear_attention;
mod losses;
mod normalisation;
mod pooling;
mod quantisation;
mod recurrent;
mod reductions;
mod resize;
mod resize_axis;
mod sampling;
mod shapes;
mod signal;
mod windows;

use super::graph::Graph;
use super::node::OnnxNode;
use super::operand::Operand;
use super::problem::{Outcome, Problem};

type Family = fn(&mut Graph, &OnnxNode) -> Outcome<Option<Vec<Operand>>>;

const FAMILIES: &[Family] = &[
    elementwise::import,
    shapes::import,
    generators::import,
    indexing::import,
    reductions::import,
    convolutions::import,
    pooling::import,
    normalisation::import,
    linear::import,
    quantisation::import,
    resize::import,
    recurrent::import,
    attention::import,
    linear_attention::import,
    losses::import,
    signal::import,
    sampling::import,
];

/// The outputs of a node.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    for family in FAMILIES {
        if let Some(outputs) = family(graph, node)? {
            return Ok(outputs);
        }
    }
    Err(Problem::new(format!("the operator `{}` is not supported", node.operator())).with_help(
        "express it by supported operators when the model is exported, or write an importer for it in converters/onnx/src/import/operators",
    ))
}
