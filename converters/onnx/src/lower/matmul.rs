use ndarray::{Axis, Ix2};
use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use crate::float::{Bounds, MatMul, Operation};

/// `A · B` with constant B of two dimensions; A's leading dimensions are rows.
pub(super) fn lower<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    node.attributes.only(&[])?;
    let x = lowering.computed(node, 0)?;
    let Ok(weights) = lowering.constant(node, 1)?.into_dimensionality::<Ix2>() else {
        return Err(node.refuse("takes weights of two dimensions", "write an operator: see ARCHITECTURE"));
    };
    let mut shape = lowering.shape(x).to_vec();
    if shape.len() < 2 || shape.last() != Some(&weights.len_of(Axis(0))) {
        return Err(node.refuse("takes rows as long as its weights are deep", "check the model"));
    }
    let outputs = weights.len_of(Axis(1));
    shape.pop();
    shape.push(outputs);
    let product = MatMul {
        weights: weights.t().as_standard_layout().into_owned(),
        bias: vec![0.0; outputs],
        bounds: Bounds::NONE,
    };
    lowering.add(node, Operation::MatMul(product), vec![x], &shape)
}
