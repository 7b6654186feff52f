use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, axis, shape};
use crate::{AdmitError, DType, MAX_INPUTS, MAX_RANK, Record, RunError, Shape};

/// Tensors one after the other along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Concat {
    dtype: DType,
    count: usize,
    /// Bytes that each input gives to one row: its piece along the axis and all inner ones.
    pieces: [usize; MAX_INPUTS],
    output: Shape,
}

impl Kernel for Concat {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        let first = any(record, 0)?;
        let axis = axis(record, 0, &first.shape)?;
        let mut dims = [0; MAX_RANK];
        let rank = first.shape.rank();
        if let Some(dims) = dims.get_mut(..rank) {
            dims.copy_from_slice(first.shape.dims());
        }
        let inner: u32 = first.shape.dims().iter().skip(axis + 1).product();
        let mut pieces = [0; MAX_INPUTS];
        let mut joint = 0u32;
        for (input, piece) in pieces.iter_mut().enumerate().take(record.input_count()) {
            let value = any(record, input)?;
            let size = value.shape.dims().get(axis).copied().unwrap_or(0);
            if let Some(dim) = dims.get_mut(axis) {
                *dim = size;
            }
            let expected = shape(dims.get(..rank).unwrap_or(&[]))?;
            crate::signature::expect_shape(record, input, first.dtype, expected)?;
            joint = joint.checked_add(size).ok_or(AdmitError::Window)?;
            *piece = (size.checked_mul(inner).ok_or(AdmitError::Window)? as usize)
                .checked_mul(first.dtype.bytes() as usize)
                .ok_or(AdmitError::Window)?;
        }
        if let Some(dim) = dims.get_mut(axis) {
            *dim = joint;
        }
        Ok(Concat {
            dtype: first.dtype,
            count: record.input_count(),
            pieces,
            output: shape(dims.get(..rank).unwrap_or(&[]))?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let row: usize = self.pieces.iter().sum();
        let bytes = u64::from(self.output.elements()) * u64::from(self.dtype.bytes());
        BASE_UNITS + 2 * bytes + 64 * self.count as u64 * (bytes / row as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let row: usize = self.pieces.iter().sum();
        let end = start + output.len();
        for number in start / row..end.div_ceil(row) {
            let mut from = number * row;
            for (input, piece) in inputs.iter().zip(self.pieces) {
                // The part of this piece that lies in the range.
                let first = if from > start { from } else { start };
                let last = if from + piece < end { from + piece } else { end };
                if first < last {
                    let source = number * piece + (first - from);
                    let taken = input.get(source..source + (last - first));
                    if let (Some(taken), Some(results)) = (taken, output.get_mut(first - start..last - start)) {
                        results.copy_from_slice(taken);
                    }
                }
                from += piece;
            }
        }
        Ok(())
    }
}
