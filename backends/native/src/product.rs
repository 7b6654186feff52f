//! A product of two float matrices, tile by tile.

use std::ops::Range;

use crate::share::{share, share_rows};
use crate::simd::{Factors, Kernel, TILE_COLUMNS, TILE_ROWS};
use crate::strips::{Strips, together};

/// The bits of the one NaN that is ever written.
const NAN_BITS: u32 = 0x7fc0_0000;

/// Rows that are computed by streaming b instead of in tiles.
const STREAMED_ROWS: usize = 2;

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

/// Writes a row of sums, plus a bias if there is one, as they are stored.
#[inline(always)]
pub(crate) fn store_row(results: &mut [[u8; 4]], sums: &[f32], bias: Option<f32>) {
    match bias {
        Some(bias) => results
            .iter_mut()
            .zip(sums)
            .for_each(|(result, sum)| *result = stored(sum + bias)),
        None => results
            .iter_mut()
            .zip(sums)
            .for_each(|(result, sum)| *result = stored(*sum)),
    }
}

impl Product<'_> {
    /// Computes all of it into `output`, row-major.
    pub(crate) fn compute(&self, kernel: Kernel, threads: usize, output: &mut [u8]) {
        // Rows are shared out, in whole tiles, unless there are too few.
        if self.rows.div_ceil(TILE_ROWS) >= threads {
            share_rows(output, 4 * self.columns, TILE_ROWS, threads, |row, output| {
                kernel.compiled(
                    #[inline(always)]
                    || self.part(kernel, row, 0..self.columns, output),
                );
            });
            return;
        }
        let width = kernel.tile_columns();
        let columns = |tiles: &Range<usize>| tiles.start * width..self.columns.min(tiles.end * width);
        for (tiles, part) in share(self.columns.div_ceil(width), threads, |tiles| {
            let columns = columns(&tiles);
            let mut output = vec![0; 4 * self.rows * columns.len()];
            kernel.compiled(
                #[inline(always)]
                || self.part(kernel, 0, columns, &mut output),
            );
            output
        }) {
            let columns = columns(&tiles);
            let rows = output.chunks_exact_mut(4 * self.columns);
            for (row, part) in rows.zip(part.chunks_exact(4 * columns.len())) {
                row[4 * columns.start..4 * columns.end].copy_from_slice(part);
            }
        }
    }

    /// Some columns of the rows from `first` on, row-major.
    #[inline(always)]
    fn part(&self, kernel: Kernel, first: usize, columns: Range<usize>, output: &mut [u8]) {
        let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        let (width, rows) = (kernel.tile_columns(), output.len() / (4 * columns.len()));
        if rows <= STREAMED_ROWS {
            for (row, output) in output.chunks_exact_mut(4 * columns.len()).enumerate() {
                self.streamed(first + row, columns.clone(), output);
            }
            return;
        }
        let together = together(self.depth, width);
        let mut strips = Strips::new(self.depth, width);
        for group in columns.clone().step_by(together * width) {
            let group = group..columns.end.min(group + together * width);
            if rows > TILE_ROWS {
                strips.lay(self.b, self.columns, group.clone());
            }
            for row in (0..rows).step_by(TILE_ROWS) {
                let high = TILE_ROWS.min(rows - row);
                for (place, column) in group.clone().step_by(width).enumerate() {
                    let wide = width.min(group.end - column);
                    let (b, b_stride) = match rows > TILE_ROWS {
                        true => (strips.strip(place), width),
                        false => (&self.b[4 * column..], self.columns),
                    };
                    let factors = Factors {
                        a: &self.a[4 * (first + row) * self.depth..],
                        a_stride: self.depth,
                        b,
                        b_stride,
                        depth: self.depth,
                    };
                    kernel.tile(factors, high, wide, &mut sums);
                    for (place, sums) in sums.iter().enumerate().take(high) {
                        let start = (row + place) * columns.len() + column - columns.start;
                        store_row(output[4 * start..][..4 * wide].as_chunks_mut().0, sums, None);
                    }
                }
            }
        }
    }
}

impl Product<'_> {
    /// Some columns of one row: b is read once, row after row, as fast as memory gives it.
    #[inline(always)]
    fn streamed(&self, row: usize, columns: Range<usize>, output: &mut [u8]) {
        let a = &self.a.as_chunks::<4>().0[row * self.depth..][..self.depth];
        let b = self.b.as_chunks::<4>().0;
        let mut sums = vec![0.0; columns.len()];
        let mut rows = a
            .iter()
            .zip(b.chunks_exact(self.columns))
            .map(|(a, b)| (f32::from_le_bytes(*a), &b[columns.clone()]));
        while let Some(first) = rows.next() {
            match (rows.next(), rows.next(), rows.next()) {
                (Some(second), Some(third), Some(fourth)) => add_four(&mut sums, [first, second, third, fourth]),
                (second, third, _) => {
                    for (a, b) in [Some(first), second, third].into_iter().flatten() {
                        add_scaled(&mut sums, a, b);
                    }
                }
            }
        }
        store_row(output.as_chunks_mut().0, &sums, None);
    }
}

/// Adds four scaled rows, one after the other.
#[inline(always)]
fn add_four(sums: &mut [f32], [first, second, third, fourth]: [(f32, &[[u8; 4]]); 4]) {
    let rows = first.1.iter().zip(second.1).zip(third.1).zip(fourth.1);
    for (sum, (((one, two), three), four)) in sums.iter_mut().zip(rows) {
        let products = [(first.0, one), (second.0, two), (third.0, three), (fourth.0, four)];
        for (factor, x) in products {
            *sum += factor * f32::from_le_bytes(*x);
        }
    }
}

/// `sums[i] += factor · x[i]`, rounded twice.
#[inline(always)]
pub(crate) fn add_scaled(sums: &mut [f32], factor: f32, x: &[[u8; 4]]) {
    for (sum, x) in sums.iter_mut().zip(x) {
        *sum += factor * f32::from_le_bytes(*x);
    }
}
