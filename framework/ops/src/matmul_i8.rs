use crate::kernel::{BASE_UNITS, Kernel};
use crate::requantize::Scales;
use crate::signature::{clamp_range, dims, expect_inputs, expect_shape, shape};
use crate::{AdmitError, DType, Finish, Panels, Record, RunError, Shape};

/// `x [rows, depth] · weights [depth, outputs]`, int8 with int32 accumulators, requantised per output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMulI8 {
    /// Rows of x and of the output.
    pub rows: u32,
    /// The weights: one group.
    pub weights: Panels,
    /// Offset and bounds of the result.
    pub finish: Finish,
    output: Shape,
}

impl MatMulI8 {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<MatMulI8, AdmitError> {
        expect_inputs(record, 5)?;
        let [rows, depth] = dims(record, 0, DType::I8)?;
        let [outputs] = dims(record, 2, DType::I32)?;
        let weights = Panels {
            groups: 1,
            outputs,
            depth,
        };
        expect_shape(record, 1, DType::I8, weights.shape().map_err(|_| AdmitError::Window)?)?;
        let per_output = shape(&[outputs])?;
        expect_shape(record, 3, DType::I32, per_output)?;
        expect_shape(record, 4, DType::I32, per_output)?;
        let (minimum, maximum) = clamp_range(record, 1)?;
        Ok(MatMulI8 {
            rows,
            weights,
            finish: Finish {
                zero_point: record.signed_attribute(0),
                minimum,
                maximum,
            },
            output: shape(&[rows, outputs])?,
        })
    }
}

impl Kernel for MatMulI8 {
    const ATTRIBUTES: usize = 3;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        MatMulI8::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I8, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.output.elements()) * (u64::from(self.weights.depth) + 32)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, weights, bias, multiplier, shift] = inputs else {
            return Ok(());
        };
        let scales = Scales {
            bias,
            multiplier,
            shift,
        };
        let outputs = self.weights.outputs as usize;
        let mut from = start % outputs;
        let mut rows = x.chunks_exact(self.weights.depth as usize).skip(start / outputs);
        let mut rest = output;
        while let Some(row) = rows.next().filter(|_| !rest.is_empty()) {
            let (part, after) = rest.split_at_mut(rest.len().min(outputs - from));
            let mut results = part.iter_mut();
            let to = from + results.len();
            self.weights.contract(weights, 0, row, from, to, |n, sums| {
                for ((bias, multiplier, shift), sum) in scales.from(n).iter().zip(sums) {
                    if let Some(result) = results.next() {
                        *result = self.finish.apply(bias.wrapping_add(*sum), multiplier, shift);
                    }
                }
            });
            from = 0;
            rest = after;
        }
        Ok(())
    }
}
