use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{bounded_index, index};
use crate::signature::{any, axis, expect_inputs, index_type, shape};
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// Slices of a tensor along an axis, each chosen by an index: ONNX's Gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gather {
    dtype: DType,
    wide: bool,
    /// Slices along the axis.
    pub size: u32,
    /// How many are chosen, before the axes after it.
    pub indices: usize,
    /// Bytes of one slice.
    pub piece: usize,
    output: Shape,
}

impl Gather {
    /// Which slice index `place` chooses, below `size`.
    #[inline]
    pub fn chosen(&self, indices: &[u8], place: usize) -> usize {
        bounded_index(index(indices, place, self.wide), self.size)
    }

    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<Gather, AdmitError> {
        expect_inputs(record, 2)?;
        let (source, indices) = (any(record, 0)?, any(record, 1)?);
        let axis = axis(record, 0, &source.shape)?;
        let source_dims = source.shape.dims();
        let outer = source_dims.get(..axis).unwrap_or(&[]);
        let inner = source_dims.get(axis + 1..).unwrap_or(&[]);
        let mut dims = [0; 2 * MAX_RANK];
        let joint = outer.iter().chain(indices.shape.dims()).chain(inner);
        let mut rank = 0;
        for (place, dim) in dims.iter_mut().zip(joint) {
            *place = *dim;
            rank += 1;
        }
        let inner: u32 = inner.iter().product();
        Ok(Gather {
            dtype: source.dtype,
            wide: index_type(record, 1)?,
            size: source_dims.get(axis).copied().unwrap_or(1),
            indices: indices.shape.elements() as usize,
            piece: inner as usize * source.dtype.bytes() as usize,
            output: shape(dims.get(..rank).unwrap_or(&[]))?,
        })
    }
}

impl Kernel for Gather {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        Gather::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let bytes = u64::from(self.output.elements()) * u64::from(self.dtype.bytes());
        BASE_UNITS + 2 * bytes + 64 * (bytes / self.piece as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[source, indices] = inputs else {
            return Ok(());
        };
        let mut from = start % self.piece;
        let mut slice = start / self.piece;
        let mut rest = output;
        while !rest.is_empty() {
            let length = if self.piece - from < rest.len() {
                self.piece - from
            } else {
                rest.len()
            };
            let (results, after) = rest.split_at_mut(length);
            let chosen = self.chosen(indices, slice % self.indices);
            let place = (slice / self.indices * self.size as usize + chosen) * self.piece + from;
            if let Some(taken) = source.get(place..place + length) {
                results.copy_from_slice(taken);
            }
            rest = after;
            from = 0;
            slice += 1;
        }
        Ok(())
    }
}
