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

    /// Calls `each(output, sums)` for consecutive runs of the outputs `from .. to` of a group, where `sums[i]` is
    /// `Σ_k x[k]·weight(k, output + i)`.
    #[inline]
    pub(crate) fn contract(
        &self,
        weights: &[u8],
        group: usize,
        x: &[u8],
        from: usize,
        to: usize,
        mut each: impl FnMut(usize, &[i32]),
    ) {
        let mut output = from;
        while output < to {
            let panel = self.panel(weights, group, output / PANEL_OUTPUTS);
            let lane = output % PANEL_OUTPUTS;
            let left = (to - output).min(PANEL_OUTPUTS - lane);
            output += if left >= WIDE {
                each(output, &dot::<WIDE>(panel, lane, x));
                WIDE
            } else {
                each(output, &dot::<1>(panel, lane, x));
                1
            };
        }
    }

    /// As [`Panels::contract`], for two vectors of one length at once: `each(output, [sums of the first, of the second])`.
    #[inline]
    pub(crate) fn contract_pair(
        &self,
        weights: &[u8],
        group: usize,
        x: [&[u8]; 2],
        outputs: core::ops::Range<usize>,
        mut each: impl FnMut(usize, [&[i32]; 2]),
    ) {
        let mut output = outputs.start;
        while output < outputs.end {
            let panel = self.panel(weights, group, output / PANEL_OUTPUTS);
            let lane = output % PANEL_OUTPUTS;
            let left = (outputs.end - output).min(PANEL_OUTPUTS - lane);
            output += if left >= NARROW {
                let sums = dot_pair::<NARROW>(panel, lane, x);
                each(output, sums.each_ref().map(|sums| &sums[..]));
                NARROW
            } else {
                let sums = dot_pair::<1>(panel, lane, x);
                each(output, sums.each_ref().map(|sums| &sums[..]));
                1
            };
        }
    }
}

/// Outputs that share one pass over one vector: as many sums as a MIPS core has registers for.
const WIDE: usize = 8;
/// Outputs that share one pass over two vectors.
const NARROW: usize = 4;

/// `Σ_k x[k]·weight(k, lane + i)` for i < LANES, wrapping; zeros when the panel has no such lanes.
#[inline(never)]
fn dot<const LANES: usize>(panel: &[u8], lane: usize, x: &[u8]) -> [i32; LANES] {
    let mut sums = [0i32; LANES];
    let (rows, _) = panel.as_chunks::<PANEL_ROW_BYTES>();
    let (quads, tail) = x.as_chunks::<PANEL_DEPTH>();
    let lanes = lane * PANEL_DEPTH..(lane + LANES) * PANEL_DEPTH;
    if lanes.end > PANEL_ROW_BYTES {
        return sums;
    }
    for (quad, row) in quads.iter().zip(rows) {
        add_quad(&mut sums, quad, &row[lanes.clone()]);
    }
    if let (false, Some(row)) = (tail.is_empty(), rows.get(quads.len())) {
        add_quad(&mut sums, &padded_quad(tail), &row[lanes]);
    }
    sums
}

/// Adds the products of four depths.
#[inline(always)]
fn add_quad<const LANES: usize>(sums: &mut [i32; LANES], quad: &[u8; PANEL_DEPTH], row: &[u8]) {
    let row = row.as_chunks::<PANEL_DEPTH>().0;
    for depth in 0..PANEL_DEPTH {
        let x = i32::from(quad[depth] as i8);
        for (sum, weights) in sums.iter_mut().zip(row) {
            *sum = sum.wrapping_add(x.wrapping_mul(i32::from(weights[depth] as i8)));
        }
    }
}

/// [`dot`] for two vectors of one length.
#[inline(never)]
fn dot_pair<const LANES: usize>(panel: &[u8], lane: usize, [first, second]: [&[u8]; 2]) -> [[i32; LANES]; 2] {
    let mut sums = [[0i32; LANES]; 2];
    let (rows, _) = panel.as_chunks::<PANEL_ROW_BYTES>();
    let (first_quads, first_tail) = first.as_chunks::<PANEL_DEPTH>();
    let (second_quads, second_tail) = second.as_chunks::<PANEL_DEPTH>();
    let lanes = lane * PANEL_DEPTH..(lane + LANES) * PANEL_DEPTH;
    if lanes.end > PANEL_ROW_BYTES {
        return sums;
    }
    for ((first, second), row) in first_quads.iter().zip(second_quads).zip(rows) {
        add_quad_pair(&mut sums, [first, second], &row[lanes.clone()]);
    }
    if let (false, Some(row)) = (first_tail.is_empty(), rows.get(first_quads.len())) {
        let [first, second] = [first_tail, second_tail].map(padded_quad);
        add_quad_pair(&mut sums, [&first, &second], &row[lanes]);
    }
    sums
}

/// Adds the products of four depths to the sums of both vectors.
#[inline(always)]
fn add_quad_pair<const LANES: usize>(sums: &mut [[i32; LANES]; 2], quads: [&[u8; PANEL_DEPTH]; 2], row: &[u8]) {
    let weights = row.as_chunks::<PANEL_DEPTH>().0;
    let [first_sums, second_sums] = sums;
    for depth in 0..PANEL_DEPTH {
        let [first, second] = quads.map(|quad| i32::from(quad[depth] as i8));
        let sums = first_sums.iter_mut().zip(second_sums.iter_mut());
        for ((first_sum, second_sum), weights) in sums.zip(weights) {
            let weight = i32::from(weights[depth] as i8);
            *first_sum = first_sum.wrapping_add(first.wrapping_mul(weight));
            *second_sum = second_sum.wrapping_add(second.wrapping_mul(weight));
        }
    }
}

/// The last depths of a vector, zeros after it, so that what lies there in a panel counts for nothing.
#[inline(always)]
fn padded_quad(tail: &[u8]) -> [u8; PANEL_DEPTH] {
    let mut quad = [0; PANEL_DEPTH];
    for (place, x) in quad.iter_mut().zip(tail) {
        *place = *x;
    }
    quad
}
