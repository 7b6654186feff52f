use std::ops::Range;

use super::panel::write_panel;
use super::shares::in_shares;
use super::{BlockFormat, CodedRow, Coding, MOST_BYTES, PANEL, Scheme};
use crate::tensor::{Tensor, TensorError};

/// A matrix of N outputs and depth K for `matmul_blocks`: u8 `[ceil(N/32), K/block, panel bytes]`.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    tensor: Tensor<'a>,
    coding: Coding,
}

impl<'a> Blocks<'a> {
    /// A tensor's blocks: as they are stored, exactly, if it is quantised; quantised by `scheme` if it is plain; `None` if it
    /// is plain and no scheme is given. What is quantised already is never quantised again.
    pub fn new(tensor: Tensor<'a>, scheme: Option<Scheme>) -> Result<Option<Blocks<'a>>, TensorError> {
        let coding = Coding::of(&tensor, scheme)?;
        Ok(coding.map(|coding| Blocks { tensor, coding }))
    }

    /// The format of a block.
    pub fn format(&self) -> BlockFormat {
        self.coding.format()
    }

    /// N, its outputs.
    pub fn outputs(&self) -> usize {
        self.tensor.rows()
    }

    /// K, the depth of the product.
    pub fn depth(&self) -> usize {
        self.tensor.columns()
    }

    /// Bytes of the value that holds this many outputs.
    pub fn bytes(&self, outputs: usize) -> u64 {
        let blocks = (self.depth() / self.format().block) as u64;
        outputs.div_ceil(PANEL) as u64 * blocks * self.format().panel_bytes() as u64
    }

    /// Ranges of outputs, in order and without gaps, whose values are at most [`MOST_BYTES`]: as few as possible, as equal
    /// as whole panels allow, each beginning at a multiple of [`PANEL`].
    pub fn parts(&self) -> Vec<Range<usize>> {
        parts(self.outputs(), PANEL, self.bytes(PANEL))
    }

    /// The value that holds these outputs. `outputs` begins at a multiple of [`PANEL`] and ends at one or at N.
    pub fn laid_out(&self, outputs: Range<usize>, threads: usize) -> Result<Vec<u8>, TensorError> {
        let panel = self.bytes(PANEL).max(1) as usize;
        let mut value = vec![0; panel * outputs.len().div_ceil(PANEL)];
        in_shares(&mut value, panel, 1, threads, |first, panels| {
            let start = outputs.start + first * PANEL;
            let count = panels.len() / panel * PANEL;
            self.lay_out(start..outputs.end.min(start + count), panels)
        })?;
        Ok(value)
    }

    fn lay_out(&self, outputs: Range<usize>, value: &mut [u8]) -> Result<(), TensorError> {
        let mut rows = Vec::new();
        rows.resize_with(PANEL, CodedRow::default);
        let mut panel = Vec::new();
        let panels = value.chunks_exact_mut(self.bytes(PANEL).max(1) as usize);
        for (start, to) in outputs.clone().step_by(PANEL).zip(panels) {
            let count = PANEL.min(outputs.end - start);
            for (row, coded) in rows[..count].iter_mut().enumerate() {
                self.coding.row(&self.tensor, start + row, coded)?;
            }
            panel.clear();
            write_panel(&rows[..count], self.format(), &mut panel);
            to.copy_from_slice(&panel);
        }
        Ok(())
    }
}

/// Cuts `count` things, `unit` of which take `bytes`, into the fewest ranges of at most [`MOST_BYTES`], all of equal size in
/// units but for the last; at least one unit a range.
pub(crate) fn parts(count: usize, unit: usize, bytes: u64) -> Vec<Range<usize>> {
    let units = count.div_ceil(unit);
    let most = usize::try_from(MOST_BYTES / bytes.max(1)).unwrap_or(usize::MAX).max(1);
    let parts = units.div_ceil(most).max(1);
    let step = (units.div_ceil(parts) * unit).max(1);
    (0..count)
        .step_by(step)
        .map(|start| start..count.min(start.saturating_add(step)))
        .collect()
}

// Lists of one range are meant as such.
#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::{MOST_BYTES, PANEL, parts};

    #[test]
    fn small_values_are_whole() {
        assert_eq!(parts(100, PANEL, 1), [0..100]);
        assert_eq!(parts(1, PANEL, MOST_BYTES), [0..1]);
        assert!(parts(0, PANEL, 1).is_empty());
    }

    #[test]
    fn large_values_are_cut_between_panels() {
        // 128,256 outputs of depth 4,096 in f32: 2,101 MB.
        let found = parts(128_256, PANEL, 4 * 32 * 4096);
        assert_eq!(found.len(), 8);
        assert_eq!(found[0], 0..16_032);
        assert_eq!(found[7], 112_224..128_256);
        for part in found {
            assert!(part.start.is_multiple_of(PANEL) && (part.len() * 4 * 4096) as u64 <= MOST_BYTES);
        }
        assert_eq!(parts(65, PANEL, MOST_BYTES), [0..32, 32..64, 64..65]);
    }
}
