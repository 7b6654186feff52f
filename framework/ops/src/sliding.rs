//! Windows that slide over one to three spatial axes of a tensor `[batch, channels, …]`.

use core::ops::Range;

use crate::signature::{padding, positive};
use crate::{AdmitError, Record, Shape, Window};

/// Attribute words of one axis: kernel, stride, dilation, padding before, padding after, and what the operator adds of its own.
pub(crate) const AXIS_WORDS: usize = 6;
/// Spatial axes at most.
pub(crate) const AXES: usize = 3;

/// A window along each of three axes; a tensor with fewer has axes of size 1 before its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sliding {
    /// Spatial axes that the tensor has.
    pub(crate) rank: usize,
    pub(crate) axes: [Window; AXES],
    /// The last word of each axis.
    pub(crate) beyond: [u32; AXES],
}

const POINT: Window = Window {
    size: 1,
    kernel: 1,
    stride: 1,
    dilation: 1,
    before: 0,
    after: 0,
};

impl Sliding {
    /// Reads the windows over `x` from the attribute words at `first`, six an axis, zeros after the last.
    pub(crate) fn of(record: &Record, x: &Shape, first: usize) -> Result<Sliding, AdmitError> {
        let rank = x.rank().wrapping_sub(2);
        if rank == 0 || rank > AXES {
            return Err(AdmitError::InputRank {
                input: 0,
                expected: 4,
                given: x.rank(),
            });
        }
        let mut sliding = Sliding {
            rank,
            axes: [POINT; AXES],
            beyond: [0; AXES],
        };
        let places = sliding.axes.iter_mut().zip(&mut sliding.beyond).skip(AXES - rank);
        let sizes = x.dims().iter().skip(2);
        for (axis, ((window, beyond), size)) in places.zip(sizes).enumerate() {
            let word = first + AXIS_WORDS * axis;
            *window = Window {
                size: *size,
                kernel: positive(record, word, "kernel")?,
                stride: positive(record, word + 1, "stride")?,
                dilation: positive(record, word + 2, "dilation")?,
                before: padding(record, word + 3, "padding")?,
                after: padding(record, word + 4, "padding")?,
            };
            *beyond = padding(record, word + 5, "beyond")?;
        }
        let surplus = first + AXIS_WORDS * rank..first + AXIS_WORDS * AXES;
        match surplus.into_iter().find(|place| record.attribute(*place) != 0) {
            Some(place) => Err(AdmitError::Attribute {
                place,
                name: "unused",
                value: record.signed_attribute(place),
                rule: "0",
            }),
            None => Ok(sliding),
        }
    }

    /// The sizes of the kernel.
    pub(crate) fn kernel(&self) -> [usize; AXES] {
        self.axes.map(|axis| axis.kernel as usize)
    }

    /// The sizes of the image.
    pub(crate) fn image(&self) -> [usize; AXES] {
        self.axes.map(|axis| axis.size as usize)
    }

    /// The number of windows along each axis.
    pub(crate) fn windows(&self) -> Result<[usize; AXES], AdmitError> {
        let mut sizes = [0; AXES];
        for ((size, axis), beyond) in sizes.iter_mut().zip(&self.axes).zip(self.beyond) {
            let axis = Window {
                after: axis.after + beyond,
                ..*axis
            };
            *size = axis.output().ok_or(AdmitError::Window)? as usize;
        }
        Ok(sizes)
    }

    /// Calls `each(place in the image, tap)` for the taps of window `at` that lie in the image, in row-major order.
    #[inline(always)]
    pub(crate) fn taps(&self, at: [usize; AXES], mut each: impl FnMut(usize, usize)) {
        let [image, kernel] = [self.image(), self.kernel()];
        let [depth, height, width] = [0, 1, 2].map(|axis| self.axes[axis].taps(at[axis]));
        let step = self.axes[2].dilation as usize;
        for z in depth {
            let plane = self.axes[0].place(at[0], z) * image[1];
            for y in height.clone() {
                let row = (plane + self.axes[1].place(at[1], y)) * image[2];
                let mut place = row.wrapping_add(self.axes[2].place(at[2], width.start));
                let first = (z * kernel[1] + y) * kernel[2];
                for x in width.clone() {
                    each(place, first + x);
                    place += step;
                }
            }
        }
    }
}

impl Window {
    /// The taps of window `window` that lie in the image.
    #[inline]
    pub fn taps(&self, window: usize) -> Range<usize> {
        let (from, dilation) = (window * self.stride as usize, self.dilation as usize);
        let first = (self.before as usize).saturating_sub(from).div_ceil(dilation);
        let end = (self.size as usize + self.before as usize)
            .saturating_sub(from)
            .div_ceil(dilation);
        let end = if end < self.kernel as usize {
            end
        } else {
            self.kernel as usize
        };
        if first < end { first..end } else { 0..0 }
    }
}

/// Splits an element of `[…, sizes]` into what lies outside and its place along each axis.
#[inline]
pub(crate) fn split(element: usize, sizes: [usize; AXES]) -> (usize, [usize; AXES]) {
    let (rest, x) = (element / sizes[2], element % sizes[2]);
    let (rest, y) = (rest / sizes[1], rest % sizes[1]);
    (rest / sizes[0], [rest % sizes[0], y, x])
}

/// The dimensions `[batch, channels, …]` of an output with these sizes along the spatial axes.
pub(crate) fn output_shape(x: &Shape, channels: u32, sizes: [usize; AXES]) -> Result<Shape, AdmitError> {
    let mut dims = [0; crate::MAX_RANK];
    let rank = x.rank();
    let batch = x.dims().first().copied().unwrap_or(1);
    let spatial = sizes.iter().skip(AXES + 2 - rank).map(|size| *size as u32);
    for (place, dim) in dims.iter_mut().zip([batch, channels].into_iter().chain(spatial)) {
        *place = dim;
    }
    crate::signature::shape(dims.get(..rank).unwrap_or(&[]))
}
