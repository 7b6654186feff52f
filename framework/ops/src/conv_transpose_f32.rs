use crate::conv_f32::expect_bias;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_shape, positive, typed};
use crate::sliding::{AXES, AXIS_WORDS, Sliding, output_shape, split};
use crate::{AdmitError, DType, Record, RunError, Shape, Window};

/// A transposed convolution of `x [batch, channels, …]` with `weights [channels, outputs / groups, kernel…]`.
///
/// One accumulator an output, from +0, over (channel, tap) ascending of the taps that an input element reaches it by; then the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTransposeF32 {
    /// Groups; each has its own channels and outputs.
    pub groups: usize,
    /// Input channels of one group.
    pub channels: usize,
    /// Outputs of one group.
    pub outputs: usize,
    /// Elements along each axis of the output.
    pub size: [usize; AXES],
    /// Whether input 2 is a bias.
    pub bias: bool,
    sliding: Sliding,
    shape: Shape,
}

impl ConvTransposeF32 {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<ConvTransposeF32, AdmitError> {
        let (x, weights) = (typed(record, 0, DType::F32)?, typed(record, 1, DType::F32)?);
        let sliding = Sliding::of(record, &x, 1)?;
        let groups = positive(record, 0, "groups")?;
        let channels = x.dims().get(1).copied().unwrap_or(1);
        let outputs = weights.dims().get(1).copied().unwrap_or(1);
        if channels % groups != 0 {
            return Err(AdmitError::Attribute {
                place: 0,
                name: "groups",
                value: groups as i32,
                rule: "a divisor of input and output channels",
            });
        }
        let mut dims = [0; crate::MAX_RANK];
        let kernel = sliding.axes.iter().skip(AXES - sliding.rank).map(|axis| axis.kernel);
        for (place, dim) in dims.iter_mut().zip([channels, outputs].into_iter().chain(kernel)) {
            *place = dim;
        }
        let expected = crate::signature::shape(dims.get(..x.rank()).unwrap_or(&[]))?;
        expect_shape(record, 1, DType::F32, expected)?;
        let mut size = [0; AXES];
        for ((size, axis), beyond) in size.iter_mut().zip(&sliding.axes).zip(sliding.beyond) {
            let reach = u64::from(axis.size - 1) * u64::from(axis.stride)
                + u64::from(axis.kernel - 1) * u64::from(axis.dilation)
                + 1
                + u64::from(beyond);
            let cut = u64::from(axis.before) + u64::from(axis.after);
            let left = reach
                .checked_sub(cut)
                .filter(|left| *left > 0 && *left <= u64::from(u32::MAX));
            *size = left.ok_or(AdmitError::Window)? as usize;
        }
        let outputs_of_all = outputs.checked_mul(groups).ok_or(AdmitError::Window)?;
        Ok(ConvTransposeF32 {
            groups: groups as usize,
            channels: (channels / groups) as usize,
            outputs: outputs as usize,
            sliding,
            size,
            bias: expect_bias(record, outputs_of_all)?,
            shape: output_shape(&x, outputs_of_all, size)?,
        })
    }

    /// The windows along the three axes: an input element reaches `place · stride + tap · dilation − before`.
    pub fn windows(&self) -> &[Window; AXES] {
        &self.sliding.axes
    }

    /// Multiply-adds of the whole output at most.
    pub fn multiply_adds(&self) -> u64 {
        let taps: usize = self.sliding.kernel().iter().product();
        u64::from(self.shape.elements()) * (self.channels * taps) as u64
    }

    fn sum(&self, x: &[[u8; 4]], weights: &[[u8; 4]], element: usize) -> (usize, f32) {
        let (rest, at) = split(element, self.size);
        let outputs = self.outputs * self.groups;
        let (image, output) = (rest / outputs, rest % outputs);
        let (group, output_of_group) = (output / self.outputs, output % self.outputs);
        let [sizes, kernel] = [self.sliding.image(), self.sliding.kernel()];
        let (plane, taps): (usize, usize) = (sizes.iter().product(), kernel.iter().product());
        let source = |axis: usize, tap: usize| {
            let window = &self.sliding.axes[axis];
            let place = (at[axis] + window.before as usize).checked_sub(tap * window.dilation as usize)?;
            let (place, rest) = (place / window.stride as usize, place % window.stride as usize);
            (rest == 0 && place < window.size as usize).then_some(place)
        };
        let at = |words: &[[u8; 4]], place: usize| F32::read(words.get(place).copied().unwrap_or([0; 4]));
        let mut sum = 0.0;
        for channel in group * self.channels..(group + 1) * self.channels {
            let first_x = (image * self.channels * self.groups + channel) * plane;
            let first_weight = (channel * self.outputs + output_of_group) * taps;
            for tap in 0..taps {
                let (_, [z, y, column]) = split(tap, kernel);
                if let (Some(z), Some(y), Some(column)) = (source(0, z), source(1, y), source(2, column)) {
                    let place = (z * sizes[1] + y) * sizes[2] + column;
                    sum += at(x, first_x + place) * at(weights, first_weight + tap);
                }
            }
        }
        (output, sum)
    }
}

impl Kernel for ConvTransposeF32 {
    const ATTRIBUTES: usize = 1 + AXIS_WORDS * AXES;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        ConvTransposeF32::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.shape)
    }

    fn work_units(&self) -> u64 {
        let taps: usize = self.sliding.kernel().iter().product();
        BASE_UNITS + u64::from(self.shape.elements()) * (128 + 96 * (self.channels * taps) as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let operand = |input: usize| inputs.get(input).map_or(&[][..], |bytes| bytes.as_chunks::<4>().0);
        let [x, weights, bias] = [0, 1, 2].map(operand);
        for (result, element) in output.as_chunks_mut::<4>().0.iter_mut().zip(start / 4..) {
            let (channel, sum) = self.sum(x, weights, element);
            let bias = bias.get(channel).filter(|_| self.bias).map(|bias| F32::read(*bias));
            *result = F32::write(bias.map_or(sum, |bias| sum + bias));
        }
        Ok(())
    }
}
