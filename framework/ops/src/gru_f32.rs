use crate::functions::Activation;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::recurrent::{Cell, activate, at, emit};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_inputs, expect_shape, flag, function, shape};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A gated recurrent unit in the order of gates update, reset, hidden.
///
/// The candidate's recurrence is of reset · state, or, after the product, reset · (recurrence + bias). Output `[steps, batch, hidden]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GruF32 {
    cell: Cell,
    /// Of gates, of the candidate.
    activations: [Activation; 2],
    /// Whether reset comes after the product.
    reset_after: bool,
    output: Shape,
}

impl Kernel for GruF32 {
    const ATTRIBUTES: usize = 3;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 4)?;
        let cell = Cell::of(record, 3, 1)?;
        expect_shape(record, 3, DType::F32, shape(&[cell.hidden as u32])?)?;
        Ok(GruF32 {
            cell,
            activations: [
                function(record, 0, Activation::from_code)?,
                function(record, 1, Activation::from_code)?,
            ],
            reset_after: flag(record, 2, "reset after")?,
            output: shape(&[cell.steps as u32, cell.batch as u32, cell.hidden as u32])?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    /// Hidden values of the batch, and one batch element's sums and reset state.
    fn scratch_bytes(&self) -> u64 {
        4 * self.cell.hidden as u64 * (self.cell.batch as u64 + 4)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + self.cell.steps as u64 * self.cell.step_units(8192)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let operand = |input: usize| inputs.get(input).map_or(&[][..], |bytes| bytes.as_chunks::<4>().0);
        let [given, first_hidden, bias] = [0, 2, 3].map(operand);
        let recurrence = inputs.get(1).copied().unwrap_or(&[]);
        let output = output.as_chunks_mut::<4>().0;
        let (batch, size) = (self.cell.batch, self.cell.hidden);
        let Some((states, rest)) = scratch.as_chunks_mut::<4>().0.split_at_mut_checked(batch * size) else {
            return Ok(());
        };
        let Some((sums, reset)) = rest.split_at_mut_checked(3 * size) else {
            return Ok(());
        };
        let reset = reset.get_mut(..size).unwrap_or_default();
        for (place, value) in states.iter_mut().enumerate() {
            *value = F32::write(at(first_hidden, place));
        }
        let [gate, candidate] = self.activations;
        let start = start / 4;
        let steps = (start + output.len()).div_ceil(batch * size);
        for step in 0..steps {
            for (element, state) in states.chunks_exact_mut(size).enumerate() {
                let row = step * batch + element;
                let given = given.get(row * 3 * size..).unwrap_or(&[]);
                self.cell.recur(state, recurrence, 0..3, sums);
                let gated = |sums: &[[u8; 4]], which: usize, place: usize| {
                    activate(gate, at(given, which * size + place) + at(sums, which * size + place))
                };
                if !self.reset_after {
                    for (place, (reset, state)) in reset.iter_mut().zip(&*state).enumerate() {
                        *reset = F32::write(gated(sums, 1, place) * F32::read(*state));
                    }
                    let (_, hidden) = sums.split_at_mut_checked(2 * size).unwrap_or_default();
                    self.cell.recur(reset, recurrence, 2..3, hidden);
                }
                for (place, state) in state.iter_mut().enumerate() {
                    let recurrent = at(sums, 2 * size + place) + at(bias, place);
                    let recurrent = if self.reset_after {
                        gated(sums, 1, place) * recurrent
                    } else {
                        recurrent
                    };
                    let hidden = activate(candidate, at(given, 2 * size + place) + recurrent);
                    let update = gated(sums, 0, place);
                    *state = F32::write((1.0 - update) * hidden + update * F32::read(*state));
                }
                emit(output, start, row * size, state);
            }
        }
        Ok(())
    }
}
