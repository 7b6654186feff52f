use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use crate::float::{Bounds, Operation};

/// The sum of two computed tensors of one shape, or of a computed tensor and a constant that has no larger shape.
pub(super) fn lower<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    node.attributes.only(&[])?;
    let shape = lowering.output_shape(node)?.to_vec();
    let mut inputs = Vec::with_capacity(2);
    for place in 0..2 {
        if !lowering.is_constant(node, place) {
            inputs.push(lowering.computed(node, place)?);
        }
    }
    for place in 0..2 {
        if lowering.is_constant(node, place) {
            inputs.push(lowering.add_constant(node, place, &shape)?);
        }
    }
    if inputs.iter().any(|input| lowering.shape(*input) != shape) {
        return Err(node.refuse(
            "adds computed tensors of different shapes",
            "write an operator: see ARCHITECTURE",
        ));
    }
    lowering.add(node, Operation::Add(Bounds::NONE), inputs, &shape)
}
