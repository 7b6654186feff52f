use crate::functions::Activation;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::recurrent::{Cell, activate, at, emit};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_inputs, function, shape};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A plain recurrent cell: state ← f(what x gives + recurrence). Output `[steps, batch, hidden]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RnnF32 {
    cell: Cell,
    activation: Activation,
    output: Shape,
}

impl Kernel for RnnF32 {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let cell = Cell::of(record, 1, 1)?;
        Ok(RnnF32 {
            cell,
            activation: function(record, 0, Activation::from_code)?,
            output: shape(&[cell.steps as u32, cell.batch as u32, cell.hidden as u32])?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    /// Hidden values of the batch, and one batch element's sums.
    fn scratch_bytes(&self) -> u64 {
        4 * self.cell.hidden as u64 * (self.cell.batch as u64 + 1)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + self.cell.steps as u64 * self.cell.step_units(2048)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let operand = |input: usize| inputs.get(input).map_or(&[][..], |bytes| bytes.as_chunks::<4>().0);
        let [given, first_hidden] = [0, 2].map(operand);
        let recurrence = inputs.get(1).copied().unwrap_or(&[]);
        let output = output.as_chunks_mut::<4>().0;
        let (batch, size) = (self.cell.batch, self.cell.hidden);
        let Some((states, sums)) = scratch.as_chunks_mut::<4>().0.split_at_mut_checked(batch * size) else {
            return Ok(());
        };
        for (place, value) in states.iter_mut().enumerate() {
            *value = F32::write(at(first_hidden, place));
        }
        let start = start / 4;
        let steps = (start + output.len()).div_ceil(batch * size);
        for step in 0..steps {
            for (element, state) in states.chunks_exact_mut(size).enumerate() {
                let row = step * batch + element;
                self.cell.recur(state, recurrence, 0..1, sums);
                for (place, state) in state.iter_mut().enumerate() {
                    *state = F32::write(activate(
                        self.activation,
                        at(given, row * size + place) + at(sums, place),
                    ));
                }
                emit(output, start, row * size, state);
            }
        }
        Ok(())
    }
}
