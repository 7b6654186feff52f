use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, dims, expect_inputs};
use crate::zero_point::byte_type;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// table[byte of x], the byte taken without sign: any function of int8 values, as exact as its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    dtype: DType,
    output: Shape,
}

impl Lookup {
    fn copy<const N: usize>(x: &[u8], table: &[u8], output: &mut [u8]) {
        let table = table.as_chunks::<N>().0;
        for (result, byte) in output.as_chunks_mut::<N>().0.iter_mut().zip(x) {
            *result = table.get(usize::from(*byte)).copied().unwrap_or([0; N]);
        }
    }
}

impl Kernel for Lookup {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 2)?;
        byte_type(record, 0)?;
        let dtype = any(record, 1)?.dtype;
        if dims(record, 1, dtype)? != [256] {
            return Err(AdmitError::InputShape {
                input: 1,
                expected: crate::signature::shape(&[256])?,
                given: any(record, 1)?.shape,
            });
        }
        Ok(Lookup {
            dtype,
            output: any(record, 0)?.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 16 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, table] = inputs else {
            return Ok(());
        };
        let x = x.get(start / self.dtype.bytes() as usize..).unwrap_or(&[]);
        match self.dtype.bytes() {
            1 => Lookup::copy::<1>(x, table, output),
            2 => Lookup::copy::<2>(x, table, output),
            4 => Lookup::copy::<4>(x, table, output),
            _ => Lookup::copy::<8>(x, table, output),
        }
        Ok(())
    }
}
