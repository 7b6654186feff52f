use crate::kernel::{BASE_UNITS, Kernel};
use crate::rows::{Rows, expect_index, with_rows};
use crate::signature::{any, expect_inputs, positive};
use crate::words::word;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Consecutive rows of a tensor of any type, from an index on that is itself a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SelectRows {
    source: Rows,
    taken: u32,
    dtype: DType,
    output: Shape,
}

impl Kernel for SelectRows {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 2)?;
        let value = any(record, 0)?;
        expect_index(record)?;
        let source = Rows::of(0, &value)?;
        let taken = positive(record, 0, "rows")?;
        if taken > source.count {
            return Err(AdmitError::Attribute {
                place: 0,
                name: "rows",
                value: record.signed_attribute(0),
                rule: "at most the rows that there are",
            });
        }
        Ok(SelectRows {
            source,
            taken,
            dtype: value.dtype,
            output: with_rows(&value, taken)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.taken) * self.source.bytes as u64
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[source, index] = inputs else {
            return Ok(());
        };
        let first = self.source.first_byte(word(index, 0), self.taken);
        if let Some(bytes) = source.get(first + start..).and_then(|rest| rest.get(..output.len())) {
            output.copy_from_slice(bytes);
        }
        Ok(())
    }
}
