//! What convolutions of every type share: sizes, groups, and the order of the taps.

use crate::signature::{any, positive, typed};
use crate::sliding::{AXES, AXIS_WORDS, Sliding, output_shape, split};
use crate::{AdmitError, DType, Record, Shape, Window};

/// Attribute words of a convolution: groups, then the axes.
pub(crate) const CONVOLUTION_WORDS: usize = 1 + AXIS_WORDS * AXES;

/// A convolution of `x [batch, channels, …]` with `weights [outputs, channels / groups, kernel…]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Images.
    pub batch: usize,
    /// Groups; each has its own channels and outputs.
    pub groups: usize,
    /// Input channels of one group.
    pub channels: usize,
    /// Outputs of one group.
    pub outputs: usize,
    /// Windows along each axis of the output.
    pub size: [usize; AXES],
    pub(crate) sliding: Sliding,
    pub(crate) shape: Shape,
}

impl Convolution {
    /// Reads the sizes of inputs 0 and 1 and the attributes.
    pub(crate) fn of(record: &Record, dtypes: [DType; 2]) -> Result<Convolution, AdmitError> {
        let (x, weights) = (typed(record, 0, dtypes[0])?, typed(record, 1, dtypes[1])?);
        let sliding = Sliding::of(record, &x, 1)?;
        let groups = positive(record, 0, "groups")?;
        let [batch, channels] = [0, 1].map(|axis| x.dims().get(axis).copied().unwrap_or(1));
        let outputs = weights.dims().first().copied().unwrap_or(1);
        if channels % groups != 0 || outputs % groups != 0 {
            return Err(AdmitError::Attribute {
                place: 0,
                name: "groups",
                value: groups as i32,
                rule: "a divisor of input and output channels",
            });
        }
        let mut dims = [0; crate::MAX_RANK];
        let kernel = sliding.axes.iter().skip(AXES - sliding.rank).map(|axis| axis.kernel);
        for (place, dim) in dims
            .iter_mut()
            .zip([outputs, channels / groups].into_iter().chain(kernel))
        {
            *place = dim;
        }
        let expected = crate::signature::shape(dims.get(..x.rank()).unwrap_or(&[]))?;
        crate::signature::expect_shape(record, 1, any(record, 1)?.dtype, expected)?;
        if sliding.beyond != [0; AXES] {
            return Err(AdmitError::Window);
        }
        let size = sliding.windows()?;
        Ok(Convolution {
            batch: batch as usize,
            groups: groups as usize,
            channels: (channels / groups) as usize,
            outputs: (outputs / groups) as usize,
            size,
            sliding,
            shape: output_shape(&x, outputs, size)?,
        })
    }

    /// Taps of one channel.
    pub fn taps(&self) -> usize {
        self.sliding.kernel().iter().product()
    }

    /// Elements of one channel of the image.
    pub fn plane(&self) -> usize {
        self.sliding.image().iter().product()
    }

    /// The windows along the three axes.
    pub fn windows(&self) -> &[Window; AXES] {
        &self.sliding.axes
    }

    /// Whether every window is one element, in order, so that the image is its own patches.
    pub fn reads_in_place(&self) -> bool {
        let steps_once = |along: &Window| (along.stride, along.before, along.after) == (1, 0, 0);
        self.taps() == 1 && self.windows().iter().all(steps_once)
    }

    /// The same convolution with the axes along which there is one point only before the others. Order and sums stay, and neighbours along
    /// the last axis lie side by side.
    #[must_use]
    pub fn points_first(mut self) -> Convolution {
        for _ in 1..AXES {
            let along = &self.sliding.axes[AXES - 1];
            if (along.size, along.kernel, along.before, along.after) == (1, 1, 0, 0) {
                self.sliding.axes.rotate_right(1);
                self.sliding.beyond.rotate_right(1);
                self.size.rotate_right(1);
            }
        }
        self
    }

    /// Which output channel an element belongs to, and its window.
    pub(crate) fn window(&self, element: usize) -> (usize, usize, [usize; AXES]) {
        let (rest, window) = split(element, self.size);
        let outputs = self.outputs * self.groups;
        (rest / outputs, rest % outputs, window)
    }

    /// Calls `each(place in x, place in the weights)` for the products that make an output, in their order: channel, then tap.
    #[inline(always)]
    pub(crate) fn products(&self, element: usize, mut each: impl FnMut(usize, usize)) -> usize {
        let (image, output, window) = self.window(element);
        let group = output / self.outputs;
        let (plane, taps) = (self.plane(), self.taps());
        for channel in 0..self.channels {
            let x = ((image * self.groups + group) * self.channels + channel) * plane;
            let weights = (output * self.channels + channel) * taps;
            self.sliding.taps(window, |place, tap| each(x + place, weights + tap));
        }
        output
    }

    /// Multiply-adds of the whole output, padding included.
    pub fn multiply_adds(&self) -> u64 {
        u64::from(self.shape.elements()) * (self.channels * self.taps()) as u64
    }

    /// Work units: `product` for each multiply-add, and what windows and rows cost.
    pub(crate) fn work_units(&self, product: u64) -> u64 {
        let [depth, height, _] = self.sliding.kernel();
        let rows = (self.channels * depth * height) as u64;
        let channels = self.channels as u64;
        u64::from(self.shape.elements()) * (128 + 64 * channels + 16 * rows) + product * self.multiply_adds()
    }
}
