//! Products of bytes less their zero points, by the panel kernels.
//!
//! With every byte made signed (x′ = x − 128 where x has no sign, and its zero point likewise), Σ (x − zx)·(w − zw) is
//! Σ x′·w′ − zx′·Σ w′ − zw′·Σ x′ + K·zx′·zw′, all modulo 2^32.

use opml_ops::{PANEL_OUTPUTS, Panels};

use crate::simd::{Kernel, ROWS};

/// A byte as a signed one.
#[inline(always)]
pub(crate) fn signed(byte: u8, is_signed: bool) -> u8 {
    if is_signed { byte } else { byte ^ 0x80 }
}

/// A zero point as a number, for bytes that [`signed`] made.
pub(crate) fn zero_point(byte: u8, is_signed: bool) -> i32 {
    i32::from(signed(byte, is_signed) as i8)
}

/// One matrix of weights `[depth, outputs]` in panels, with what its zero points need.
pub(crate) struct Weights {
    panels: Vec<u8>,
    layout: Panels,
    /// By output: Σ w′, and zw′.
    sums: Vec<[i32; 2]>,
}

impl Weights {
    /// Lays out `weight(output, depth)`, bytes that are signed already; `zero(output)` is zw′.
    pub(crate) fn new(
        depth: usize,
        outputs: usize,
        weight: impl Fn(usize, usize) -> u8,
        zero: impl Fn(usize) -> i32,
    ) -> Weights {
        let layout = Panels {
            groups: 1,
            outputs: outputs as u32,
            depth: depth as u32,
        };
        let mut panels = vec![0; outputs.div_ceil(PANEL_OUTPUTS) * layout.panel_bytes()];
        layout.pack(&mut panels, |_, output, depth| weight(output, depth) as i8);
        let sum = |output: usize| (0..depth).fold(0i32, |sum, k| sum.wrapping_add(i32::from(weight(output, k) as i8)));
        Weights {
            panels,
            sums: (0..outputs).map(|output| [sum(output), zero(output)]).collect(),
            layout,
        }
    }

    /// Outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.layout.outputs as usize
    }

    /// Products of up to [`ROWS`] vectors of signed bytes with every output: `each(vector, output, sum)`. `zeros` are the vectors' zx′.
    pub(crate) fn products(
        &self,
        kernel: Kernel,
        rows: &[&[u8]],
        zeros: &[i32],
        mut each: impl FnMut(usize, usize, i32),
    ) {
        let depth = self.layout.depth as i32;
        let mut totals = [0i32; ROWS];
        for (total, row) in totals.iter_mut().zip(rows) {
            *total = row
                .iter()
                .fold(0i32, |sum, byte| sum.wrapping_add(i32::from(*byte as i8)));
        }
        let mut sums = [[0; PANEL_OUTPUTS]; ROWS];
        for first in (0..self.outputs()).step_by(PANEL_OUTPUTS) {
            kernel.products(&self.panels[self.layout.place(0, first, 0)..], rows, &mut sums);
            for (row, (sums, zero)) in sums.iter().zip(zeros).enumerate() {
                for (lane, [weights, weight_zero]) in self.sums[first..].iter().take(PANEL_OUTPUTS).enumerate() {
                    let taken = zero
                        .wrapping_mul(*weights)
                        .wrapping_add(weight_zero.wrapping_mul(totals[row]));
                    let both = depth.wrapping_mul(zero.wrapping_mul(*weight_zero));
                    each(row, first + lane, sums[lane].wrapping_sub(taken).wrapping_add(both));
                }
            }
        }
    }
}
