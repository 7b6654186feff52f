use crate::float::{LaneSum, exp, log};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::lines::Lines;
use crate::scalar::{F32, Scalar};
use crate::signature::{axis, expect_inputs, flag, typed};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// e^(x − m) / Σ e^(x − m) along an axis, or its logarithm as (x − m) − ln Σ e^(x − m); m the greatest element that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Softmax {
    lines: Lines,
    logarithm: bool,
    output: Shape,
}

impl Kernel for Softmax {
    const ATTRIBUTES: usize = 2;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let output = typed(record, 0, DType::F32)?;
        Ok(Softmax {
            lines: Lines::along(&output, axis(record, 0, &output)?),
            logarithm: flag(record, 1, "logarithm")?,
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    fn scratch_bytes(&self) -> u64 {
        4 * self.lines.size as u64
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 1024 * u64::from(self.output.elements()) + 2048 * self.lines.count() as u64
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().map_or(&[][..], |x| x.as_chunks::<4>().0);
        let output = output.as_chunks_mut::<4>().0;
        let terms = scratch
            .as_chunks_mut::<4>()
            .0
            .get_mut(..self.lines.size)
            .unwrap_or_default();
        let (start, inner) = (start / 4, self.lines.inner);
        let range = start..start + output.len();
        for line in self.lines.touched(start, output.len()) {
            let first = self.lines.first(line);
            let element = |place: usize| F32::read(x.get(first + place * inner).copied().unwrap_or([0; 4]));
            let mut greatest = f32::NEG_INFINITY;
            for place in 0..self.lines.size {
                let value = element(place);
                greatest = if value > greatest { value } else { greatest };
            }
            for (place, term) in terms.iter_mut().enumerate() {
                *term = F32::write(element(place) - greatest);
            }
            let mut sum = LaneSum::new();
            if self.logarithm {
                sum.extend(terms, exp);
                let sum = log(sum.total());
                for term in terms.iter_mut() {
                    *term = F32::write(F32::read(*term) - sum);
                }
            } else {
                for term in terms.iter_mut() {
                    *term = F32::write(exp(F32::read(*term)));
                }
                sum.extend(terms, |x| x);
                let sum = sum.total();
                for term in terms.iter_mut() {
                    *term = F32::write(F32::read(*term) / sum);
                }
            }
            for (place, term) in terms.iter().enumerate() {
                let at = first + place * inner;
                if range.contains(&at)
                    && let Some(result) = output.get_mut(at - start)
                {
                    *result = *term;
                }
            }
        }
        Ok(())
    }
}
