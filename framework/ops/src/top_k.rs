use crate::arg_extreme::resized;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::lines::Lines;
use crate::order::Order;
use crate::signature::{any, axis, expect_inputs, flag};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Where along an axis the first k elements lie when they are sorted, the greatest, or the least, first; equal ones as they come. i64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TopK {
    dtype: DType,
    lines: Lines,
    taken: u32,
    least: bool,
    output: Shape,
}

impl Kernel for TopK {
    const ATTRIBUTES: usize = 3;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let axis = axis(record, 0, &x.shape)?;
        let lines = Lines::along(&x.shape, axis);
        let taken = record.attribute(1);
        if taken == 0 || taken as usize > lines.size {
            return Err(AdmitError::Attribute {
                place: 1,
                name: "k",
                value: taken as i32,
                rule: "from 1 to the elements that there are",
            });
        }
        Ok(TopK {
            dtype: x.dtype,
            lines,
            taken,
            least: flag(record, 2, "least")?,
            output: resized(&x.shape, axis, taken)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I64, self.output)
    }

    fn work_units(&self) -> u64 {
        let lines = self.lines.count() as u64;
        BASE_UNITS + lines * u64::from(self.taken) * (64 + 48 * self.lines.size as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let order = Order {
            bytes: inputs.first().copied().unwrap_or(&[]),
            dtype: self.dtype,
            largest: !self.least,
        };
        let output = output.as_chunks_mut::<8>().0;
        let (start, inner) = (start / 8, self.lines.inner);
        let results = self.lines.with_size(self.taken as usize);
        for line in results.touched(start, output.len()) {
            let first = self.lines.first(line);
            // Each next one is the first among those that come after the one before.
            let mut before: Option<(i64, usize)> = None;
            for rank in 0..results.size {
                let mut best: Option<(i64, usize)> = None;
                for place in 0..self.lines.size {
                    let key = order.key(first + place * inner);
                    let left = before.is_none_or(|(last, at)| key < last || (key == last && place > at));
                    if left && best.is_none_or(|(best, _)| key > best) {
                        best = Some((key, place));
                    }
                }
                before = best;
                let at = results.first(line) + rank * inner;
                if let (Some((_, place)), Some(result)) = (best, output.get_mut(at.wrapping_sub(start))) {
                    *result = (place as i64).to_le_bytes();
                }
            }
        }
        Ok(())
    }
}
