use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{expect_inputs, expect_shape, typed};
use crate::words::{fill, word};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// `a + b`, modulo 2^32: a counter's step, a sum of partial sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddI32 {
    output: Shape,
}

impl Kernel for AddI32 {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 2)?;
        let output = typed(record, 0, DType::I32)?;
        expect_shape(record, 1, DType::I32, output)?;
        Ok(AddI32 { output })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 16 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[a, b] = inputs else {
            return Ok(());
        };
        fill(output, start, |place| word(a, place).wrapping_add(word(b, place)));
        Ok(())
    }
}
