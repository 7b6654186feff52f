use crate::convolution::{CONVOLUTION_WORDS, Convolution};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, expect_shape, shape};
use crate::zero_point::{byte, byte_type, expect_initial, initial};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A convolution of bytes less their zero points, plus a bias if there is one, modulo 2^32; taps in the padding are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvInteger {
    /// Sizes and windows.
    pub convolution: Convolution,
    /// Whether x and weights are signed.
    pub signed: [bool; 2],
    /// Whether each output has its own zero point for the weights.
    pub each_output: bool,
    /// Whether input 4 is a bias.
    pub bias: bool,
}

impl ConvInteger {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<ConvInteger, AdmitError> {
        let types = [any(record, 0)?.dtype, any(record, 1)?.dtype];
        let signed = [byte_type(record, 0)?, byte_type(record, 1)?];
        let convolution = Convolution::of(record, types)?;
        expect_shape(record, 2, types[0], shape(&[1])?)?;
        let each_output = any(record, 3)?.shape.elements() != 1;
        let outputs = (convolution.outputs * convolution.groups) as u32;
        let zero_points = if each_output { outputs } else { 1 };
        expect_shape(record, 3, types[1], shape(&[zero_points])?)?;
        Ok(ConvInteger {
            convolution,
            signed,
            each_output,
            bias: expect_initial(record, outputs)?,
        })
    }
}

impl Kernel for ConvInteger {
    const ATTRIBUTES: usize = CONVOLUTION_WORDS;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        ConvInteger::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I32, self.convolution.shape)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + self.convolution.work_units(4)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, weights, x_zero, weight_zero, ref bias @ ..] = inputs else {
            return Ok(());
        };
        let bias = bias.first().map_or(&[][..], |bias| bias.as_chunks().0);
        let [x_signed, weights_signed] = self.signed;
        let x_zero = byte(x_zero, 0, x_signed);
        for (result, element) in output.as_chunks_mut::<4>().0.iter_mut().zip(start / 4..) {
            let channel = if self.each_output || self.bias {
                self.convolution.window(element).1
            } else {
                0
            };
            let weight_zero = byte(weight_zero, if self.each_output { channel } else { 0 }, weights_signed);
            let mut sum = initial(bias, channel);
            self.convolution.products(element, |in_x, in_weights| {
                let x = byte(x, in_x, x_signed).wrapping_sub(x_zero);
                let weight = byte(weights, in_weights, weights_signed).wrapping_sub(weight_zero);
                sum = sum.wrapping_add(x.wrapping_mul(weight));
            });
            *result = sum.to_le_bytes();
        }
        Ok(())
    }
}
