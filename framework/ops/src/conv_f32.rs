use crate::convolution::{CONVOLUTION_WORDS, Convolution};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_shape, shape};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A convolution over one to three spatial axes.
///
/// One accumulator an output, from +0, over (channel, tap) ascending; taps in the padding are skipped; then the bias, if any, is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvF32 {
    /// Sizes and windows.
    pub convolution: Convolution,
    /// Whether input 2 is a bias.
    pub bias: bool,
}

impl ConvF32 {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<ConvF32, AdmitError> {
        let convolution = Convolution::of(record, [DType::F32; 2])?;
        let bias = expect_bias(record, (convolution.outputs * convolution.groups) as u32)?;
        Ok(ConvF32 { convolution, bias })
    }
}

/// Whether there is an input 2, which must be one f32 for each output.
pub(crate) fn expect_bias(record: &Record, outputs: u32) -> Result<bool, AdmitError> {
    match record.input_count() {
        2 => Ok(false),
        3 => expect_shape(record, 2, DType::F32, shape(&[outputs])?).map(|()| true),
        given => Err(AdmitError::InputCount { expected: 2, given }),
    }
}

impl Kernel for ConvF32 {
    const ATTRIBUTES: usize = CONVOLUTION_WORDS;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        ConvF32::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.convolution.shape)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + self.convolution.work_units(32)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let operand = |input: usize| inputs.get(input).map_or(&[][..], |bytes| bytes.as_chunks::<4>().0);
        let [x, weights, bias] = [0, 1, 2].map(operand);
        let at = |words: &[[u8; 4]], place: usize| F32::read(words.get(place).copied().unwrap_or([0; 4]));
        for (result, element) in output.as_chunks_mut::<4>().0.iter_mut().zip(start / 4..) {
            let mut sum = 0.0;
            let channel = self.convolution.products(element, |in_x, in_weights| {
                sum += at(x, in_x) * at(weights, in_weights);
            });
            *result = F32::write(if self.bias { sum + at(bias, channel) } else { sum });
        }
        Ok(())
    }
}
