use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use super::window::windows;
use crate::float::{MaxPool2d, Operation};

/// Two-dimensional max pooling. Rounding sizes up is supported where it makes no difference.
pub(super) fn lower<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    let known = [
        "auto_pad",
        "ceil_mode",
        "dilations",
        "kernel_shape",
        "pads",
        "storage_order",
        "strides",
    ];
    node.attributes.only(&known)?;
    let x = lowering.computed(node, 0)?;
    let &[batch, channels, height, width] = lowering.shape(x) else {
        return Err(node.refuse(
            "is not two-dimensional; only [batch, channels, height, width] is supported",
            "insert a dimension of 1, or write an operator: see ARCHITECTURE",
        ));
    };
    let kernel = node.attributes.sizes("kernel_shape", 1, [0; 2])?;
    if kernel == [0; 2] {
        return Err(node.attributes.refuse("kernel_shape", "is missing"));
    }
    if node.attributes.sizes("dilations", 1, [1; 2])? != [1; 2] {
        return Err(node.attributes.refuse("dilations", "is not supported"));
    }
    let windows = windows(node, [height, width], kernel, [1; 2])?;
    if windows
        .iter()
        .any(|window| window.before >= window.kernel || window.after >= window.kernel)
    {
        return Err(node.attributes.refuse("pads", "must be smaller than the kernel"));
    }
    let [high, wide] = windows.map(|window| window.output().unwrap_or(0) as usize);
    let shape = [batch, channels, high, wide];
    lowering.add(node, Operation::MaxPool2d(MaxPool2d { windows }), vec![x], &shape)
}
