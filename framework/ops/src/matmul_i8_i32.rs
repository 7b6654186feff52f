use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{dims, expect_inputs, expect_shape, shape};
use crate::words::{fill, word};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// `initial [rows, outputs] + x [rows, depth] · w [depth, outputs]`, all row-major, int8 factors, sums modulo 2^32: a tile's
/// product on top of the tiles before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MatMulI8I32 {
    depth: u32,
    outputs: u32,
    output: Shape,
}

impl Kernel for MatMulI8I32 {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 3)?;
        let [rows, depth] = dims(record, 0, DType::I8)?;
        let [_, outputs] = dims(record, 1, DType::I8)?;
        expect_shape(record, 1, DType::I8, shape(&[depth, outputs])?)?;
        let output = shape(&[rows, outputs])?;
        expect_shape(record, 2, DType::I32, output)?;
        Ok(MatMulI8I32 { depth, outputs, output })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.output.elements()) * (4 * u64::from(self.depth) + 32)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, w, initial] = inputs else {
            return Ok(());
        };
        let (depth, outputs) = (self.depth as usize, self.outputs as usize);
        fill(output, start, |place| {
            let row = x.get(place / outputs * depth..).unwrap_or(&[]);
            let column = w.get(place % outputs..).unwrap_or(&[]).iter().step_by(outputs);
            row.iter()
                .take(depth)
                .zip(column)
                .fold(word(initial, place), |sum, (x, w)| {
                    sum.wrapping_add(i32::from(*x as i8).wrapping_mul(i32::from(*w as i8)))
                })
        });
        Ok(())
    }
}
