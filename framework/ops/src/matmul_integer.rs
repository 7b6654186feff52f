use crate::kernel::{BASE_UNITS, Kernel};
use crate::matmul_f32::MatrixProduct;
use crate::signature::{any, expect_shape, shape};
use crate::walk::Walk;
use crate::zero_point::{byte, byte_type, expect_initial, initial};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// `(a − za) [..., M, K] · (b − zb) [..., K, N]` of bytes, plus a bias [N] if there is one, modulo 2^32; the outer dimensions are broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMulInteger {
    /// Rows of a and of the output.
    pub rows: usize,
    /// Columns of a, rows of b.
    pub depth: usize,
    /// Columns of b and of the output.
    pub columns: usize,
    /// Whether a and b are signed.
    pub signed: [bool; 2],
    /// Whether each row of a, and each column of b, has its own zero point.
    pub each: [bool; 2],
    /// Whether input 4 is a bias.
    pub bias: bool,
    batch: Walk<2>,
    output: Shape,
}

impl MatMulInteger {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<MatMulInteger, AdmitError> {
        let (a, b) = (any(record, 0)?, any(record, 1)?);
        let product = MatrixProduct::of([a.shape, b.shape])?;
        let signed = [byte_type(record, 0)?, byte_type(record, 1)?];
        let mut each = [false; 2];
        for (operand, (size, dtype)) in [(product.rows, a.dtype), (product.columns, b.dtype)]
            .into_iter()
            .enumerate()
        {
            let given = any(record, 2 + operand)?.shape;
            each[operand] = given.elements() != 1;
            let expected = if given.elements() == 1 { 1 } else { size as u32 };
            expect_shape(record, 2 + operand, dtype, shape(&[expected])?)?;
        }
        Ok(MatMulInteger {
            rows: product.rows,
            depth: product.depth,
            columns: product.columns,
            signed,
            each,
            bias: expect_initial(record, product.columns as u32)?,
            batch: product.batch,
            output: product.output,
        })
    }

    /// Calls `each(product, matrix of a, matrix of b)` for the products `first .. first + count`.
    pub fn each_product(&self, first: usize, count: usize, mut each: impl FnMut(usize, usize, usize)) {
        self.batch.stretches(first, count, |done, length, places, steps| {
            for place in 0..length {
                each(
                    first + done + place,
                    places[0] + place * steps[0],
                    places[1] + place * steps[1],
                );
            }
        });
    }
}

impl Kernel for MatMulInteger {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        MatMulInteger::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.output.elements()) * (64 + 4 * self.depth as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[a, b, a_zero, b_zero, ref bias @ ..] = inputs else {
            return Ok(());
        };
        let bias = bias.first().map_or(&[][..], |bias| bias.as_chunks().0);
        let output = output.as_chunks_mut::<4>().0;
        let start = start / 4;
        let end = start + output.len();
        let size = self.rows * self.columns;
        let [a_signed, b_signed] = self.signed;
        self.each_product(
            start / size,
            end.div_ceil(size) - start / size,
            |product, in_a, in_b| {
                let first = product * size;
                let from = start.saturating_sub(first);
                let to = if end - first < size { end - first } else { size };
                for element in from..to {
                    let (row, column) = (element / self.columns, element % self.columns);
                    let a_zero = byte(a_zero, if self.each[0] { row } else { 0 }, a_signed);
                    let b_zero = byte(b_zero, if self.each[1] { column } else { 0 }, b_signed);
                    let a = a.get((in_a * self.rows + row) * self.depth..).unwrap_or(&[]);
                    let mut sum = initial(bias, column);
                    let mut place = in_b * self.depth * self.columns + column;
                    for k in 0..self.depth {
                        let product = byte(a, k, a_signed)
                            .wrapping_sub(a_zero)
                            .wrapping_mul(byte(b, place, b_signed).wrapping_sub(b_zero));
                        sum = sum.wrapping_add(product);
                        place += self.columns;
                    }
                    if let Some(result) = output.get_mut(first + element - start) {
                        *result = sum.to_le_bytes();
                    }
                }
            },
        );
        Ok(())
    }
}
