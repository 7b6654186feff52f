//! Weight panels: the layout of constant int8 matrices (`specs/operators.md`).

use crate::{Shape, ShapeError};

/// Outputs in one panel.
pub const PANEL_OUTPUTS: usize = 64;
/// Consecutive depths that lie side by side.
pub const PANEL_DEPTH: usize = 4;
/// Bytes of one panel per `PANEL_DEPTH` depths.
pub const PANEL_ROW_BYTES: usize = PANEL_OUTPUTS * PANEL_DEPTH;

/// The sizes of a panelled matrix: `groups` matrices of `depth` rows and `outputs` columns each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panels {
    /// Matrices.
    pub groups: u32,
    /// Outputs of one group.
    pub outputs: u32,
    /// Depths of one group.
    pub depth: u32,
}

impl Panels {
    /// The dimensions of the panelled tensor.
    pub fn shape(&self) -> Result<Shape, ShapeError> {
        let panels = self
            .groups
            .checked_mul(self.outputs.div_ceil(PANEL_OUTPUTS as u32))
            .ok_or(ShapeError::Size)?;
        Shape::new(&[
            panels,
            self.depth.div_ceil(PANEL_DEPTH as u32),
            PANEL_OUTPUTS as u32,
            PANEL_DEPTH as u32,
        ])
    }

    /// Bytes of one panel.
    pub fn panel_bytes(&self) -> usize {
        (self.depth as usize)
            .div_ceil(PANEL_DEPTH)
            .saturating_mul(PANEL_ROW_BYTES)
    }

    /// The place of `weight(depth, output of group)` in the panelled tensor.
    pub fn place(&self, group: usize, output: usize, depth: usize) -> usize {
        let panel = group * (self.outputs as usize).div_ceil(PANEL_OUTPUTS) + output / PANEL_OUTPUTS;
        panel * self.panel_bytes()
            + depth / PANEL_DEPTH * PANEL_ROW_BYTES
            + output % PANEL_OUTPUTS * PANEL_DEPTH
            + depth % PANEL_DEPTH
    }

    /// Lays out `weight(group, output, depth)` into `panels`, zeros elsewhere. Places past the end of `panels` are dropped.
    pub fn pack(&self, panels: &mut [u8], mut weight: impl FnMut(usize, usize, usize) -> i8) {
        panels.fill(0);
        for group in 0..self.groups as usize {
            for output in 0..self.outputs as usize {
                for depth in 0..self.depth as usize {
                    if let Some(place) = panels.get_mut(self.place(group, output, depth)) {
                        *place = weight(group, output, depth) as u8;
                    }
                }
            }
        }
    }

    /// Panel `panel` of group `group`, or nothing when `weights` are too short.
    pub(crate) fn panel<'a>(&self, weights: &'a [u8], group: usize, panel: usize) -> &'a [u8] {
        let bytes = self.panel_bytes();
        let first = (group * (self.outputs as usize).div_ceil(PANEL_OUTPUTS) + panel) * bytes;
        weights.get(first..first + bytes).unwrap_or(&[])
    }

    /// Calls `each(output, Σ_k x[k]·weight(k, output))` for the outputs `from .. to` of a group, ascending.
    #[inline]
    pub(crate) fn contract(
        &self,
        weights: &[u8],
        group: usize,
        x: &[u8],
        from: usize,
        to: usize,
        mut each: impl FnMut(usize, i32),
    ) {
        let mut output = from;
        while output < to {
            let panel = self.panel(weights, group, output / PANEL_OUTPUTS);
            let mut lane = output % PANEL_OUTPUTS;
            let end = (lane + to - output).min(PANEL_OUTPUTS);
            while end - lane >= WIDE {
                for sum in dot::<WIDE>(panel, lane, x) {
                    each(output, sum);
                    output += 1;
                }
                lane += WIDE;
            }
            while lane < end {
                let [sum] = dot::<1>(panel, lane, x);
                each(output, sum);
                output += 1;
                lane += 1;
            }
        }
    }
}

/// Outputs that share one pass over `x`: as many accumulators as a MIPS core has registers to spare.
const WIDE: usize = 8;

/// `Σ_k x[k]·weight(k, lane + i)` for i < LANES, wrapping.
#[inline(never)]
fn dot<const LANES: usize>(panel: &[u8], lane: usize, x: &[u8]) -> [i32; LANES] {
    let mut sums = [0i32; LANES];
    let rows = panel.get(lane * PANEL_DEPTH..).unwrap_or(&[]);
    let quads = x.chunks_exact(PANEL_DEPTH);
    let tail = quads.remainder();
    let tail_row = rows.get(x.len() / PANEL_DEPTH * PANEL_ROW_BYTES..).unwrap_or(&[]);
    for (quad, row) in quads.zip(rows.chunks(PANEL_ROW_BYTES)) {
        let x: [i32; PANEL_DEPTH] = core::array::from_fn(|depth| i32::from(quad[depth] as i8));
        let Some(row) = row.get(..LANES * PANEL_DEPTH) else {
            break;
        };
        for (sum, weights) in sums.iter_mut().zip(row.chunks_exact(PANEL_DEPTH)) {
            for depth in 0..PANEL_DEPTH {
                *sum = sum.wrapping_add(x[depth].wrapping_mul(i32::from(weights[depth] as i8)));
            }
        }
    }
    for (sum, weights) in sums.iter_mut().zip(tail_row.chunks(PANEL_DEPTH)) {
        for (x, weight) in tail.iter().zip(weights) {
            *sum = sum.wrapping_add(i32::from(*x as i8).wrapping_mul(i32::from(*weight as i8)));
        }
    }
    sums
}
