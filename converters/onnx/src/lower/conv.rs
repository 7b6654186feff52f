use ndarray::{Ix1, Ix4};
use opml_graph::ConvertError;

use super::lowering::Lowering;
use super::node::OnnxNode;
use super::window::windows;
use crate::float::{Bounds, Conv2d, Operation};

/// A two-dimensional convolution with constant weights and bias.
pub(super) fn lower<'a>(lowering: &mut Lowering<'a>, node: &OnnxNode<'a>) -> Result<(), ConvertError> {
    let known = ["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"];
    node.attributes.only(&known)?;
    let x = lowering.computed(node, 0)?;
    let (&[batch, channels, height, width], Ok(weights)) = (
        lowering.shape(x),
        lowering.constant(node, 1)?.into_dimensionality::<Ix4>(),
    ) else {
        return Err(node.refuse(
            "is not two-dimensional; only [batch, channels, height, width] is supported",
            "insert a dimension of 1, or write an operator: see ARCHITECTURE",
        ));
    };
    let (outputs, depth, high, wide) = weights.dim();
    let groups = usize::try_from(node.attributes.int("group", 1)?).unwrap_or(0);
    if groups == 0 || channels != depth.saturating_mul(groups) || outputs % groups != 0 {
        return Err(node.refuse(
            "has groups that do not divide its channels",
            "check `group` and the weights",
        ));
    }
    let taps = |size: usize| u32::try_from(size).ok().filter(|size| (1..=0xFFFF).contains(size));
    let (Some(high), Some(wide)) = (taps(high), taps(wide)) else {
        return Err(node.refuse("has a kernel that is empty or too large", "check the weights"));
    };
    if node.attributes.sizes("kernel_shape", 1, [high, wide])? != [high, wide] {
        return Err(node.refuse("has weights of another size than `kernel_shape`", "check the model"));
    }
    let dilations = node.attributes.sizes("dilations", 1, [1; 2])?;
    let windows = windows(node, [height, width], [high, wide], dilations)?;
    let bias = match lowering
        .optional_constant(node, 2)?
        .map(|bias| bias.into_dimensionality::<Ix1>())
    {
        None => vec![0.0; outputs],
        Some(Ok(bias)) if bias.len() == outputs => bias.to_vec(),
        Some(_) => return Err(node.refuse("has a bias that is not one number an output", "check the model")),
    };
    let [out_high, out_wide] = windows.map(|window| window.output().unwrap_or(0) as usize);
    let convolution = Conv2d {
        weights: weights.as_standard_layout().into_owned(),
        bias,
        windows,
        groups,
        bounds: Bounds::NONE,
    };
    let shape = [batch, outputs, out_high, out_wide];
    lowering.add(node, Operation::Conv2d(convolution), vec![x], &shape)
}
