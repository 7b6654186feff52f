//! Products of matrices.

use opml_ops::DType;

use crate::import::graph::Graph;
use crate::import::node::OnnxNode;
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "MatMul" => matmul(graph, node)?,
        "Gemm" => gemm(graph, node)?,
        "Einsum" => super::einsum::einsum(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

fn matmul(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    if a.dtype() == DType::F32 {
        return graph.matmul(a, b);
    }
    // Integers are multiplied and summed element by element; they are rare and small.
    let dtype = a.dtype();
    let (left, right) = crate::import::expressions::matrices(a, b)?;
    let rank = left.rank().max(right.rank());
    let wide = |operand: &Operand, columns: bool| {
        let mut dims = vec![1; rank - operand.rank()];
        dims.extend(operand.dims());
        dims.insert(if columns { rank - 2 } else { rank }, 1);
        operand.reshaped(dims)
    };
    let products = graph.mul(&wide(&left, false)?, &wide(&right, true)?)?;
    let sums = graph.reduce(opml_ops::ReduceFunction::Sum, &products, &[rank - 1])?;
    let mut dims = sums.dims().to_vec();
    dims.remove(rank - 1);
    let product = graph.cast(&sums.reshaped(dims)?, dtype)?;
    crate::import::expressions::without_added_axes(product, a, b)
}

fn gemm(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let turned = |graph: &mut Graph, place: usize, attribute: &str| -> Outcome<Operand> {
        let operand = node.input(place)?;
        if operand.rank() != 2 {
            return Err(Problem::new(format!(
                "input {place} has {} dimensions; it takes matrices",
                operand.rank()
            )));
        }
        match node.flag(attribute, false)? {
            true => graph.transpose_matrices(operand),
            false => Ok(operand.clone()),
        }
    };
    let (a, b) = (turned(graph, 0, "transA")?, turned(graph, 1, "transB")?);
    let dtype = a.dtype();
    let (a, b) = (graph.cast(&a, DType::F32)?, graph.cast(&b, DType::F32)?);
    let mut result = graph.matmul(&a, &b)?;
    let (alpha, beta) = (node.float("alpha", 1.0)?, node.float("beta", 1.0)?);
    if alpha != 1.0 {
        result = graph.scale(&result, alpha)?;
    }
    if let Some(c) = node.optional(2) {
        let mut c = graph.cast(c, DType::F32)?;
        if beta != 1.0 {
            c = graph.scale(&c, beta)?;
        }
        let dims = result.dims().to_vec();
        result = graph.add(&result, &c)?;
        if result.dims() != dims {
            return Err(Problem::new("the matrix that is added has another shape"));
        }
    }
    graph.cast(&result, dtype)
}
