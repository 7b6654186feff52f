//! Nodes joined with the one before them where nothing else reads what lies between: a constant added to a contraction
//! becomes its bias, bounds become the contraction's or the sum's own.

use ndarray::{ArrayD, Axis};

use super::{FloatGraph, Operation};

/// Joins what can be joined; the joined node keeps the name of the first.
pub(crate) fn fuse(graph: &mut FloatGraph) {
    let mut index = 0;
    while index < graph.nodes.len() {
        match fuse_into_producer(graph, index) {
            true => drop(graph.nodes.remove(index)),
            false => index += 1,
        }
    }
}

/// Whether node `index` has become part of the node that computes its first input.
fn fuse_into_producer(graph: &mut FloatGraph, index: usize) -> bool {
    let node = &graph.nodes[index];
    let Some(&input) = node.inputs.first() else {
        return false;
    };
    let Some(producer) = graph.producer(input).filter(|_| graph.readers(input) == 1) else {
        return false;
    };
    let joined = match (&graph.nodes[producer].operation, &node.operation) {
        (operation, Operation::Clip(bounds)) => bounded(operation, *bounds),
        (operation, Operation::Add(bounds)) => node
            .inputs
            .get(1)
            .and_then(|constant| graph.tensor(*constant).constant.as_ref())
            .and_then(|constant| biased(operation, constant))
            .and_then(|operation| bounded(&operation, *bounds)),
        _ => None,
    };
    let output = node.output;
    match joined {
        Some(operation) => {
            graph.nodes[producer].operation = operation;
            graph.nodes[producer].output = output;
            true
        }
        None => false,
    }
}

fn bounded(operation: &Operation, next: super::Bounds) -> Option<Operation> {
    let mut operation = operation.clone();
    let bounds = match &mut operation {
        Operation::MatMul(product) => &mut product.bounds,
        Operation::Conv2d(convolution) => &mut convolution.bounds,
        Operation::Clip(bounds) | Operation::Add(bounds) => bounds,
        Operation::MaxPool2d(_) | Operation::Reshape => return None,
    };
    *bounds = bounds.then(next);
    Some(operation)
}

fn biased(operation: &Operation, constant: &ArrayD<f32>) -> Option<Operation> {
    let mut operation = operation.clone();
    let (bias, bounds, axis) = match &mut operation {
        Operation::MatMul(product) => (&mut product.bias, product.bounds, constant.ndim().checked_sub(1)?),
        Operation::Conv2d(convolution) => (&mut convolution.bias, convolution.bounds, 1),
        _ => return None,
    };
    if bounds != super::Bounds::NONE || constant.ndim() <= axis || constant.len_of(Axis(axis)) != bias.len() {
        return None;
    }
    for (bias, channel) in bias.iter_mut().zip(constant.axis_iter(Axis(axis))) {
        let added = *channel.first()?;
        if channel.iter().any(|value| *value != added) {
            return None;
        }
        *bias += added;
    }
    Some(operation)
}
