use std::io::Write;
use std::ops::Range;

use super::PANEL;
use super::weights::parts;
use crate::tensor::{Tensor, TensorError};

impl Tensor<'_> {
    /// Ranges of outputs whose f32 values `[K, n]` are at most [`super::MOST_BYTES`], each beginning at a multiple of
    /// [`PANEL`].
    pub fn transposed_parts(&self) -> Vec<Range<usize>> {
        parts(self.rows(), PANEL, 4 * PANEL as u64 * self.columns() as u64)
    }

    /// Writes these rows as the right side of a product: f32 `[K, n]`, row-major, little-endian. Holds the part in memory.
    pub fn write_transposed(&self, outputs: Range<usize>, out: &mut dyn Write) -> Result<(), TensorError> {
        let columns = self.columns();
        let mut weights = Vec::new();
        for row in outputs.clone() {
            weights.extend(self.row(row)?);
        }
        let mut line = Vec::with_capacity(4 * outputs.len());
        for column in 0..columns {
            line.clear();
            for row in weights.chunks_exact(columns) {
                line.extend_from_slice(&row[column].to_le_bytes());
            }
            out.write_all(&line)?;
        }
        Ok(())
    }
}
