use crate::functions::Scatter;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{bounded_index, index};
use crate::scatter::join;
use crate::signature::{any, axis, expect_inputs, function, index_type};
use crate::walk::{Walk, row_major};
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// The source, in which each update has been joined with the element at its own place, but for its coordinate along an axis,
/// which is an index; in the order of the updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScatterElements {
    dtype: DType,
    wide: bool,
    function: Scatter,
    size: u32,
    stride: usize,
    /// The target without the axis.
    walk: Walk<1>,
    updates: usize,
    output: Shape,
}

impl Kernel for ScatterElements {
    const ATTRIBUTES: usize = 2;
    const OUTPUT_INITIAL: Option<usize> = Some(0);

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let (target, indices) = (any(record, 0)?, any(record, 1)?);
        let axis = axis(record, 0, &target.shape)?;
        let function = function(record, 1, Scatter::from_code)?;
        crate::signature::expect_shape(record, 2, target.dtype, indices.shape)?;
        let fits = target.shape.dims().iter().zip(indices.shape.dims()).enumerate();
        let fits = fits
            .into_iter()
            .all(|(place, (size, taken))| place == axis || taken <= size);
        if !fits || target.shape.rank() != indices.shape.rank() {
            return Err(AdmitError::InputShape {
                input: 1,
                expected: target.shape,
                given: indices.shape,
            });
        }
        let target_strides = row_major(&target.shape);
        let mut strides = [[0]; MAX_RANK];
        for (place, (stride, target)) in strides.iter_mut().zip(target_strides).enumerate() {
            *stride = [if place == axis { 0 } else { target }];
        }
        Ok(ScatterElements {
            dtype: target.dtype,
            wide: index_type(record, 1)?,
            function,
            size: target.shape.dims().get(axis).copied().unwrap_or(1),
            stride: target_strides.get(axis).copied().unwrap_or(0),
            walk: Walk::new(indices.shape.dims(), &strides),
            updates: indices.shape.elements() as usize,
            output: target.shape,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + 128 * self.updates as u64
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[_, indices, updates] = inputs else {
            return Ok(());
        };
        let first = start / self.dtype.bytes() as usize;
        self.walk.stretches(0, self.updates, |done, length, [place], [step]| {
            for update in 0..length {
                let chosen = bounded_index(index(indices, done + update, self.wide), self.size);
                let target = place + update * step + chosen * self.stride;
                join(
                    self.function,
                    self.dtype,
                    output,
                    target.wrapping_sub(first),
                    updates,
                    done + update,
                );
            }
        });
        Ok(())
    }
}
