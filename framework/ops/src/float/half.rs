/// The binary32 that a binary16 is: every one is exact, subnormals and infinities too; a NaN is a NaN.
#[inline(always)]
pub(crate) fn half(bits: u16) -> f32 {
    let bits = bits as u32;
    let sign = (bits & 0x8000) << 16;
    let (exponent, fraction) = (bits >> 10 & 0x1f, bits & 0x3ff);
    let magnitude = match exponent {
        // fraction · 2^−24: a whole number below 2^10 and a power of two, so nothing is rounded.
        0 => (fraction as f32 * f32::from_bits((127 - 24) << 23)).to_bits(),
        0x1f => 0x7f80_0000 | fraction << 13,
        _ => (exponent + (127 - 15)) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}
