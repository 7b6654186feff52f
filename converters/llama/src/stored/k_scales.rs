//! The packed scales of the 256-value types.

use half::f16;

/// A little-endian f16 as f32.
pub(super) fn half(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// Q4_K and Q5_K: 8 scales and 8 minimums of 6 bits in 12 bytes. The first four of each are the lower six bits of bytes 0 … 3
/// and 4 … 7; the last four have their lower nibbles in bytes 8 … 11 (scales below, minimums above) and their upper two bits
/// in the upper two of those first eight bytes.
pub(super) fn six_bit_pairs(packed: &[u8]) -> ([u8; 8], [u8; 8]) {
    let (mut scales, mut minimums) = ([0; 8], [0; 8]);
    for index in 0..4 {
        let (first, second, third) = (packed[index], packed[index + 4], packed[index + 8]);
        scales[index] = first & 63;
        minimums[index] = second & 63;
        scales[index + 4] = (third & 15) | ((first >> 6) << 4);
        minimums[index + 4] = (third >> 4) | ((second >> 6) << 4);
    }
    (scales, minimums)
}

/// Q3_K: 16 scales of 6 bits around 32 in 12 bytes. Bytes 0 … 7 hold the lower nibbles, of scales 0 … 7 below and 8 … 15
/// above; byte 8 + i % 4 holds the upper two bits of scale i, at bit 2·(i / 4).
pub(super) fn six_bit_signed(packed: &[u8]) -> [i8; 16] {
    let mut scales = [0; 16];
    for (index, scale) in scales.iter_mut().enumerate() {
        let low = (packed[index % 8] >> (4 * (index / 8))) & 15;
        let high = (packed[8 + index % 4] >> (2 * (index / 4))) & 3;
        *scale = (low | (high << 4)) as i8 - 32;
    }
    scales
}
