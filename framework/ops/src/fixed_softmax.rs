use crate::fixed::{Element, Fixed, exp, fraction_bits, reciprocal};
use crate::kernel::{BASE_UNITS, Kernel};
use crate::lines::Lines;
use crate::signature::{any, axis, expect_inputs, wrong_type};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// The types that the results may have.
const RESULTS: [DType; 3] = [DType::I8, DType::U8, DType::I16];

/// e^d / Σ e^d along an axis in fixed point; d, in Q26, is the difference to the greatest element times a multiplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixedSoftmax {
    lines: Lines,
    multiplier: i32,
    shift: i32,
    x: Element,
    result: Element,
    /// Fraction bits of the result.
    fraction: i32,
    zero_point: i32,
    output: Shape,
}

impl FixedSoftmax {
    /// e^d in Q31 of an element, rounded; d is the difference · multiplier / 2^(shift mod 64), halves rounded up, bounded to −2^31 … 0.
    #[inline]
    fn term(&self, x: i32, greatest: i32) -> u32 {
        let difference = Fixed {
            value: (i64::from(x) - i64::from(greatest)) * i64::from(self.multiplier),
            fraction: self.shift & 63,
        };
        let difference = difference.rounded(0).clamp(i64::from(i32::MIN), 0);
        exp(difference << 6).rounded(31) as u32
    }

    /// A term over the sum of all of them, both in Q31.
    #[inline]
    fn share(&self, term: [u8; 4], Fixed { value, fraction }: Fixed) -> i64 {
        let product = i64::from(u32::from_le_bytes(term)) * value;
        let share = Fixed {
            value: product,
            fraction,
        };
        share.rounded(self.fraction) + i64::from(self.zero_point)
    }
}

/// 1/sum of a sum in Q31, in Q31 but for a power of two, towards 0; a term in Q31 times its value has its fraction bits.
fn inverse(sum: u64) -> Fixed {
    let zeros = sum.leading_zeros();
    Fixed {
        value: reciprocal(sum << (zeros.saturating_sub(1) & 63)) >> 31,
        fraction: 94 - zeros as i32,
    }
}

impl Kernel for FixedSoftmax {
    const ATTRIBUTES: usize = 6;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        if !matches!(x.dtype, DType::I8 | DType::U8 | DType::I16 | DType::I32) {
            return Err(wrong_type(0, DType::I8, x.dtype));
        }
        let result = Element::named(record, 3, &RESULTS, "the code of i8, u8 or i16")?;
        Ok(FixedSoftmax {
            lines: Lines::along(&x.shape, axis(record, 0, &x.shape)?),
            multiplier: record.signed_attribute(1),
            shift: record.signed_attribute(2),
            x: Element(x.dtype),
            result,
            fraction: fraction_bits(record, 4, 16, "in 0 … 16")?,
            zero_point: result.zero_point(record, 5)?,
            output: x.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.result.0, self.output)
    }

    fn scratch_bytes(&self) -> u64 {
        4 * self.lines.size as u64
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 96 * u64::from(self.output.elements()) + 128 * self.lines.count() as u64
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().copied().unwrap_or(&[]);
        let terms = scratch
            .as_chunks_mut::<4>()
            .0
            .get_mut(..self.lines.size)
            .unwrap_or_default();
        let bytes = self.result.0.bytes() as usize;
        let (start, count, inner) = (start / bytes, output.len() / bytes, self.lines.inner);
        for line in self.lines.touched(start, count) {
            let first = self.lines.first(line);
            let mut greatest = i32::MIN;
            for place in 0..self.lines.size {
                let value = self.x.read(x, first + place * inner);
                greatest = if value > greatest { value } else { greatest };
            }
            let mut sum = 0u64;
            for (place, stored) in terms.iter_mut().enumerate() {
                let term = self.term(self.x.read(x, first + place * inner), greatest);
                sum += u64::from(term);
                *stored = term.to_le_bytes();
            }
            let inverse = inverse(sum);
            for (place, term) in terms.iter().enumerate() {
                let at = first + place * inner;
                if (start..start + count).contains(&at) {
                    self.result.write(output, at - start, self.share(*term, inverse));
                }
            }
        }
        Ok(())
    }
}
