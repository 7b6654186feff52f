use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, I8, I16, I32, Scalar, U8};
use crate::signature::{any, expect_inputs, typed, wrong_type};
use crate::walk::Walk;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// (x − zero point) · scale: the difference modulo 2^32, then as f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DequantizeLinear {
    from: DType,
    walk: Walk<3>,
    output: Shape,
}

impl DequantizeLinear {
    fn read<S: Scalar<N, Value = i64>, const N: usize>(
        &self,
        [x, scale, zero_point]: [&[u8]; 3],
        output: &mut [u8],
        start: usize,
    ) {
        let output = output.as_chunks_mut::<4>().0;
        self.walk.stretches(start, output.len(), |done, length, places, steps| {
            let results = output.get_mut(done..done + length).unwrap_or_default();
            for (place, result) in results.iter_mut().enumerate() {
                let [in_x, in_scale, in_zero] = [0, 1, 2].map(|operand| places[operand] + place * steps[operand]);
                let difference = (S::at(x, in_x) as i32).wrapping_sub(S::at(zero_point, in_zero) as i32);
                *result = F32::write(difference as f32 * F32::at(scale, in_scale));
            }
        });
    }
}

impl Kernel for DequantizeLinear {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
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
        let (inputs, start) = ([x, scale, zero_point], start / 4);
        match self.from {
            DType::U8 => self.read::<U8, 1>(inputs, output, start),
            DType::I16 => self.read::<I16, 2>(inputs, output, start),
            DType::I32 => self.read::<I32, 4>(inputs, output, start),
            _ => self.read::<I8, 1>(inputs, output, start),
        }
        Ok(())
    }
}
