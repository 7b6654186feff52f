use opml_graph::ConvertError;

use super::node::OnnxNode;
use opml_ops::Window;

/// Reads how a window of `kernel` taps slides over an image of `size` (height, width): strides, pads or auto_pad, and, when
/// the operator has them, dilations.
pub(super) fn windows(
    node: &OnnxNode,
    size: [usize; 2],
    kernel: [u32; 2],
    dilations: [u32; 2],
) -> Result<[Window; 2], ConvertError> {
    let strides = node.attributes.sizes("strides", 1, [1; 2])?;
    let pads = node.attributes.sizes("pads", 0, [0; 4])?;
    let mode = node.attributes.text("auto_pad")?.unwrap_or("NOTSET");
    let axis = |axis: usize| -> Result<Window, ConvertError> {
        let size = u32::try_from(size[axis]).map_err(|_| node.refuse("takes too large an image", ""))?;
        let mut window = Window {
            size,
            kernel: kernel[axis],
            stride: strides[axis],
            dilation: dilations[axis],
            before: pads[axis],
            after: pads[axis + 2],
        };
        match mode {
            "" | "NOTSET" => {}
            "VALID" => (window.before, window.after) = (0, 0),
            "SAME_UPPER" => (window.before, window.after) = same(&window),
            "SAME_LOWER" => {
                let (less, more) = same(&window);
                (window.before, window.after) = (more, less);
            }
            other => return Err(node.attributes.refuse("auto_pad", &format!("cannot be `{other}`"))),
        }
        match window.output() {
            Some(output) if output > 0 && window.before < 1 << 16 && window.after < 1 << 16 => Ok(window),
            _ => Err(node.refuse(
                "has a window larger than its padded image",
                "check kernel, pads and dilations",
            )),
        }
    };
    Ok([axis(0)?, axis(1)?])
}

/// The smaller and the larger half of the padding that makes the output `ceil(size / stride)`.
fn same(window: &Window) -> (u32, u32) {
    let steps = u64::from(window.size.div_ceil(window.stride).saturating_sub(1));
    let extent = u64::from(window.dilation) * u64::from(window.kernel - 1) + 1;
    let padding = (steps * u64::from(window.stride) + extent).saturating_sub(u64::from(window.size));
    let padding = padding.min(u64::from(u32::MAX)) as u32;
    (padding / 2, padding.div_ceil(2))
}
