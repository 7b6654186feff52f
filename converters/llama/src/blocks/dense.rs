use std::ops::Range;

use super::PANEL;
use super::shares::in_shares;
use super::weights::parts;
use crate::tensor::{Tensor, TensorError};

/// Rows and columns that are turned at a time, so that both sides stay in the nearest memory.
const TILE: usize = 16;

impl Tensor<'_> {
    /// Ranges of outputs whose f32 values `[K, n]` are at most [`super::MOST_BYTES`], each beginning at a multiple of
    /// [`PANEL`].
    pub fn transposed_parts(&self) -> Vec<Range<usize>> {
        parts(self.rows(), PANEL, 4 * PANEL as u64 * self.columns() as u64)
    }

    /// These rows as the right side of a product: f32 `[K, n]`, row-major, little-endian.
    pub fn transposed(&self, outputs: Range<usize>, threads: usize) -> Result<Vec<u8>, TensorError> {
        let (columns, count) = (self.columns(), outputs.len());
        let mut rows = vec![0f32; columns * count];
        in_shares(&mut rows, columns, 1, threads, |first, rows| {
            for (row, to) in rows.chunks_exact_mut(columns).enumerate() {
                to.copy_from_slice(&self.row(outputs.start + first + row)?);
            }
            Ok(())
        })?;
        let mut turned = vec![0; 4 * columns * count];
        in_shares(&mut turned, 4 * count, TILE, threads, |first, turned| {
            for (band, lines) in turned.chunks_mut(TILE * 4 * count).enumerate() {
                for start in (0..count).step_by(TILE) {
                    for (line, to) in lines.chunks_exact_mut(4 * count).enumerate() {
                        let column = first + band * TILE + line;
                        let to = to[4 * start..].chunks_exact_mut(4).take(TILE);
                        for (row, to) in (start..).zip(to) {
                            to.copy_from_slice(&rows[row * columns + column].to_le_bytes());
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(turned)
    }
}
