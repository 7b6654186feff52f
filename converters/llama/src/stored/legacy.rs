//! Blocks of 32 values with one f16 scale and, in the `_1` types, one f16 minimum. The lower nibbles are the first 16
//! values, the upper ones the last 16.

use super::unpacked::Unpacked;

/// Values before the upper nibbles begin.
const HALF: usize = 16;

/// The bits of a little-endian f16.
fn half_bits(bytes: &[u8], at: usize) -> u32 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]]).into()
}

/// Scale, minimum if there is one; gives what follows them.
fn unpack_head<'a>(bytes: &'a [u8], minimum: bool, to: &mut Unpacked) -> &'a [u8] {
    to.scales[0] = half_bits(bytes, 0);
    if !minimum {
        return &bytes[2..];
    }
    to.minimums[0] = half_bits(bytes, 2);
    &bytes[4..]
}

fn unpack_nibbles(nibbles: &[u8], codes: &mut [u8]) {
    for (index, byte) in nibbles[..HALF].iter().enumerate() {
        codes[index] = byte & 15;
        codes[index + HALF] = byte >> 4;
    }
}

/// Q4_0 and Q4_1.
pub(super) fn unpack_q4(bytes: &[u8], minimum: bool, to: &mut Unpacked) {
    let nibbles = unpack_head(bytes, minimum, to);
    unpack_nibbles(nibbles, &mut to.codes);
}

/// Q5_0 and Q5_1: bit j of a word before the nibbles is value j's fifth bit.
pub(super) fn unpack_q5(bytes: &[u8], minimum: bool, to: &mut Unpacked) {
    let rest = unpack_head(bytes, minimum, to);
    let fifth = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]);
    unpack_nibbles(&rest[4..], &mut to.codes);
    for (index, code) in to.codes[..2 * HALF].iter_mut().enumerate() {
        *code |= (((fifth >> index) & 1) as u8) << 4;
    }
}

/// Q8_0: a signed byte q is the code q + 128.
pub(super) fn unpack_q8_0(bytes: &[u8], to: &mut Unpacked) {
    let values = unpack_head(bytes, false, to);
    for (code, value) in to.codes[..2 * HALF].iter_mut().zip(values) {
        *code = value ^ 128;
    }
}
