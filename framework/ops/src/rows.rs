//! Rows of a tensor: the pieces along its first dimension.

use crate::{AdmitError, DType, Record, Shape, Value};

/// A tensor as rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) count: u32,
    /// Bytes of one.
    pub(crate) bytes: usize,
}

impl Rows {
    /// The rows of a value, which has at least one dimension; `input` is its place among a record's inputs.
    pub(crate) fn of(input: usize, value: &Value) -> Result<Rows, AdmitError> {
        let count = *value.shape.dims().first().ok_or(AdmitError::InputRank {
            input,
            expected: 1,
            given: 0,
        })?;
        Ok(Rows {
            count,
            bytes: (value.bytes() / count) as usize,
        })
    }

    /// The first byte of row `index`, moved so that `taken` rows from there on exist.
    pub(crate) fn first_byte(&self, index: i32, taken: u32) -> usize {
        let most = self.count.saturating_sub(taken) as i32;
        let index = if index < 0 { 0 } else { index };
        let index = if index > most { most } else { index };
        index as usize * self.bytes
    }
}

/// The dimensions of `value` with `rows` rows instead.
pub(crate) fn with_rows(value: &Value, rows: u32) -> Result<Shape, AdmitError> {
    let mut dims = [0; crate::MAX_RANK];
    let rank = value.shape.rank();
    let dims = dims.get_mut(..rank).unwrap_or_default();
    dims.copy_from_slice(value.shape.dims());
    if let Some(first) = dims.first_mut() {
        *first = rows;
    }
    crate::signature::shape(dims)
}

/// Refuses input 1 unless it is an index: i32 [1].
pub(crate) fn expect_index(record: &Record) -> Result<(), AdmitError> {
    crate::signature::expect_shape(record, 1, DType::I32, crate::signature::shape(&[1])?)
}
