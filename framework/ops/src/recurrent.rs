//! What recurrent cells share: sequences of pre-activations, a recurrence matrix, states in scratch.

use crate::float::{sigmoid, tanh};
use crate::functions::Activation;
use crate::scalar::{F32, Scalar};
use crate::signature::{dims, expect_shape, shape};
use crate::{AdmitError, DType, Record};

/// Sizes of a cell with `gates` gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) steps: usize,
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
    pub(crate) gates: usize,
}

impl Cell {
    /// Inputs 0 and 1: what x gives to the gates `[steps, batch, gates·hidden]`, and the recurrence `[hidden, gates·hidden]`; the inputs
    /// from 2 on named in `states` are `[batch, hidden]`.
    pub(crate) fn of(record: &Record, gates: u32, states: usize) -> Result<Cell, AdmitError> {
        let [steps, batch, _] = dims(record, 0, DType::F32)?;
        let [hidden, _] = dims(record, 1, DType::F32)?;
        let all = hidden.checked_mul(gates).ok_or(AdmitError::Window)?;
        expect_shape(record, 0, DType::F32, shape(&[steps, batch, all])?)?;
        expect_shape(record, 1, DType::F32, shape(&[hidden, all])?)?;
        for state in 0..states {
            expect_shape(record, 2 + state, DType::F32, shape(&[batch, hidden])?)?;
        }
        Ok(Cell {
            steps: steps as usize,
            batch: batch as usize,
            hidden: hidden as usize,
            gates: gates as usize,
        })
    }

    /// Writes Σ_k state[k]·recurrence[k][n] for the gates `gates` of one batch element to `sums`: from +0, k ascending.
    pub(crate) fn recur(
        &self,
        state: &[[u8; 4]],
        recurrence: &[u8],
        gates: core::ops::Range<usize>,
        sums: &mut [[u8; 4]],
    ) {
        let recurrence = recurrence.as_chunks::<4>().0;
        let width = self.gates * self.hidden;
        let first = gates.start * self.hidden;
        let sums = sums.get_mut(..gates.len() * self.hidden).unwrap_or_default();
        sums.fill([0; 4]);
        for (k, state) in state.iter().enumerate().take(self.hidden) {
            let state = F32::read(*state);
            let row = recurrence.get(k * width + first..(k + 1) * width).unwrap_or(&[]);
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum = F32::write(F32::read(*sum) + state * F32::read(*weight));
            }
        }
    }

    /// Cost of one step of the whole batch: the recurrence, and `each` units for every hidden element.
    pub(crate) fn step_units(&self, each: u64) -> u64 {
        let (batch, hidden, gates) = (self.batch as u64, self.hidden as u64, self.gates as u64);
        batch * (256 + hidden * (each + 48 * gates * hidden))
    }
}

/// An activation function of a cell.
#[inline]
pub(crate) fn activate(function: Activation, x: f32) -> f32 {
    match function {
        Activation::Sigmoid => sigmoid(x),
        Activation::Tanh => tanh(x),
        Activation::Relu => {
            if x < 0.0 {
                0.0
            } else {
                x
            }
        }
        Activation::Identity => x,
    }
}

/// Element `place` of words; 0 past the end.
#[inline]
pub(crate) fn at(words: &[[u8; 4]], place: usize) -> f32 {
    F32::read(words.get(place).copied().unwrap_or([0; 4]))
}

/// Copies what of `part`, which begins at element `first` of the output, lies in the range that begins at `start`.
pub(crate) fn emit(output: &mut [[u8; 4]], start: usize, first: usize, part: &[[u8; 4]]) {
    for (place, value) in part.iter().enumerate() {
        if let Some(result) = output.get_mut((first + place).wrapping_sub(start)) {
            *result = *value;
        }
    }
}
