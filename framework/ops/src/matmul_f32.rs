use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{expect_inputs, typed};
use crate::walk::Walk;
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// `a [..., M, K] · b [..., K, N]`; the outer dimensions are broadcast.
///
/// One accumulator an output, from +0, k ascending, rounded after each product and each sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMulF32 {
    /// Rows of a and of the output.
    pub rows: usize,
    /// Columns of a, rows of b.
    pub depth: usize,
    /// Columns of b and of the output.
    pub columns: usize,
    /// Over the products: which matrices of a and b belong together.
    batch: Walk<2>,
    output: Shape,
}

impl MatMulF32 {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<MatMulF32, AdmitError> {
        expect_inputs(record, 2)?;
        let product = MatrixProduct::of([typed(record, 0, DType::F32)?, typed(record, 1, DType::F32)?])?;
        Ok(MatMulF32 {
            rows: product.rows,
            depth: product.depth,
            columns: product.columns,
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

/// Two tensors of matrices that can be multiplied.
pub(crate) struct MatrixProduct {
    pub(crate) rows: usize,
    pub(crate) depth: usize,
    pub(crate) columns: usize,
    /// In matrices.
    pub(crate) batch: Walk<2>,
    pub(crate) output: Shape,
}

impl MatrixProduct {
    pub(crate) fn of([a, b]: [Shape; 2]) -> Result<MatrixProduct, AdmitError> {
        let split = |input: usize, shape: &Shape| -> Result<(Shape, [u32; 2]), AdmitError> {
            let rank = AdmitError::InputRank {
                input,
                expected: 2,
                given: shape.rank(),
            };
            let (outer, inner) = shape.dims().split_last_chunk::<2>().ok_or(rank)?;
            Ok((crate::signature::shape(outer)?, *inner))
        };
        let ((outer_a, [rows, depth]), (outer_b, [depth_b, columns])) = (split(0, &a)?, split(1, &b)?);
        if depth != depth_b {
            return Err(AdmitError::InputShape {
                input: 1,
                expected: crate::signature::shape(&[depth, columns])?,
                given: b,
            });
        }
        let (batch, outer) = Walk::broadcast([outer_a, outer_b])?;
        let mut dims = [0; MAX_RANK + 2];
        let mut rank = 0;
        for (place, dim) in dims.iter_mut().zip(outer.dims().iter().chain(&[rows, columns])) {
            *place = *dim;
            rank += 1;
        }
        Ok(MatrixProduct {
            rows: rows as usize,
            depth: depth as usize,
            columns: columns as usize,
            batch,
            output: crate::signature::shape(dims.get(..rank).unwrap_or(&[]))?,
        })
    }
}

/// Columns that share one pass over k.
const LANES: usize = 8;

/// Σ_k a[k]·b[k][column + i], b's rows `columns` apart.
#[inline(always)]
pub(crate) fn dot<const LANES: usize>(a: &[[u8; 4]], b: &[[u8; 4]], columns: usize, column: usize) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    let mut first = column;
    for a in a {
        let a = F32::read(*a);
        let row = b.get(first..).and_then(|rest| rest.first_chunk::<LANES>());
        if let Some(row) = row {
            for (sum, b) in sums.iter_mut().zip(row) {
                *sum += a * F32::read(*b);
            }
        }
        first += columns;
    }
    sums
}

impl Kernel for MatMulF32 {
    const ATTRIBUTES: usize = 0;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        MatMulF32::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::F32, self.output)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS + u64::from(self.output.elements()) * (64 + 32 * self.depth as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[a, b] = inputs else {
            return Ok(());
        };
        let (a, b) = (a.as_chunks::<4>().0, b.as_chunks::<4>().0);
        let output = output.as_chunks_mut::<4>().0;
        let (start, end) = (start / 4, start / 4 + output.len());
        let size = self.rows * self.columns;
        self.each_product(
            start / size,
            end.div_ceil(size) - start / size,
            |product, in_a, in_b| {
                let b = b.get(in_b * self.depth * self.columns..).unwrap_or(&[]);
                for row in 0..self.rows {
                    let first = product * size + row * self.columns;
                    let a = a.get((in_a * self.rows + row) * self.depth..).unwrap_or(&[]);
                    let a = a.get(..self.depth).unwrap_or(&[]);
                    let mut column = start.saturating_sub(first);
                    let last = if end - first.min(end) < self.columns {
                        end - first.min(end)
                    } else {
                        self.columns
                    };
                    while column < last {
                        let results = output.get_mut(first + column - start..).unwrap_or_default();
                        if column + LANES <= last {
                            let sums = dot::<LANES>(a, b, self.columns, column);
                            for (result, sum) in results.iter_mut().zip(sums) {
                                *result = F32::write(sum);
                            }
                            column += LANES;
                        } else {
                            let [sum] = dot::<1>(a, b, self.columns, column);
                            if let Some(result) = results.first_mut() {
                                *result = F32::write(sum);
                            }
                            column += 1;
                        }
                    }
                }
            },
        );
        Ok(())
    }
}
