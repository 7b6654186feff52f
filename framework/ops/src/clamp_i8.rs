use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{clamp_range, expect_inputs, typed};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Bounds int8 values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClampI8 {
    minimum: i32,
    maximum: i32,
    output: Shape,
}

impl Kernel for ClampI8 {
    const ATTRIBUTES: usize = 2;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let output = typed(record, 0, DType::I8)?;
        let (minimum, maximum) = clamp_range(record, 0)?;
        Ok(ClampI8 {
            minimum,
            maximum,
            output,
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
            let value = i32::from(*value as i8);
            let value = if value < self.minimum { self.minimum } else { value };
            *result = if value > self.maximum { self.maximum } else { value } as u8;
        }
        Ok(())
    }
}
