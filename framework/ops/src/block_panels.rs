//! Block panels: the layout of constant matrices whose weights are quantised in blocks (`specs/operators.md`).

use crate::float;
use crate::{Shape, ShapeError};

/// Outputs in one panel.
pub const BLOCK_OUTPUTS: usize = 32;
/// Consecutive codes of one output that lie side by side, in bytes.
pub const CODE_BYTES: usize = 4;
/// Bytes of one row of codes: those of every output of a panel.
pub const CODE_ROW_BYTES: usize = BLOCK_OUTPUTS * CODE_BYTES;

/// The sizes of a matrix of blocks: `outputs` columns of `depth` weights, `block` of which share a scale, and a minimum if there are any.
///
/// A panel block holds the scales of 32 outputs, then their minimums, then their codes: rows of four bytes an output, where the bytes of 8-bit
/// codes are four consecutive ones, and those of 4-bit codes eight: the low halves the first four, the high halves the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPanels {
    /// Columns.
    pub outputs: u32,
    /// Weights of a column: a multiple of `block`.
    pub depth: u32,
    /// Bits of a code: 4 or 8.
    pub bits: u32,
    /// Weights that share a scale: 16 or 32.
    pub block: u32,
    /// Whether scales and minimums are binary32; else they are binary16.
    pub wide: bool,
    /// Whether blocks have minimums.
    pub minimums: bool,
}

impl BlockPanels {
    /// The dimensions of the tensor of panels, u8.
    pub fn shape(&self) -> Result<Shape, ShapeError> {
        let panels = self.outputs.div_ceil(BLOCK_OUTPUTS as u32);
        Shape::new(&[panels, self.blocks() as u32, self.block_bytes() as u32])
    }

    /// Blocks of one column.
    #[inline(always)]
    pub fn blocks(&self) -> usize {
        self.depth.checked_div(self.block).unwrap_or(0) as usize
    }

    /// Bytes of one scale, or of one minimum.
    #[inline(always)]
    pub fn scale_bytes(&self) -> usize {
        if self.wide { 4 } else { 2 }
    }

    /// Bytes of a panel block before its codes: scales, and minimums if there are any.
    #[inline(always)]
    pub fn head_bytes(&self) -> usize {
        BLOCK_OUTPUTS * self.scale_bytes() * (1 + self.minimums as usize)
    }

    /// Codes that one byte row has of each output.
    #[inline(always)]
    pub fn row_codes(&self) -> usize {
        if self.bits == 4 { 2 * CODE_BYTES } else { CODE_BYTES }
    }

    /// Bytes of one panel block.
    #[inline(always)]
    pub fn block_bytes(&self) -> usize {
        self.head_bytes() + self.block as usize / self.row_codes() * CODE_ROW_BYTES
    }

    /// Bytes of one panel.
    #[inline(always)]
    pub fn panel_bytes(&self) -> usize {
        self.blocks().saturating_mul(self.block_bytes())
    }

    /// The first byte of block `block` of the panel that has output `output`.
    #[inline(always)]
    pub fn block_place(&self, output: usize, block: usize) -> usize {
        output / BLOCK_OUTPUTS * self.panel_bytes() + block * self.block_bytes()
    }

    /// The first byte of the scale of an output's block.
    #[inline(always)]
    pub fn scale_place(&self, output: usize, block: usize) -> usize {
        self.block_place(output, block) + output % BLOCK_OUTPUTS * self.scale_bytes()
    }

    /// The first byte of the minimum of an output's block; only where blocks have minimums.
    #[inline(always)]
    pub fn minimum_place(&self, output: usize, block: usize) -> usize {
        self.scale_place(output, block) + BLOCK_OUTPUTS * self.scale_bytes()
    }

    /// The byte with the code of weight (depth, output), and how many bits of it lie below the code.
    #[inline(always)]
    pub fn code_place(&self, output: usize, depth: usize) -> (usize, u32) {
        let (block, k) = (depth / self.block as usize, depth % self.block as usize);
        let (row, place) = (k / self.row_codes(), k % self.row_codes());
        let byte = self.block_place(output, block)
            + self.head_bytes()
            + row * CODE_ROW_BYTES
            + output % BLOCK_OUTPUTS * CODE_BYTES
            + place % CODE_BYTES;
        (byte, if place < CODE_BYTES { 0 } else { 4 })
    }

    /// Writes the code of weight (depth, output) into `panels`; nothing past their end.
    pub fn set_code(&self, panels: &mut [u8], output: usize, depth: usize, code: u8) {
        let (byte, shift) = self.code_place(output, depth);
        if let Some(byte) = panels.get_mut(byte) {
            *byte = if self.bits == 4 {
                *byte & !(0xf << shift) | (code & 0xf) << shift
            } else {
                code
            };
        }
    }

    /// Writes the scale of an output's block, its bytes as they are stored, into `panels`; nothing past their end.
    pub fn set_scale(&self, panels: &mut [u8], output: usize, block: usize, scale: &[u8]) {
        set(panels, self.scale_place(output, block), scale);
    }

    /// Writes the minimum of an output's block, likewise.
    pub fn set_minimum(&self, panels: &mut [u8], output: usize, block: usize, minimum: &[u8]) {
        set(panels, self.minimum_place(output, block), minimum);
    }

    /// The panel block of these bytes; nothing where they are too few.
    #[inline(always)]
    pub fn parts<'a>(&self, block: &'a [u8]) -> BlockParts<'a> {
        let (head, codes) = block.split_at_checked(self.head_bytes()).unwrap_or((&[], &[]));
        let scales = BLOCK_OUTPUTS * self.scale_bytes();
        let (scales, minimums) = head.split_at_checked(scales).unwrap_or((&[], &[]));
        BlockParts {
            scales,
            minimums,
            rows: codes.as_chunks().0,
        }
    }

    /// Scale or minimum `lane` of these bytes.
    #[inline(always)]
    pub fn scale(&self, bytes: &[u8], lane: usize) -> f32 {
        if self.wide {
            f32::from_le_bytes(bytes.as_chunks().0.get(lane).copied().unwrap_or([0; 4]))
        } else {
            let word = bytes.as_chunks().0.get(lane).copied().unwrap_or([0; 2]);
            float::half(u16::from_le_bytes(word))
        }
    }
}

/// A panel block, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct BlockParts<'a> {
    /// Scales of the panel's outputs.
    pub scales: &'a [u8],
    /// Minimums; empty where there are none.
    pub minimums: &'a [u8],
    /// Codes, row by row.
    pub rows: &'a [[u8; CODE_ROW_BYTES]],
}

fn set(panels: &mut [u8], place: usize, bytes: &[u8]) {
    if let Some(target) = panels.get_mut(place..).and_then(|rest| rest.get_mut(..bytes.len())) {
        target.copy_from_slice(bytes);
    }
}
