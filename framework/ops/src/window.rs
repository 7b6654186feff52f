use crate::signature::{padding, positive};
use crate::{AdmitError, Record};

/// How a window slides along one axis of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The image's size.
    pub size: u32,
    /// Taps.
    pub kernel: u32,
    /// Steps between windows.
    pub stride: u32,
    /// Steps between taps.
    pub dilation: u32,
    /// Padding before the image.
    pub before: u32,
    /// Padding after the image.
    pub after: u32,
}

impl Window {
    /// The number of windows: `(size + pads − dilation·(kernel − 1) − 1) / stride + 1`; `None` when there is none.
    pub fn output(&self) -> Option<u32> {
        let padded = u64::from(self.size) + u64::from(self.before) + u64::from(self.after);
        let extent = u64::from(self.dilation) * u64::from(self.kernel).checked_sub(1)? + 1;
        let steps = padded.checked_sub(extent)?.checked_div(u64::from(self.stride))?;
        u32::try_from(steps + 1).ok()
    }

    /// The place in the image of tap `tap` of window `window`; at or past `size` (also when before 0) means padding.
    #[inline]
    pub fn place(&self, window: usize, tap: usize) -> usize {
        (window * self.stride as usize)
            .wrapping_add(tap * self.dilation as usize)
            .wrapping_sub(self.before as usize)
    }
}

/// The windows along height and width, from two attribute words each: kernel, stride, pads (before h, w, after h, w),
/// and, when `dilations` names a place, dilation.
pub(crate) fn windows(
    record: &Record,
    [height, width]: [u32; 2],
    kernels: usize,
    dilations: Option<usize>,
) -> Result<[Window; 2], AdmitError> {
    let strides = kernels + 2;
    let pads = strides + 2;
    let axis = |size, axis| -> Result<Window, AdmitError> {
        Ok(Window {
            size,
            kernel: positive(record, kernels + axis, "kernel")?,
            stride: positive(record, strides + axis, "stride")?,
            dilation: match dilations {
                Some(place) => positive(record, place + axis, "dilation")?,
                None => 1,
            },
            before: padding(record, pads + axis, "padding")?,
            after: padding(record, pads + 2 + axis, "padding")?,
        })
    };
    Ok([axis(height, 0)?, axis(width, 1)?])
}
