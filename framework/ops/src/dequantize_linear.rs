use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, I8, I16, I32, Scalar, U8};
use crate::signature::{any, expect_inputs, typed, wrong_type};
use crate::walk::Walk;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// (x − zero point) · scale: the difference modulo 2^32, then as f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DequantizeLinear {
    from: DType,
    walk: Walk<3>,
    output: Shape,
}

impl DequantizeLinear {
    /// Computes elements from element `start` on; inlined as `Unary::floats`.
    #[inline(always)]
    pub fn compute(&self, inputs: [&[u8]; 3], output: &mut [u8], start: usize) {
        match self.from {
            DType::U8 => self.read::<U8, 1>(inputs, output, start),
            DType::I16 => self.read::<I16, 2>(inputs, output, start),
            DType::I32 => self.read::<I32, 4>(inputs, output, start),
            _ => self.read::<I8, 1>(inputs, output, start),
        }
    }

    #[inline(always)]
    fn read<S: Scalar<N, Value = i64>, const N: usize>(
        &self,
        [x, scale, zero_point]: [&[u8]; 3],
        output: &mut [u8],
        start: usize,
    ) {
        let output = output.as_chunks_mut::<4>().0;
        let x = x.as_chunks::<N>().0;
        let real =
            |x: [u8; N], zero: i32, scale: f32| F32::write((S::read(x) as i32).wrapping_sub(zero) as f32 * scale);
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
                        *result = real(*x, zero, scale);
                    }
                    return;
                }
                for (place, result) in results.iter_mut().enumerate() {
                    let [in_scale, in_zero] = [1, 2].map(|operand| places[operand] + place * steps[operand]);
                    let x = rest.get(place * steps[0]).copied().unwrap_or([0; N]);
                    *result = real(x, S::at(zero_point, in_zero) as i32, F32::at(scale, in_scale));
                }
            },
        );
    }

    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<DequantizeLinear, AdmitError> {
        expect_inputs(record, 3)?;
        let x = any(record, 0)?;
        if !matches!(x.dtype, DType::I8 | DType::U8 | DType::I16 | DType::I32) {
            return Err(wrong_type(0, DType::I8, x.dtype));
        }
        let (scale, zero_point) = (typed(record, 1, DType::F32)?, typed(record, 2, x.dtype)?);
        let (walk, output) = Walk::broadcast([x.shape, scale, zero_point])?;
        Ok(DequantizeLinear {
            from: x.dtype,
            walk,
            output,
        })
    }
}

impl Kernel for DequantizeLinear {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        DequantizeLinear::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 128 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, scale, zero_point] = inputs else {
            return Ok(());
        };
        self.compute([x, scale, zero_point], output, start / 4);
        Ok(())
    }
}
