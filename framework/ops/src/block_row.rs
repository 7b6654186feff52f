//! A row of f32 quantised in blocks, as block-quantised weights are multiplied with it.

use crate::float::nearest_integer;
use crate::scalar::{F32, Scalar};

/// The greatest code.
const GREATEST: i32 = 127;
const INFINITY: u32 = 0x7f80_0000;

/// A row in blocks of one length: codes of 8 bits, for each block its scale and the sum of its codes.
pub(crate) struct BlockRow<'a> {
    /// By element.
    codes: &'a mut [u8],
    /// By block: f32.
    scales: &'a mut [[u8; 4]],
    /// By block: i32.
    sums: &'a mut [[u8; 4]],
}

impl<'a> BlockRow<'a> {
    /// Bytes that a row of so many elements needs in blocks of this length.
    pub(crate) const fn bytes(depth: usize, block: usize) -> usize {
        depth + 8 * (depth / block)
    }

    /// A row in these bytes; none where they are too few.
    pub(crate) fn new(bytes: &'a mut [u8], depth: usize, block: usize) -> Option<BlockRow<'a>> {
        let (scales, rest) = bytes.split_at_mut_checked(4 * (depth / block))?;
        let (sums, rest) = rest.split_at_mut_checked(4 * (depth / block))?;
        Some(BlockRow {
            codes: rest.get_mut(..depth)?,
            scales: scales.as_chunks_mut().0,
            sums: sums.as_chunks_mut().0,
        })
    }

    /// Quantises a row: s = amax / 127, where amax is the greatest magnitude that is a number; codes x · (127 / amax), rounded half to even,
    /// NaN to 0, bounded to ±127. All 0 where amax is.
    pub(crate) fn fill(&mut self, x: &[[u8; 4]], block: usize) {
        let blocks = x.chunks_exact(block).zip(self.codes.chunks_exact_mut(block));
        for ((x, codes), (scale, sum)) in blocks.zip(self.scales.iter_mut().zip(self.sums.iter_mut())) {
            let (s, total) = quantize(x, codes);
            *scale = F32::write(s);
            *sum = total.to_le_bytes();
        }
    }

    /// Codes, scale and sum of codes, block after block.
    pub(crate) fn blocks(&self, block: usize) -> impl Iterator<Item = (&[u8], f32, i32)> {
        let numbers = self.scales.iter().zip(self.sums.iter());
        let blocks = self.codes.chunks_exact(block).zip(numbers);
        blocks.map(|(codes, (scale, sum))| (codes, F32::read(*scale), i32::from_le_bytes(*sum)))
    }
}

/// Quantises a block: its codes; the scale, and the sum of the codes. Inlined, so that a native kernel compiles it for wider registers.
#[inline(always)]
pub fn quantize(x: &[[u8; 4]], codes: &mut [u8]) -> (f32, i32) {
    // Magnitudes that are numbers are ordered as their bits are.
    let mut greatest = 0u32;
    for x in x {
        let magnitude = u32::from_le_bytes(*x) & !(1 << 31);
        let magnitude = if magnitude > INFINITY { 0 } else { magnitude };
        greatest = if magnitude > greatest { magnitude } else { greatest };
    }
    if greatest == 0 {
        codes.fill(0);
        return (0.0, 0);
    }
    let greatest = f32::from_bits(greatest);
    let inverse = GREATEST as f32 / greatest;
    let mut sum = 0i32;
    for (code, x) in codes.iter_mut().zip(x) {
        let value = nearest_integer(F32::read(*x) * inverse);
        let value = if value < -GREATEST { -GREATEST } else { value };
        let value = if value > GREATEST { GREATEST } else { value };
        *code = value as u8;
        sum = sum.wrapping_add(value);
    }
    (greatest / GREATEST as f32, sum)
}
