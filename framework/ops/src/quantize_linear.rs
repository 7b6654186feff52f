use crate::float::round_half_even;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, I8, I16, I32, Scalar, U8};
use crate::signature::{any, expect_inputs, flag, typed, wrong_type};
use crate::walk::Walk;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// x / scale, or x · scale, rounded half to even, plus a zero point, saturated to the zero point's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuantizeLinear {
    /// The type of x: f32 or i32.
    from: DType,
    to: DType,
    /// Whether x is multiplied by the scale: a requantisation of sums.
    multiply: bool,
    walk: Walk<3>,
    output: Shape,
}

impl QuantizeLinear {
    fn write<S: Scalar<N, Value = i64>, const N: usize>(
        &self,
        [x, scale, zero_point]: [&[u8]; 3],
        output: &mut [u8],
        start: usize,
        [least, greatest]: [i64; 2],
    ) {
        let output = output.as_chunks_mut::<N>().0;
        self.walk.stretches(start, output.len(), |done, length, places, steps| {
            let results = output.get_mut(done..done + length).unwrap_or_default();
            for (place, result) in results.iter_mut().enumerate() {
                let [in_x, in_scale, in_zero] = [0, 1, 2].map(|operand| places[operand] + place * steps[operand]);
                let x = match self.from {
                    DType::I32 => I32::at(x, in_x) as f32,
                    _ => F32::at(x, in_x),
                };
                let scale = F32::at(scale, in_scale);
                let scaled = if self.multiply { x * scale } else { x / scale };
                let value = i64::from(round_half_even(scaled) as i32) + S::at(zero_point, in_zero);
                let value = if value < least { least } else { value };
                *result = S::write(if value > greatest { greatest } else { value });
            }
        });
    }
}

/// The type of a zero point, which must be one that values are quantised to.
pub(crate) fn quantized_type(record: &Record, input: usize) -> Result<DType, AdmitError> {
    match any(record, input)?.dtype {
        dtype @ (DType::I8 | DType::U8 | DType::I16) => Ok(dtype),
        given => Err(wrong_type(input, DType::I8, given)),
    }
}

impl Kernel for QuantizeLinear {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let x = any(record, 0)?;
        if !matches!(x.dtype, DType::F32 | DType::I32) {
            return Err(wrong_type(0, DType::F32, x.dtype));
        }
        let (scale, zero_point) = (typed(record, 1, DType::F32)?, any(record, 2)?.shape);
        let (walk, output) = Walk::broadcast([x.shape, scale, zero_point])?;
        Ok(QuantizeLinear {
            from: x.dtype,
            to: quantized_type(record, 2)?,
            multiply: flag(record, 0, "multiply")?,
            walk,
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.to, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 192 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, scale, zero_point] = inputs else {
            return Ok(());
        };
        let inputs = [x, scale, zero_point];
        match self.to {
            DType::U8 => self.write::<U8, 1>(inputs, output, start, [0, 255]),
            DType::I16 => self.write::<I16, 2>(inputs, output, start / 2, [-32768, 32767]),
            _ => self.write::<I8, 1>(inputs, output, start, [-128, 127]),
        }
        Ok(())
    }
}
