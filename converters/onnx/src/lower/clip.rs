use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use crate::float::{Bounds, Operation};

/// The greater of a value and 0.
pub(super) fn lower_relu<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    node.attributes.only(&[])?;
    add(lowering, node, 0.0, f32::INFINITY)
}

/// A value between bounds, which are attributes before operator set 11 and inputs from then on.
pub(super) fn lower_clip<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    node.attributes.only(&["min", "max"])?;
    let minimum = match lowering.scalar(node, 1)? {
        Some(minimum) => minimum,
        None => node.attributes.float("min", f32::NEG_INFINITY)?,
    };
    let maximum = match lowering.scalar(node, 2)? {
        Some(maximum) => maximum,
        None => node.attributes.float("max", f32::INFINITY)?,
    };
    add(lowering, node, minimum, maximum)
}

fn add<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>, minimum: f32, maximum: f32) -> Result<(), ConvertError> {
    let x = lowering.computed(node, 0)?;
    let shape = lowering.shape(x).to_vec();
    let operation = Operation::Clip(Bounds { minimum, maximum });
    lowering.add(node, operation, vec![x], &shape)
}
