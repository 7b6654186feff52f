use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use crate::float::Operation;

/// The same elements in the inferred shape: Reshape, Flatten, Squeeze, Unsqueeze.
pub(super) fn lower<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    let x = lowering.computed(node, 0)?;
    let shape = lowering.output_shape(node)?.to_vec();
    if shape.iter().product::<usize>() != lowering.shape(x).iter().product::<usize>() {
        return Err(node.refuse("changes the number of elements", "check the model"));
    }
    lowering.add(node, Operation::Reshape, vec![x], &shape)
}

/// The input itself: Identity, and Dropout when nothing is trained.
pub(super) fn lower_identity<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    let x = lowering.computed(node, 0)?;
    lowering.rename(node, x)
}
