use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{dims, expect_inputs, expect_shape, flag, shape};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Pairs of each head's first elements turned by the angles of the head's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rotary {
    heads: usize,
    /// Elements of a head.
    size: usize,
    /// Pairs that are turned.
    pairs: usize,
    interleaved: bool,
    output: Shape,
}

impl Rotary {
    /// Where a turned element's pair begins and ends in its head, which angle turns it, and whether it is the pair's second.
    #[inline(always)]
    fn pair(&self, element: usize) -> ([usize; 2], usize, bool) {
        if self.interleaved {
            let angle = element / 2;
            ([2 * angle, 2 * angle + 1], angle, element % 2 == 1)
        } else {
            let second = element >= self.pairs;
            let angle = if second { element - self.pairs } else { element };
            ([angle, angle + self.pairs], angle, second)
        }
    }
}

impl Kernel for Rotary {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let [rows, heads, size] = dims(record, 0, DType::F32)?;
        let [_, pairs] = dims(record, 1, DType::F32)?;
        if size < 2 {
            return Err(AdmitError::InputShape {
                input: 0,
                expected: shape(&[rows, heads, 2])?,
                given: shape(&[rows, heads, size])?,
            });
        }
        let pairs = if pairs > size / 2 { size / 2 } else { pairs };
        for input in 1..3 {
            expect_shape(record, input, DType::F32, shape(&[rows, pairs])?)?;
        }
        Ok(Rotary {
            heads: heads as usize,
            size: size as usize,
            pairs: pairs as usize,
            interleaved: flag(record, 0, "interleaved")?,
            output: shape(&[rows, heads, size])?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 96 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, cos, sin] = inputs else {
            return Ok(());
        };
        let [x, cos, sin] = [x, cos, sin].map(|bytes| bytes.as_chunks::<4>().0);
        let mut from = start / 4;
        let mut rest = output.as_chunks_mut::<4>().0;
        while !rest.is_empty() {
            let (head, first) = (from / self.size, from % self.size);
            let count = if self.size - first < rest.len() {
                self.size - first
            } else {
                rest.len()
            };
            let (results, after) = rest.split_at_mut(count);
            let row = head / self.heads * self.pairs;
            let [cos, sin] = [cos, sin].map(|angles| angles.get(row..row + self.pairs).unwrap_or(&[]));
            let x = x.get(from - first..from - first + self.size).unwrap_or(&[]);
            let at = |words: &[[u8; 4]], place: usize| F32::read(words.get(place).copied().unwrap_or([0; 4]));
            for (result, element) in results.iter_mut().zip(first..) {
                if element >= 2 * self.pairs {
                    *result = x.get(element).copied().unwrap_or([0; 4]);
                    continue;
                }
                let (pair, angle, second) = self.pair(element);
                let [x0, x1] = pair.map(|place| at(x, place));
                let (cos, sin) = (at(cos, angle), at(sin, angle));
                *result = F32::write(if second {
                    x0 * sin + x1 * cos
                } else {
                    x0 * cos - x1 * sin
                });
            }
            from += count;
            rest = after;
        }
        Ok(())
    }
}
