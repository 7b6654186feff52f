//! Blocks of 256 values: an f16 scale for the whole, small integer scales for its blocks of 16 or 32. A block's scale is
//! the product of both, exact in f32: 11 bits by at most 8. A minimum is −(the whole's · the block's), exact likewise.

use super::canonical::canonical;
use super::k_scales::{half, six_bit_pairs, six_bit_signed};
use super::unpacked::Unpacked;

/// Two-bit fields: value l of each of four runs of 32 has bits 2r and 2r + 1 of byte l, in both halves of 128 values.
fn two_bits(packed: &[u8], value: usize) -> u8 {
    let (part, run, byte) = (value / 128, value % 128 / 32, value % 32);
    (packed[32 * part + byte] >> (2 * run)) & 3
}

/// Nibbles of runs of 64 values: the lower ones are the first 32 of a run, the upper ones the last 32.
fn nibble(packed: &[u8], value: usize) -> u8 {
    let (run, upper, byte) = (value / 64, value % 64 / 32, value % 32);
    (packed[32 * run + byte] >> (4 * upper)) & 15
}

/// Q2_K: 16 bytes of scales (lower nibble) and minimums (upper), 64 of codes, scale, scale of minimums.
pub(super) fn unpack_q2_k(bytes: &[u8], to: &mut Unpacked) {
    let (scale, minimum) = (half(bytes, 80), half(bytes, 82));
    for (block, packed) in bytes[..16].iter().enumerate() {
        to.scales[block] = canonical(scale * f32::from(packed & 15)).to_bits();
        to.minimums[block] = canonical(-(minimum * f32::from(packed >> 4))).to_bits();
    }
    for (value, code) in to.codes.iter_mut().enumerate() {
        *code = two_bits(&bytes[16..80], value);
    }
}

/// Q3_K: 32 bytes of third bits (bit r of byte l: run r of 32, value l), 64 of the lower two, 12 of scales, scale.
pub(super) fn unpack_q3_k(bytes: &[u8], to: &mut Unpacked) {
    let scale = half(bytes, 108);
    for (block, small) in six_bit_signed(&bytes[96..108]).into_iter().enumerate() {
        to.scales[block] = canonical(scale * f32::from(small)).to_bits();
    }
    for (value, code) in to.codes.iter_mut().enumerate() {
        let third = (bytes[value % 32] >> (value / 32)) & 1;
        *code = two_bits(&bytes[32..96], value) | (third << 2);
    }
}

/// The head of Q4_K and Q5_K: scale, scale of minimums, 12 bytes of both for the blocks.
fn unpack_scales(bytes: &[u8], to: &mut Unpacked) {
    let (scale, minimum) = (half(bytes, 0), half(bytes, 2));
    let (scales, minimums) = six_bit_pairs(&bytes[4..16]);
    for block in 0..8 {
        to.scales[block] = canonical(scale * f32::from(scales[block])).to_bits();
        to.minimums[block] = canonical(-(minimum * f32::from(minimums[block]))).to_bits();
    }
}

/// Q4_K: the head, 128 bytes of nibbles.
pub(super) fn unpack_q4_k(bytes: &[u8], to: &mut Unpacked) {
    unpack_scales(bytes, to);
    for (value, code) in to.codes.iter_mut().enumerate() {
        *code = nibble(&bytes[16..], value);
    }
}

/// Q5_K: the head, 32 bytes of fifth bits (bit b of byte l: block b of 32, value l), 128 of nibbles.
pub(super) fn unpack_q5_k(bytes: &[u8], to: &mut Unpacked) {
    unpack_scales(bytes, to);
    for (value, code) in to.codes.iter_mut().enumerate() {
        let fifth = (bytes[16 + value % 32] >> (value / 32)) & 1;
        *code = nibble(&bytes[48..], value) | (fifth << 4);
    }
}

/// Q6_K: 128 bytes of lower nibbles, 64 of upper two bits, 16 signed scales, scale. In each half of 128 values, byte l of 64
/// has value l below and value l + 64 above.
pub(super) fn unpack_q6_k(bytes: &[u8], to: &mut Unpacked) {
    let scale = half(bytes, 208);
    for (block, small) in bytes[192..208].iter().enumerate() {
        to.scales[block] = canonical(scale * f32::from(*small as i8)).to_bits();
    }
    for (value, code) in to.codes.iter_mut().enumerate() {
        let (part, within) = (value / 128, value % 128);
        let low = (bytes[64 * part + within % 64] >> (4 * (within / 64))) & 15;
        *code = low | (two_bits(&bytes[128..192], value) << 4);
    }
}
