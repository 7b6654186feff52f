use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{bounded_index, index};
use crate::signature::{any, expect_inputs, index_type, shape};
use crate::walk::row_major;
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// Slices of a tensor, each chosen by a tuple of indices: ONNX's GatherND.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GatherNd {
    dtype: DType,
    wide: bool,
    places: Tuples,
    /// Bytes of one slice.
    piece: usize,
    /// Tuples of one batch.
    tuples: usize,
    /// Elements of the source in one batch.
    batch: usize,
    output: Shape,
}

/// Tuples of indices into some axes of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuples {
    /// Indices of one tuple.
    pub(crate) length: usize,
    sizes: [u32; MAX_RANK],
    strides: [usize; MAX_RANK],
}

impl Tuples {
    /// Tuples of `length` indices into the axes of `source` from `first` on.
    pub(crate) fn new(source: &Shape, first: usize, length: usize) -> Tuples {
        let (mut sizes, mut strides) = ([1; MAX_RANK], [0; MAX_RANK]);
        let axes = source.dims().iter().zip(row_major(source)).skip(first).take(length);
        for ((size, stride), axis) in sizes.iter_mut().zip(&mut strides).zip(axes) {
            (*size, *stride) = (*axis.0, axis.1);
        }
        Tuples { length, sizes, strides }
    }

    /// The element at which tuple `tuple` points.
    pub(crate) fn place(&self, indices: &[u8], tuple: usize, wide: bool) -> usize {
        let axes = self.sizes.iter().zip(self.strides).take(self.length).enumerate();
        let place = axes.map(|(axis, (size, stride))| {
            bounded_index(index(indices, tuple * self.length + axis, wide), *size) * stride
        });
        place.sum()
    }
}

impl Kernel for GatherNd {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 2)?;
        let (source, indices) = (any(record, 0)?, any(record, 1)?);
        let batch = record.attribute(0) as usize;
        let (source_dims, index_dims) = (source.shape.dims(), indices.shape.dims());
        let length = index_dims.last().copied().unwrap_or(0) as usize;
        let outer = index_dims.split_last().map_or(&[][..], |(_, outer)| outer);
        let alike = source_dims
            .get(..batch)
            .is_some_and(|dims| outer.get(..batch) == Some(dims));
        if !alike || length == 0 || batch.saturating_add(length) > source_dims.len() {
            return Err(AdmitError::InputShape {
                input: 1,
                expected: source.shape,
                given: indices.shape,
            });
        }
        let inner = source_dims.get(batch + length..).unwrap_or(&[]);
        let mut dims = [0; 2 * MAX_RANK];
        let mut rank = 0;
        for (place, dim) in dims.iter_mut().zip(outer.iter().chain(inner)) {
            *place = *dim;
            rank += 1;
        }
        let elements = |dims: &[u32]| dims.iter().product::<u32>() as usize;
        Ok(GatherNd {
            dtype: source.dtype,
            wide: index_type(record, 1)?,
            places: Tuples::new(&source.shape, batch, length),
            piece: elements(inner) * source.dtype.bytes() as usize,
            tuples: elements(outer.get(batch..).unwrap_or(&[])),
            batch: elements(source_dims.get(batch..).unwrap_or(&[])),
            output: shape(dims.get(..rank).unwrap_or(&[]))?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let bytes = u64::from(self.output.elements()) * u64::from(self.dtype.bytes());
        BASE_UNITS + 2 * bytes + 96 * (bytes / self.piece as u64) * (1 + self.places.length as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[source, indices] = inputs else {
            return Ok(());
        };
        let size = self.dtype.bytes() as usize;
        let mut from = start % self.piece;
        let mut tuple = start / self.piece;
        let mut rest = output;
        while !rest.is_empty() {
            let length = if self.piece - from < rest.len() {
                self.piece - from
            } else {
                rest.len()
            };
            let (results, after) = rest.split_at_mut(length);
            let element = tuple / self.tuples * self.batch + self.places.place(indices, tuple, self.wide);
            let place = element * size + from;
            if let Some(taken) = source.get(place..place + length) {
                results.copy_from_slice(taken);
            }
            rest = after;
            from = 0;
            tuple += 1;
        }
        Ok(())
    }
}
