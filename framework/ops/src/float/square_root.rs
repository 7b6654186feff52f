/// The correctly rounded square root: −0 of −0, NaN of what is below zero.
///
/// Integer arithmetic on the significand: a root of 25 bits, rounded by its last bit and by whether anything remains.
#[inline]
pub(crate) fn sqrt(x: f32) -> f32 {
    if x == 0.0 || x.is_nan() || x == f32::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f32::NAN;
    }
    // x = significand · 2^exponent, the significand in 2^23 … 2^24.
    let bits = x.to_bits();
    let mut significand = u64::from(bits & 0x007f_ffff);
    let mut exponent = (bits >> 23) as i32 - 150;
    if exponent == -150 {
        let shift = significand.leading_zeros() as i32 - 40;
        significand <<= shift;
        exponent = -149 - shift;
    } else {
        significand |= 1 << 23;
    }
    // The shifted significand lies in 2^48 … 2^50 and leaves an even exponent.
    let shift = if exponent & 1 == 0 { 26 } else { 25 };
    let shifted = significand << shift;
    let root = shifted.isqrt();
    let remains = root.wrapping_mul(root) != shifted;
    let kept = (root >> 1) as u32;
    let up = root & 1 == 1 && (remains || kept & 1 == 1);
    let exponent = (exponent - shift) / 2 + 1;
    f32::from_bits((((exponent + 149) as u32) << 23).wrapping_add(kept + u32::from(up)))
}
