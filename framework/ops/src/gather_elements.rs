use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{bounded_index, index};
use crate::signature::{any, axis, expect_inputs, index_type};
use crate::walk::{Walk, row_major};
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// Each output element is the source's at the same place, but for its coordinate along an axis, which is an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GatherElements {
    dtype: DType,
    wide: bool,
    size: u32,
    stride: usize,
    /// The indices, and the source without the axis.
    walk: Walk<2>,
    output: Shape,
}

impl GatherElements {
    fn copy<const N: usize>(&self, source: &[u8], indices: &[u8], output: &mut [u8], start: usize) {
        let source = source.as_chunks::<N>().0;
        let output = output.as_chunks_mut::<N>().0;
        self.walk.stretches(start, output.len(), |done, length, places, steps| {
            let results = output.get_mut(done..done + length).unwrap_or_default();
            for (place, result) in results.iter_mut().enumerate() {
                let [at, base] = [0, 1].map(|operand| places[operand] + place * steps[operand]);
                let chosen = bounded_index(index(indices, at, self.wide), self.size);
                *result = source.get(base + chosen * self.stride).copied().unwrap_or([0; N]);
            }
        });
    }
}

impl Kernel for GatherElements {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 2)?;
        let (source, indices) = (any(record, 0)?, any(record, 1)?);
        let axis = axis(record, 0, &source.shape)?;
        let fits = source.shape.dims().iter().zip(indices.shape.dims()).enumerate();
        let fits = fits
            .into_iter()
            .all(|(place, (size, taken))| place == axis || taken <= size);
        if !fits || source.shape.rank() != indices.shape.rank() {
            return Err(AdmitError::InputShape {
                input: 1,
                expected: source.shape,
                given: indices.shape,
            });
        }
        let source_strides = row_major(&source.shape);
        let index_strides = row_major(&indices.shape);
        let mut strides = [[0; 2]; MAX_RANK];
        for (place, stride) in strides.iter_mut().enumerate() {
            let source = if place == axis {
                0
            } else {
                source_strides.get(place).copied().unwrap_or(0)
            };
            *stride = [index_strides.get(place).copied().unwrap_or(0), source];
        }
        Ok(GatherElements {
            dtype: source.dtype,
            wide: index_type(record, 1)?,
            size: source.shape.dims().get(axis).copied().unwrap_or(1),
            stride: source_strides.get(axis).copied().unwrap_or(0),
            walk: Walk::new(indices.shape.dims(), &strides),
            output: indices.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 64 * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[source, indices] = inputs else {
            return Ok(());
        };
        let start = start / self.dtype.bytes() as usize;
        match self.dtype.bytes() {
            1 => self.copy::<1>(source, indices, output, start),
            2 => self.copy::<2>(source, indices, output, start),
            4 => self.copy::<4>(source, indices, output, start),
            _ => self.copy::<8>(source, indices, output, start),
        }
        Ok(())
    }
}
