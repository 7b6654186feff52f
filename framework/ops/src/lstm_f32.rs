use crate::float::{maximum, minimum};
use crate::functions::Activation;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::recurrent::{Cell, activate, at, emit};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_shape, flag, function, shape};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A long short-term memory in the order of gates input, output, forget, cell.
///
/// Each gate's pre-activation is (what x gives + recurrence) + peephole · cell. Output `[steps, batch, 2·hidden]`: hidden, then cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LstmF32 {
    cell: Cell,
    /// Of gates, of the cell's candidate, of the output.
    activations: [Activation; 3],
    /// Whether forget is 1 − input.
    coupled: bool,
    /// Pre-activations are bounded to ± this; 0: they are not.
    clip: f32,
    peepholes: bool,
    output: Shape,
}

impl LstmF32 {
    fn bound(&self, x: f32) -> f32 {
        if self.clip == 0.0 {
            x
        } else {
            minimum(maximum(x, -self.clip), self.clip)
        }
    }

    /// One batch element's next hidden and cell values, from the sums of its gates.
    fn step(
        &self,
        given: &[[u8; 4]],
        sums: &[[u8; 4]],
        peepholes: &[[u8; 4]],
        hidden: &mut [[u8; 4]],
        cells: &mut [[u8; 4]],
    ) {
        let [gate, candidate, result] = self.activations;
        let size = self.cell.hidden;
        for (place, (hidden, cell)) in hidden.iter_mut().zip(cells).enumerate() {
            let before = F32::read(*cell);
            let sum = |which: usize| at(given, which * size + place) + at(sums, which * size + place);
            let peek = |sum: f32, which: usize, cell: f32| match self.peepholes {
                true => sum + at(peepholes, which * size + place) * cell,
                false => sum,
            };
            let input = activate(gate, self.bound(peek(sum(0), 0, before)));
            let forget = match self.coupled {
                true => 1.0 - input,
                false => activate(gate, self.bound(peek(sum(2), 2, before))),
            };
            let next = forget * before + input * activate(candidate, self.bound(sum(3)));
            let output = activate(gate, self.bound(peek(sum(1), 1, next)));
            *cell = F32::write(next);
            *hidden = F32::write(output * activate(result, next));
        }
    }
}

impl Kernel for LstmF32 {
    const ATTRIBUTES: usize = 5;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        let cell = Cell::of(record, 4, 2)?;
        let peepholes = match record.input_count() {
            4 => false,
            5 => {
                let each = (cell.hidden as u32).checked_mul(3).ok_or(AdmitError::Window)?;
                expect_shape(record, 4, DType::F32, shape(&[each])?)?;
                true
            }
            given => return Err(AdmitError::InputCount { expected: 4, given }),
        };
        let width = (cell.hidden as u32).checked_mul(2).ok_or(AdmitError::Window)?;
        Ok(LstmF32 {
            cell,
            activations: [
                function(record, 0, Activation::from_code)?,
                function(record, 1, Activation::from_code)?,
                function(record, 2, Activation::from_code)?,
            ],
            coupled: flag(record, 3, "coupled")?,
            clip: f32::from_bits(record.attribute(4)),
            peepholes,
            output: shape(&[cell.steps as u32, cell.batch as u32, width])?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    /// Hidden and cell values of the batch, and one batch element's sums.
    fn scratch_bytes(&self) -> u64 {
        4 * self.cell.hidden as u64 * (2 * self.cell.batch as u64 + 4)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + self.cell.steps as u64 * self.cell.step_units(8192)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let operand = |input: usize| inputs.get(input).map_or(&[][..], |bytes| bytes.as_chunks::<4>().0);
        let [given, first_hidden, first_cell, peepholes] = [0, 2, 3, 4].map(operand);
        let recurrence = inputs.get(1).copied().unwrap_or(&[]);
        let output = output.as_chunks_mut::<4>().0;
        let (batch, size) = (self.cell.batch, self.cell.hidden);
        let Some((hidden, rest)) = scratch.as_chunks_mut::<4>().0.split_at_mut_checked(batch * size) else {
            return Ok(());
        };
        let Some((cells, sums)) = rest.split_at_mut_checked(batch * size) else {
            return Ok(());
        };
        for (state, first) in [(&mut *hidden, first_hidden), (&mut *cells, first_cell)] {
            for (place, value) in state.iter_mut().enumerate() {
                *value = F32::write(at(first, place));
            }
        }
        let start = start / 4;
        let steps = (start + output.len()).div_ceil(2 * batch * size);
        for step in 0..steps {
            let states = hidden.chunks_exact_mut(size).zip(cells.chunks_exact_mut(size));
            for (element, (hidden, cells)) in states.enumerate() {
                self.cell.recur(hidden, recurrence, 0..4, sums);
                let row = step * batch + element;
                self.step(
                    given.get(row * 4 * size..).unwrap_or(&[]),
                    sums,
                    peepholes,
                    hidden,
                    cells,
                );
                emit(output, start, row * 2 * size, hidden);
                emit(output, start, (row * 2 + 1) * size, cells);
            }
        }
        Ok(())
    }
}
