use ndarray::{ArrayD, ArrayView2, Axis, Ix2};
use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use crate::float::{Bounds, MatMul, Operation};

/// `alpha · A · B + beta · C` with constant B and C.
pub(super) fn lower<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    node.attributes.only(&["alpha", "beta", "transA", "transB"])?;
    if node.attributes.int("transA", 0)? != 0 {
        return Err(node.attributes.refuse("transA", "is not supported"));
    }
    let x = lowering.computed(node, 0)?;
    let &[rows, depth] = lowering.shape(x) else {
        return Err(node.refuse("takes a matrix", "flatten its input first"));
    };
    let Ok(mut weights) = lowering.constant(node, 1)?.into_dimensionality::<Ix2>() else {
        return Err(node.refuse("takes a matrix of weights", "export the model again"));
    };
    if node.attributes.int("transB", 0)? == 0 {
        weights.swap_axes(0, 1);
    }
    let outputs = weights.len_of(Axis(0));
    if weights.len_of(Axis(1)) != depth {
        return Err(node.refuse("has weights of another depth than its input", "check the model"));
    }
    let alpha = node.attributes.float("alpha", 1.0)?;
    let beta = node.attributes.float("beta", 1.0)?;
    let bias = match lowering.optional_constant(node, 2)? {
        None => vec![0.0; outputs],
        Some(bias) => row_bias(&bias, rows, outputs).ok_or_else(|| {
            node.refuse(
                "adds a constant that differs from row to row",
                "add it with an Add node of its own",
            )
        })?,
    };
    let product = MatMul {
        weights: weights.mapv(|weight| weight * alpha).as_standard_layout().into_owned(),
        bias: bias.into_iter().map(|bias| bias * beta).collect(),
        bounds: Bounds::NONE,
    };
    lowering.add(node, Operation::MatMul(product), vec![x], &[rows, outputs])
}

/// The one row of which a constant, laid out as `[rows, outputs]`, consists.
fn row_bias(bias: &ArrayD<f32>, rows: usize, outputs: usize) -> Option<Vec<f32>> {
    let laid_out = bias.broadcast([rows, outputs])?;
    let laid_out: ArrayView2<f32> = laid_out.into_dimensionality().ok()?;
    let first = laid_out.row(0);
    laid_out
        .rows()
        .into_iter()
        .all(|row| row == first)
        .then(|| first.to_vec())
}
