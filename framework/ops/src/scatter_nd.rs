use crate::functions::Scatter;
use crate::gather_nd::Tuples;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scatter::join;
use crate::signature::{any, expect_inputs, function, index_type, shape};
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// The source, in which each slice of the updates has been joined with the one at which a tuple of indices points, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScatterNd {
    dtype: DType,
    wide: bool,
    function: Scatter,
    places: Tuples,
    /// Elements of one slice.
    piece: usize,
    tuples: usize,
    output: Shape,
}

impl Kernel for ScatterNd {
    const ATTRIBUTES: usize = 1;
    const OUTPUT_INITIAL: Option<usize> = Some(0);

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let (target, indices) = (any(record, 0)?, any(record, 1)?);
        let function = function(record, 0, Scatter::from_code)?;
        let (target_dims, index_dims) = (target.shape.dims(), indices.shape.dims());
        let length = index_dims.last().copied().unwrap_or(0) as usize;
        let outer = index_dims.split_last().map_or(&[][..], |(_, outer)| outer);
        if length == 0 || length > target_dims.len() {
            return Err(AdmitError::InputShape {
                input: 1,
                expected: target.shape,
                given: indices.shape,
            });
        }
        let inner = target_dims.get(length..).unwrap_or(&[]);
        let mut dims = [0; 2 * MAX_RANK];
        let mut rank = 0;
        for (place, dim) in dims.iter_mut().zip(outer.iter().chain(inner)) {
            *place = *dim;
            rank += 1;
        }
        crate::signature::expect_shape(record, 2, target.dtype, shape(dims.get(..rank).unwrap_or(&[]))?)?;
        Ok(ScatterNd {
            dtype: target.dtype,
            wide: index_type(record, 1)?,
            function,
            places: Tuples::new(&target.shape, 0, length),
            piece: inner.iter().product::<u32>() as usize,
            tuples: outer.iter().product::<u32>() as usize,
            output: target.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let updates = self.tuples as u64 * self.piece as u64;
        BASE_UNITS + 128 * updates + 96 * self.tuples as u64 * (1 + self.places.length as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[_, indices, updates] = inputs else {
            return Ok(());
        };
        let first = start / self.dtype.bytes() as usize;
        for tuple in 0..self.tuples {
            let place = self.places.place(indices, tuple, self.wide);
            for element in 0..self.piece {
                let target = (place + element).wrapping_sub(first);
                join(
                    self.function,
                    self.dtype,
                    output,
                    target,
                    updates,
                    tuple * self.piece + element,
                );
            }
        }
        Ok(())
    }
}
