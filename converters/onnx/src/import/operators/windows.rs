//! Kernels, strides, dilations and pads of sliding windows.

use crate::import::node::{OnnxNode, size};
use crate::import::problem::{Outcome, Problem, unsupported};

/// A window along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) size: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    pub(super) before: usize,
    pub(super) after: usize,
    /// Elements past the padding that the last window may reach.
    pub(super) beyond: usize,
}

impl Window {
    /// The distance from a window's first tap to just after its last one.
    pub(super) fn extent(&self) -> usize {
        self.kernel
            .saturating_sub(1)
            .saturating_mul(self.dilation)
            .saturating_add(1)
    }
}

/// The windows over `sizes`, as the node's attributes say; `kernel` is what they say nothing of.
pub(super) fn windows(node: &OnnxNode, sizes: &[usize], kernel: Option<&[usize]>) -> Outcome<Vec<Window>> {
    let rank = sizes.len();
    let list = |name: &str, length: usize, default: usize| -> Outcome<Vec<usize>> {
        match node.ints(name)? {
            None => Ok(vec![default; length]),
            Some(given) if given.len() == length => {
                let negative = |_| Problem::new(format!("the attribute `{name}` has a negative number"));
                given.iter().map(|given| size(*given).map_err(negative)).collect()
            }
            Some(given) => Err(Problem::new(format!(
                "the attribute `{name}` has {} numbers for {rank} axes",
                given.len()
            ))),
        }
    };
    let kernels = match (node.ints("kernel_shape")?, kernel) {
        (Some(_), _) => list("kernel_shape", rank, 1)?,
        (None, Some(kernel)) => kernel.to_vec(),
        (None, None) => return Err(Problem::new("the attribute `kernel_shape` is missing")),
    };
    let (strides, dilations) = (list("strides", rank, 1)?, list("dilations", rank, 1)?);
    let pads = list("pads", 2 * rank, 0)?;
    let mode = node.text("auto_pad", "NOTSET")?;
    let ceil = node.flag("ceil_mode", false)?;
    let window = |axis: usize| -> Outcome<Window> {
        let mut window = Window {
            size: sizes[axis],
            kernel: kernels[axis],
            stride: strides[axis],
            dilation: dilations[axis],
            before: pads[axis],
            after: pads[axis + rank],
            beyond: 0,
        };
        if window.stride == 0 || window.kernel == 0 || window.dilation == 0 {
            return Err(Problem::new("kernels, strides and dilations are at least 1"));
        }
        match mode {
            "NOTSET" | "" => {}
            "VALID" => (window.before, window.after) = (0, 0),
            "SAME_UPPER" | "SAME_LOWER" => {
                let outputs = window.size.div_ceil(window.stride);
                let reach = outputs.saturating_sub(1) * window.stride + window.extent();
                let pad = reach.saturating_sub(window.size);
                let (less, more) = (pad / 2, pad - pad / 2);
                (window.before, window.after) = if mode == "SAME_UPPER" {
                    (less, more)
                } else {
                    (more, less)
                };
            }
            other => return Err(unsupported("auto_pad", other, "NOTSET, VALID, SAME_UPPER, SAME_LOWER")),
        }
        if ceil {
            let padded = window.size + window.before + window.after;
            let steps = padded.saturating_sub(window.extent()).div_ceil(window.stride);
            // A window that would begin in the padding behind is left out.
            let begins_behind = steps * window.stride >= window.size + window.before;
            let steps = steps - usize::from(begins_behind && steps > 0);
            window.beyond = (steps * window.stride + window.extent()).saturating_sub(padded);
        }
        Ok(window)
    };
    (0..rank).map(window).collect()
}

/// The attribute words of windows: kernel, stride, dilation, padding before and after, and what lies beyond.
pub(super) fn words(windows: &[Window]) -> impl Iterator<Item = u32> + '_ {
    let word = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    windows.iter().flat_map(move |window| {
        [
            window.kernel,
            window.stride,
            window.dilation,
            window.before,
            window.after,
            window.beyond,
        ]
        .map(word)
    })
}
