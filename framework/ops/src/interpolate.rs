use crate::arg_extreme::resized;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::lines::Lines;
use crate::scalar::{F32, I32, Scalar, bounded_index};
use crate::signature::{any, axis, dims, expect_inputs, expect_shape, typed};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Along an axis, each output is a weighted sum of elements: Σ_t weight[i,t] · x[index[i,t]], from +0, t ascending. Resizing, and any
/// other sparse matrix along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interpolate {
    lines: Lines,
    size: u32,
    taps: usize,
    output: Shape,
}

impl Kernel for Interpolate {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let x = typed(record, 0, DType::F32)?;
        let axis = axis(record, 0, &x)?;
        let [outputs, taps] = dims(record, 1, DType::I32)?;
        expect_shape(record, 2, DType::F32, any(record, 1)?.shape)?;
        Ok(Interpolate {
            lines: Lines::along(&x, axis),
            size: x.dims().get(axis).copied().unwrap_or(1),
            taps: taps as usize,
            output: resized(&x, axis, outputs)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.output.elements()) * (96 + 64 * self.taps as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, index, weight] = inputs else {
            return Ok(());
        };
        let outputs = index.len() / 4 / self.taps;
        let (x, inner) = (x.as_chunks::<4>().0, self.lines.inner);
        let mut element = start / 4;
        let mut rest = output.as_chunks_mut::<4>().0;
        while !rest.is_empty() {
            // The outputs with one coordinate along the axis lie side by side.
            let (row, column) = (element / inner, element % inner);
            let length = if inner - column < rest.len() {
                inner - column
            } else {
                rest.len()
            };
            let (results, after) = rest.split_at_mut(length);
            results.fill([0; 4]);
            let (outer, place) = (row / outputs, row % outputs);
            for tap in 0..self.taps {
                let at = bounded_index(I32::at(index, place * self.taps + tap), self.size);
                let weight = F32::at(weight, place * self.taps + tap);
                let first = (outer * self.lines.size + at) * inner + column;
                for (result, x) in results.iter_mut().zip(x.get(first..).unwrap_or(&[])) {
                    *result = F32::write(F32::read(*result) + weight * F32::read(*x));
                }
            }
            element += length;
            rest = after;
        }
        Ok(())
    }
}
