use crate::kernel::{BASE_UNITS, Kernel};
use crate::lines::Lines;
use crate::order::Order;
use crate::signature::{any, axis, expect_inputs, flag, shape};
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// Where along an axis the greatest, or the least, element lies: i64, the axis's dimension becomes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArgExtreme {
    dtype: DType,
    lines: Lines,
    least: bool,
    last: bool,
    output: Shape,
}

/// `dims` with another size along `axis`.
pub(crate) fn resized(source: &Shape, axis: usize, size: u32) -> Result<Shape, AdmitError> {
    let mut dims = [0; MAX_RANK];
    let dims = dims.get_mut(..source.rank()).unwrap_or_default();
    dims.copy_from_slice(source.dims());
    if let Some(dim) = dims.get_mut(axis) {
        *dim = size;
    }
    shape(dims)
}

impl Kernel for ArgExtreme {
    const ATTRIBUTES: usize = 3;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let axis = axis(record, 0, &x.shape)?;
        Ok(ArgExtreme {
            dtype: x.dtype,
            lines: Lines::along(&x.shape, axis),
            least: flag(record, 1, "least")?,
            last: flag(record, 2, "last")?,
            output: resized(&x.shape, axis, 1)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I64, self.output)
    }

    fn work_units(&self) -> u64 {
        let lines = self.lines.count() as u64;
        BASE_UNITS + lines * (64 + 32 * self.lines.size as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let order = Order {
            bytes: inputs.first().copied().unwrap_or(&[]),
            dtype: self.dtype,
            largest: !self.least,
        };
        for (result, line) in output.as_chunks_mut::<8>().0.iter_mut().zip(start / 8..) {
            let first = self.lines.first(line);
            let (mut best, mut best_key) = (0, order.key(first));
            for place in 1..self.lines.size {
                let key = order.key(first + place * self.lines.inner);
                if key > best_key || (self.last && key == best_key) {
                    (best, best_key) = (place, key);
                }
            }
            *result = (best as i64).to_le_bytes();
        }
        Ok(())
    }
}
