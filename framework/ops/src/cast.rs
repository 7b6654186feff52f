use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{Bool, F32, I8, I16, I32, I64, Scalar, U8};
use crate::signature::{any, expect_inputs, flag};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Elements as another type: integers wrap, f32 to an integer goes towards zero and saturates, NaN is 0, and what is not 0 is true.
/// Or the same bytes as a type of the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cast {
    from: DType,
    to: DType,
    /// Whether bytes stay as they are.
    bits: bool,
    output: Shape,
}

impl Cast {
    fn floats(&self, x: &[u8], output: &mut [u8]) {
        let x = x.as_chunks::<4>().0;
        fn each<const N: usize>(x: &[[u8; 4]], output: &mut [u8], convert: impl Fn(f32) -> [u8; N]) {
            for (result, x) in output.as_chunks_mut::<N>().0.iter_mut().zip(x) {
                *result = convert(F32::read(*x));
            }
        }
        match self.to {
            DType::F32 => each(x, output, F32::write),
            DType::I8 => each(x, output, |x| (x as i8).to_le_bytes()),
            DType::U8 => each(x, output, |x| (x as u8).to_le_bytes()),
            DType::I16 => each(x, output, |x| (x as i16).to_le_bytes()),
            DType::I32 => each(x, output, |x| (x as i32).to_le_bytes()),
            DType::I64 => each(x, output, |x| (x as i64).to_le_bytes()),
            DType::Bool => each(x, output, |x| [u8::from(x != 0.0)]),
        }
    }

    fn integers<S: Scalar<N, Value = i64>, const N: usize>(&self, x: &[u8], output: &mut [u8]) {
        fn each<const N: usize, const M: usize>(
            x: &[[u8; N]],
            output: &mut [u8],
            read: fn([u8; N]) -> i64,
            write: impl Fn(i64) -> [u8; M],
        ) {
            for (result, x) in output.as_chunks_mut::<M>().0.iter_mut().zip(x) {
                *result = write(read(*x));
            }
        }
        let x = x.as_chunks::<N>().0;
        match self.to {
            DType::F32 => each(x, output, S::read, |x| F32::write(x as f32)),
            DType::I8 => each(x, output, S::read, I8::write),
            DType::U8 => each(x, output, S::read, U8::write),
            DType::I16 => each(x, output, S::read, I16::write),
            DType::I32 => each(x, output, S::read, I32::write),
            DType::I64 => each(x, output, S::read, I64::write),
            DType::Bool => each(x, output, S::read, Bool::write),
        }
    }
}

impl Kernel for Cast {
    const ATTRIBUTES: usize = 2;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let to = DType::from_code(record.attribute(0)).ok_or(AdmitError::Attribute {
            place: 0,
            name: "type",
            value: record.signed_attribute(0),
            rule: "the code of a type",
        })?;
        let bits = flag(record, 1, "bits")?;
        if bits && to.bytes() != x.dtype.bytes() {
            return Err(AdmitError::Attribute {
                place: 0,
                name: "type",
                value: record.signed_attribute(0),
                rule: "a type of the input's size",
            });
        }
        Ok(Cast {
            from: x.dtype,
            to,
            bits,
            output: x.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.to, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 64 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let from = start / self.to.bytes() as usize * self.from.bytes() as usize;
        let x = inputs.first().and_then(|x| x.get(from..)).unwrap_or(&[]);
        if self.bits {
            if let Some(x) = x.get(..output.len()) {
                output.copy_from_slice(x);
            }
            return Ok(());
        }
        match self.from {
            DType::F32 => self.floats(x, output),
            DType::I8 => self.integers::<I8, 1>(x, output),
            DType::U8 => self.integers::<U8, 1>(x, output),
            DType::I16 => self.integers::<I16, 2>(x, output),
            DType::I32 => self.integers::<I32, 4>(x, output),
            DType::I64 => self.integers::<I64, 8>(x, output),
            DType::Bool => self.integers::<Bool, 1>(x, output),
        }
        Ok(())
    }
}
