use crate::kernel::{BASE_UNITS, Kernel};
use crate::lines::Lines;
use crate::scalar::{F32, I8, I16, I32, I64, Scalar, U8};
use crate::signature::{any, axis, expect_inputs, flag, wrong_type};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Sums, or products, of the elements so far along an axis, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cumulate {
    dtype: DType,
    lines: Lines,
    /// Whether an element counts only for those after it.
    exclusive: bool,
    /// From the end.
    reverse: bool,
    product: bool,
    output: Shape,
}

impl Cumulate {
    fn run<S: Scalar<N>, const N: usize>(
        &self,
        x: &[u8],
        output: &mut [u8],
        start: usize,
        neutral: S::Value,
        join: impl Fn(S::Value, S::Value) -> S::Value,
    ) {
        let output = output.as_chunks_mut::<N>().0;
        for line in self.lines.touched(start, output.len()) {
            let first = self.lines.first(line);
            let mut joint = neutral;
            for step in 0..self.lines.size {
                let place = if self.reverse { self.lines.size - 1 - step } else { step };
                let at = first + place * self.lines.inner;
                let next = S::read(S::write(join(joint, S::at(x, at))));
                if let Some(result) = output.get_mut(at.wrapping_sub(start)) {
                    *result = S::write(if self.exclusive { joint } else { next });
                }
                joint = next;
            }
        }
    }

    fn integers<S: Scalar<N, Value = i64>, const N: usize>(&self, x: &[u8], output: &mut [u8], start: usize) {
        match self.product {
            true => self.run::<S, N>(x, output, start, 1, i64::wrapping_mul),
            false => self.run::<S, N>(x, output, start, 0, i64::wrapping_add),
        }
    }
}

impl Kernel for Cumulate {
    const ATTRIBUTES: usize = 4;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        if x.dtype == DType::Bool {
            return Err(wrong_type(0, DType::F32, x.dtype));
        }
        Ok(Cumulate {
            dtype: x.dtype,
            lines: Lines::along(&x.shape, axis(record, 0, &x.shape)?),
            exclusive: flag(record, 1, "exclusive")?,
            reverse: flag(record, 2, "reverse")?,
            product: flag(record, 3, "product")?,
            output: x.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 96 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().copied().unwrap_or(&[]);
        let start = start / self.dtype.bytes() as usize;
        match (self.dtype, self.product) {
            (DType::F32, true) => Cumulate::run::<F32, 4>(self, x, output, start, 1.0, |a, b| a * b),
            (DType::F32, false) => Cumulate::run::<F32, 4>(self, x, output, start, 0.0, |a, b| a + b),
            (DType::I8, _) => self.integers::<I8, 1>(x, output, start),
            (DType::U8 | DType::Bool, _) => self.integers::<U8, 1>(x, output, start),
            (DType::I16, _) => self.integers::<I16, 2>(x, output, start),
            (DType::I32, _) => self.integers::<I32, 4>(x, output, start),
            (DType::I64, _) => self.integers::<I64, 8>(x, output, start),
        }
        Ok(())
    }
}
