use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, expect_inputs, typed};
use crate::walk::Walk;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// An element of one tensor where a condition holds, else of another; with multidirectional broadcasting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Select {
    dtype: DType,
    walk: Walk<3>,
    output: Shape,
}

impl Select {
    fn choose<const N: usize>(&self, inputs: [&[u8]; 3], output: &mut [u8], start: usize) {
        let [condition, a, b] = inputs;
        let (a, b) = (a.as_chunks::<N>().0, b.as_chunks::<N>().0);
        let output = output.as_chunks_mut::<N>().0;
        self.walk.stretches(start, output.len(), |done, length, places, steps| {
            let results = output.get_mut(done..done + length).unwrap_or_default();
            for (place, result) in results.iter_mut().enumerate() {
                let [at, in_a, in_b] = [0, 1, 2].map(|operand| places[operand] + place * steps[operand]);
                let chosen = match condition.get(at) {
                    Some(0) | None => b.get(in_b),
                    Some(_) => a.get(in_a),
                };
                *result = chosen.copied().unwrap_or([0; N]);
            }
        });
    }
}

impl Kernel for Select {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let condition = typed(record, 0, DType::Bool)?;
        let a = any(record, 1)?;
        let (walk, output) = Walk::broadcast([condition, a.shape, typed(record, 2, a.dtype)?])?;
        Ok(Select {
            dtype: a.dtype,
            walk,
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 64 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[condition, a, b] = inputs else {
            return Ok(());
        };
        let start = start / self.dtype.bytes() as usize;
        match self.dtype.bytes() {
            1 => self.choose::<1>([condition, a, b], output, start),
            2 => self.choose::<2>([condition, a, b], output, start),
            4 => self.choose::<4>([condition, a, b], output, start),
            _ => self.choose::<8>([condition, a, b], output, start),
        }
        Ok(())
    }
}
