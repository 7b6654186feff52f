use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::expect_inputs;
use crate::{AdmitError, DType, Record, RunError, Shape, Value};

/// The input's bytes under another shape of the same type and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    output: Value,
}

impl Kernel for Alias {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let [Some(input), Some(output)] = [record.input(0), record.output()] else {
            return Err(AdmitError::Window);
        };
        if (output.dtype, output.shape.elements()) != (input.dtype, input.shape.elements()) {
            return Err(AdmitError::Output {
                dtype: input.dtype,
                shape: input.shape,
            });
        }
        Ok(Alias { output })
    }

    fn output(&self) -> (DType, Shape) {
        (self.output.dtype, self.output.shape)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.output.bytes())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        if let Some(bytes) = inputs.first().and_then(|x| x.get(start..)?.get(..output.len())) {
            output.copy_from_slice(bytes);
        }
        Ok(())
    }
}
