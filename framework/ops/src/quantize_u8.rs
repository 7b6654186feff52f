use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{expect_inputs, typed};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// `x − 128`: unsigned bytes as int8 of zero point −128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuantizeU8 {
    output: Shape,
}

impl Kernel for QuantizeU8 {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        Ok(QuantizeU8 {
            output: typed(record, 0, DType::U8)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I8, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 4 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let values = inputs.first().and_then(|x| x.get(start..)).unwrap_or(&[]);
        for (result, value) in output.iter_mut().zip(values) {
            *result = value.wrapping_sub(128);
        }
        Ok(())
    }
}
