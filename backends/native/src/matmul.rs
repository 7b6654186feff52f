use std::ops::Range;

use opml_ops::{MatMulI8, PANEL_OUTPUTS};

use crate::scales::Scales;
use crate::share::{share, worthwhile};
use crate::simd::{Kernel, ROWS};

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn matmul(plan: &MatMulI8, kernel: Kernel, inputs: [&[u8]; 5], output: &mut [u8], threads: usize) {
    let [x, weights, bias, multiplier, shift] = inputs;
    let node = Node {
        plan,
        kernel,
        x,
        weights,
        scales: Scales::new(bias, multiplier, shift),
    };
    let (rows, outputs) = (plan.rows as usize, plan.weights.outputs as usize);
    let threads = worthwhile(threads, (rows * outputs) as u64 * u64::from(plan.weights.depth));
    if rows >= threads {
        for (range, results) in share(rows, threads, |range| node.part(range, 0..outputs)) {
            output[range.start * outputs..range.end * outputs].copy_from_slice(&results);
        }
        return;
    }
    // Few rows: the panels are shared out.
    let panels = outputs.div_ceil(PANEL_OUTPUTS);
    let columns = |panels: &Range<usize>| panels.start * PANEL_OUTPUTS..outputs.min(panels.end * PANEL_OUTPUTS);
    for (range, results) in share(panels, threads, |range| node.part(0..rows, columns(&range))) {
        let columns = columns(&range);
        for (row, results) in output
            .chunks_exact_mut(outputs)
            .zip(results.chunks_exact(columns.len()))
        {
            row[columns.clone()].copy_from_slice(results);
        }
    }
}

struct Node<'a> {
    plan: &'a MatMulI8,
    kernel: Kernel,
    x: &'a [u8],
    weights: &'a [u8],
    scales: Scales,
}

impl Node<'_> {
    /// Rows `rows` of the outputs `columns`, which begin at a panel.
    fn part(&self, rows: Range<usize>, columns: Range<usize>) -> Vec<u8> {
        let depth = self.plan.weights.depth as usize;
        let x: Vec<&[u8]> = self.x[rows.start * depth..rows.end * depth]
            .chunks_exact(depth)
            .collect();
        let mut results = vec![0; rows.len() * columns.len()];
        let mut sums = [[0; PANEL_OUTPUTS]; ROWS];
        for first in columns.clone().step_by(PANEL_OUTPUTS) {
            let panel = &self.weights[self.plan.weights.place(0, first, 0)..];
            let wide = PANEL_OUTPUTS.min(columns.end - first);
            for (rows, results) in x.chunks(ROWS).zip(results.chunks_mut(ROWS * columns.len())) {
                self.kernel.products(panel, rows, wide, &mut sums);
                for (sums, results) in sums.iter().zip(results.chunks_exact_mut(columns.len())) {
                    let results = results[first - columns.start..][..wide].iter_mut();
                    for (result, byte) in results.zip(self.scales.finish(&self.plan.finish, first, sums)) {
                        *result = byte;
                    }
                }
            }
        }
        results
    }
}
