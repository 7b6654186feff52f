use crate::float::nearest_integer;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, I8, I16, Scalar, U8};
use crate::signature::{any, expect_inputs, flag, typed, wrong_type};
use crate::walk::Walk;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// x / scale, or x · scale, rounded half to even, plus a zero point, saturated to the zero point's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantizeLinear {
    /// The type of x: f32 or i32.
    from: DType,
    /// The type of the result.
    pub to: DType,
    /// Whether x is multiplied by the scale: a requantisation of sums.
    multiply: bool,
    walk: Walk<3>,
    output: Shape,
}

impl QuantizeLinear {
    /// Computes elements from element `start` on; inlined as `Unary::floats`.
    #[inline(always)]
    pub fn compute(&self, inputs: [&[u8]; 3], output: &mut [u8], start: usize) {
        match self.to {
            DType::U8 => self.write::<U8, 1>(inputs, output, start, [0, 255]),
            DType::I16 => self.write::<I16, 2>(inputs, output, start, [-32768, 32767]),
            _ => self.write::<I8, 1>(inputs, output, start, [-128, 127]),
        }
    }

    #[inline(always)]
    fn write<S: Scalar<N, Value = i64>, const N: usize>(
        &self,
        [x, scale, zero_point]: [&[u8]; 3],
        output: &mut [u8],
        start: usize,
        bounds: [i32; 2],
    ) {
        let output = output.as_chunks_mut::<N>().0;
        let x = x.as_chunks::<4>().0;
        self.walk.stretches(
            start,
            output.len(),
            #[inline(always)]
            |done, length, places, steps| {
                let results = output.get_mut(done..done + length).unwrap_or_default();
                let rest = x.get(places[0]..).unwrap_or(&[]);
                if steps == [1, 0, 0] {
                    // One scale and one zero point for the whole stretch.
                    let (scale, zero) = (F32::at(scale, places[1]), S::at(zero_point, places[2]) as i32);
                    for (result, x) in results.iter_mut().zip(rest) {
                        *result = S::write(i64::from(self.quantized(*x, scale, zero, bounds)));
                    }
                    return;
                }
                for (place, result) in results.iter_mut().enumerate() {
                    let [in_scale, in_zero] = [1, 2].map(|operand| places[operand] + place * steps[operand]);
                    let (scale, zero) = (F32::at(scale, in_scale), S::at(zero_point, in_zero) as i32);
                    let x = rest.get(place * steps[0]).copied().unwrap_or([0; 4]);
                    *result = S::write(i64::from(self.quantized(x, scale, zero, bounds)));
                }
            },
        );
    }

    /// One element, bounded.
    #[inline(always)]
    fn quantized(&self, x: [u8; 4], scale: f32, zero: i32, [least, greatest]: [i32; 2]) -> i32 {
        let x = match self.from {
            DType::I32 => i32::from_le_bytes(x) as f32,
            _ => F32::read(x),
        };
        let scaled = if self.multiply { x * scale } else { x / scale };
        let value = nearest_integer(scaled).wrapping_add(zero);
        let value = if value < least { least } else { value };
        if value > greatest { greatest } else { value }
    }

    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<QuantizeLinear, AdmitError> {
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
        QuantizeLinear::plan(record)
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
        self.compute([x, scale, zero_point], output, start / self.to.bytes() as usize);
        Ok(())
    }
}
