use crate::kernel::{BASE_UNITS, Kernel};
use crate::rows::{Rows, expect_index, with_rows};
use crate::signature::{any, expect_inputs, expect_shape};
use crate::words::word;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A tensor of any type with some of its rows written anew: only what changes is written, the output starts as input 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UpdateRows {
    target: Rows,
    written: u32,
    dtype: DType,
    output: Shape,
}

impl Kernel for UpdateRows {
    const ATTRIBUTES: usize = 0;
    const OUTPUT_INITIAL: Option<usize> = Some(0);

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let (target, rows) = (any(record, 0)?, any(record, 2)?);
        expect_index(record)?;
        let written = Rows::of(2, &rows)?.count;
        let plan = UpdateRows {
            target: Rows::of(0, &target)?,
            written,
            dtype: target.dtype,
            output: target.shape,
        };
        let most = if written > plan.target.count {
            plan.target.count
        } else {
            written
        };
        expect_shape(record, 2, target.dtype, with_rows(&target, most)?)?;
        Ok(plan)
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.written) * self.target.bytes as u64
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[_, index, rows] = inputs else {
            return Ok(());
        };
        let first = self.target.first_byte(word(index, 0), self.written);
        let from = if first > start { first } else { start };
        let end = start + output.len();
        let to = if first + rows.len() < end {
            first + rows.len()
        } else {
            end
        };
        let part = rows.get(from - first..to.saturating_sub(first)).unwrap_or(&[]);
        if let Some(target) = output
            .get_mut(from - start..)
            .and_then(|rest| rest.get_mut(..part.len()))
        {
            target.copy_from_slice(part);
        }
        Ok(())
    }
}
