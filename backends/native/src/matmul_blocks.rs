use opml_ops::{BLOCK_OUTPUTS, MatMulBlocks};

use crate::product::store_row;
use crate::share::{share_columns, worthwhile};
use crate::simd::{BlockRows, Kernel, Weights};

/// Rows whose sums stay near the processor while a panel goes by.
const ROWS: usize = 64;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn matmul_blocks(
    plan: &MatMulBlocks,
    kernel: Kernel,
    [x, weights]: [&[u8]; 2],
    output: &mut [u8],
    threads: usize,
) {
    let (outputs, depth) = (plan.weights.outputs as usize, plan.weights.depth as usize);
    let rows = kernel.compiled(
        #[inline(always)]
        || BlockRows::new(x.as_chunks().0, &plan.weights),
    );
    let threads = worthwhile(threads, (plan.rows * outputs * depth) as u64);
    let sizes = [4 * outputs, 4 * BLOCK_OUTPUTS];
    let panel_bytes = plan.weights.panel_bytes();
    let panels = weights;
    let weights = Weights {
        panels: &plan.weights,
        zero: plan.zero as i32,
    };
    share_columns(output, sizes, threads, |first, columns| {
        let mut sums = [[0.0; BLOCK_OUTPUTS]; ROWS];
        let panels = panels[first * panel_bytes..].chunks_exact(panel_bytes);
        let wide = columns.first().map_or(0, |row| row.len().div_ceil(4 * BLOCK_OUTPUTS));
        for (place, panel) in panels.take(wide).enumerate() {
            for (block, rows_of_output) in columns.chunks_mut(ROWS).enumerate() {
                let sums = &mut sums[..rows_of_output.len()];
                kernel.blocks(weights, panel, &rows, block * ROWS, sums);
                for (row, sums) in rows_of_output.iter_mut().zip(sums) {
                    let results = row.as_chunks_mut().0.chunks_mut(BLOCK_OUTPUTS).nth(place);
                    store_row(results.unwrap_or_default(), sums, None);
                }
            }
        }
    });
}
