use crate::float::{LaneSum, sqrt};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{axis, expect_shape, flag, shape, typed};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// (x − mean) / √(variance + ε) over all axes from one on, then times a scale, plus a bias; or x / √(mean square + ε).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Normalize {
    /// Elements that are normalised together.
    size: usize,
    epsilon: f32,
    /// Whether the mean is left alone.
    root_mean_square: bool,
    output: Shape,
}

impl Kernel for Normalize {
    const ATTRIBUTES: usize = 3;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        let output = typed(record, 0, DType::F32)?;
        let axis = axis(record, 0, &output)?;
        let normalised = shape(output.dims().get(axis..).unwrap_or(&[]))?;
        if record.input_count() > 3 {
            return Err(AdmitError::InputCount {
                expected: 3,
                given: record.input_count(),
            });
        }
        for input in 1..record.input_count() {
            expect_shape(record, input, DType::F32, normalised)?;
        }
        Ok(Normalize {
            size: normalised.elements() as usize,
            epsilon: f32::from_bits(record.attribute(1)),
            root_mean_square: flag(record, 2, "root mean square")?,
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    fn work_units(&self) -> u64 {
        let elements = u64::from(self.output.elements());
        BASE_UNITS + 256 * elements + 2048 * (elements / self.size as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let operand = |input: usize| inputs.get(input).map(|bytes| bytes.as_chunks::<4>().0);
        let x = operand(0).unwrap_or(&[]);
        let (scale, bias) = (operand(1), operand(2));
        let (mut from, mut rest) = (start / 4, output.as_chunks_mut::<4>().0);
        while !rest.is_empty() {
            let first = from % self.size;
            let length = if self.size - first < rest.len() {
                self.size - first
            } else {
                rest.len()
            };
            let (results, after) = rest.split_at_mut(length);
            let row = x.get(from - first..from - first + self.size).unwrap_or(&[]);
            let count = self.size as f32;
            let mut sum = LaneSum::new();
            let mean = if self.root_mean_square {
                0.0
            } else {
                sum.extend(row, |x| x);
                sum.total() / count
            };
            let mut squares = LaneSum::new();
            squares.extend(row, |x| (x - mean) * (x - mean));
            let inverse = 1.0 / sqrt(squares.total() / count + self.epsilon);
            let values = row.get(first..).unwrap_or(&[]);
            for (result, x) in results.iter_mut().zip(values) {
                *result = F32::write((F32::read(*x) - mean) * inverse);
            }
            if let Some(scale) = scale.and_then(|scale| scale.get(first..)) {
                for (result, scale) in results.iter_mut().zip(scale) {
                    *result = F32::write(F32::read(*result) * F32::read(*scale));
                }
            }
            if let Some(bias) = bias.and_then(|bias| bias.get(first..)) {
                for (result, bias) in results.iter_mut().zip(bias) {
                    *result = F32::write(F32::read(*result) + F32::read(*bias));
                }
            }
            from += length;
            rest = after;
        }
        Ok(())
    }
}
