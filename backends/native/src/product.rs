//! A product of two float matrices, tile by tile.

use crate::share::share;
use crate::simd::{Factors, Kernel, TILE_COLUMNS, TILE_ROWS};

/// The bits of the one NaN that is ever written.
const NAN_BITS: u32 = 0x7fc0_0000;

/// `a [rows, depth] · b [depth, columns]`, row-major.
#[derive(Clone, Copy)]
pub(crate) struct Product<'a> {
    pub(crate) a: &'a [u8],
    pub(crate) b: &'a [u8],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) depth: usize,
}

/// The bytes of a sum, every NaN being the one NaN.
#[inline(always)]
pub(crate) fn stored(sum: f32) -> [u8; 4] {
    let bits = if sum.is_nan() { NAN_BITS } else { sum.to_bits() };
    bits.to_le_bytes()
}

impl Product<'_> {
    /// Computes all of it into `output`, row-major.
    pub(crate) fn compute(&self, kernel: Kernel, threads: usize, output: &mut [u8]) {
        // Rows are shared out, in whole tiles, unless there are too few.
        let blocks = self.rows.div_ceil(TILE_ROWS);
        if blocks >= threads {
            let parts = share(blocks, threads, |blocks| {
                let rows = blocks.start * TILE_ROWS..self.rows.min(blocks.end * TILE_ROWS);
                self.part(kernel, rows, 0..self.columns)
            });
            for (blocks, part) in parts {
                output[4 * blocks.start * TILE_ROWS * self.columns..][..part.len()].copy_from_slice(&part);
            }
            return;
        }
        let width = kernel.tile_columns();
        let columns = |tiles: &std::ops::Range<usize>| tiles.start * width..self.columns.min(tiles.end * width);
        for (tiles, part) in share(self.columns.div_ceil(width), threads, |tiles| {
            self.part(kernel, 0..self.rows, columns(&tiles))
        }) {
            let columns = columns(&tiles);
            let rows = output.chunks_exact_mut(4 * self.columns);
            for (row, part) in rows.zip(part.chunks_exact(4 * columns.len())) {
                row[4 * columns.start..4 * columns.end].copy_from_slice(part);
            }
        }
    }

    /// Some rows and columns of it, row-major.
    fn part(&self, kernel: Kernel, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Vec<u8> {
        let mut output = vec![0; 4 * rows.len() * columns.len()];
        let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        let width = kernel.tile_columns();
        for first in columns.clone().step_by(width) {
            let wide = width.min(columns.end - first);
            for row in rows.clone().step_by(TILE_ROWS) {
                let high = TILE_ROWS.min(rows.end - row);
                let factors = Factors {
                    a: &self.a[4 * row * self.depth..],
                    a_stride: self.depth,
                    b: &self.b[4 * first..],
                    b_stride: self.columns,
                    depth: self.depth,
                };
                kernel.tile(factors, high, wide, &mut sums);
                for (place, sums) in sums.iter().enumerate().take(high) {
                    let start = (row - rows.start + place) * columns.len() + first - columns.start;
                    let results = output[4 * start..][..4 * wide].as_chunks_mut().0;
                    for (result, sum) in results.iter_mut().zip(sums) {
                        *result = stored(*sum);
                    }
                }
            }
        }
        output
    }
}
