use crate::fixed::{Element, Fixed, Spread, Sums, bits_of, fraction_bits};
use crate::fixed_unary::{SIGNED, signed_type};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, axis, expect_shape, flag, shape};
use crate::words::word;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// (x − mean) / √(variance + ε) over all axes from one on, or x / √(mean square + ε), then times a scale, plus a bias, all in fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixedNormalize {
    /// Elements that are normalised together.
    size: usize,
    /// In units of x squared.
    epsilon: u32,
    /// Whether the mean is left alone.
    root_mean_square: bool,
    /// Fraction bits of scale and bias.
    scale: i32,
    /// Fraction bits of the result.
    to: i32,
    zero_point: i32,
    x: Element,
    result: Element,
    output: Shape,
}

impl FixedNormalize {
    /// Fraction bits of what is scaled: as many as an i32 holds of a number up to √n, which none exceeds.
    fn fraction(&self) -> i32 {
        30 - bits_of(self.size as u32).div_ceil(2) as i32
    }

    /// A normalised element times its scale, plus its bias, rounded.
    #[inline]
    fn finished(&self, normalised: Fixed, scale: i32, bias: i32) -> i64 {
        let fraction = self.fraction();
        let value = normalised.rounded(fraction) as i32;
        let sum = Fixed {
            value: i64::from(value) * i64::from(scale) + (i64::from(bias) << fraction),
            fraction: fraction + self.scale,
        };
        sum.rounded(self.to) + i64::from(self.zero_point)
    }
}

impl Kernel for FixedNormalize {
    const ATTRIBUTES: usize = 7;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        let output = any(record, 0)?.shape;
        let axis = axis(record, 0, &output)?;
        let normalised = shape(output.dims().get(axis..).unwrap_or(&[]))?;
        if record.input_count() > 3 {
            return Err(AdmitError::InputCount {
                expected: 3,
                given: record.input_count(),
            });
        }
        for input in 1..record.input_count() {
            expect_shape(record, input, DType::I32, normalised)?;
        }
        let result = Element::named(record, 5, &SIGNED, "the code of i8, i16 or i32")?;
        Ok(FixedNormalize {
            size: normalised.elements() as usize,
            epsilon: record.attribute(1),
            root_mean_square: flag(record, 2, "root mean square")?,
            scale: fraction_bits(record, 3, 30, "in 0 … 30")?,
            to: fraction_bits(record, 4, 30, "in 0 … 30")?,
            zero_point: result.zero_point(record, 6)?,
            x: signed_type(record, 0)?,
            result,
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.result.0, self.output)
    }

    fn work_units(&self) -> u64 {
        let elements = u64::from(self.output.elements());
        BASE_UNITS + 64 * elements + 512 * (elements / self.size as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().copied().unwrap_or(&[]);
        let bytes = self.result.0.bytes() as usize;
        let (start, count) = (start / bytes, output.len() / bytes);
        let width = 8 * self.x.0.bytes();
        let mut done = 0;
        while done < count {
            let within = (start + done) % self.size;
            let row = start + done - within;
            let rest = if self.size - within < count - done {
                self.size - within
            } else {
                count - done
            };
            let mut sums = Sums::default();
            for place in row..row + self.size {
                sums.add(self.x.read(x, place));
            }
            let spread = Spread::of(sums, self.size as u32, width, self.epsilon, self.root_mean_square);
            for place in within..within + rest {
                let scale = inputs.get(1).map_or(1 << self.scale, |scale| word(scale, place));
                let bias = inputs.get(2).map_or(0, |bias| word(bias, place));
                let normalised = spread.normalised(self.x.read(x, row + place));
                let value = self.finished(normalised, scale, bias);
                self.result.write(output, row + place - start, value);
            }
            done += rest;
        }
        Ok(())
    }
}
