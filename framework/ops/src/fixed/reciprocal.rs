/// 1/d in Q62 of d in Q62, 1 ≤ d < 2, with an error of 2^−53; exact for 1.
///
/// 1/d to 14 bits by a division of 32 bits by 16; then twice q·(1 + (1 − d·q)), Newton's iteration, in which 1 − d·q is taken exactly, then to 30 bits.
#[inline]
pub(crate) fn reciprocal(d: u64) -> i64 {
    let (high, low) = ((d >> 31) as u32, d & 0x7fff_ffff);
    // Q17: 2^32 over the upper half of d in Q31.
    let first = u32::MAX / ((high >> 16) | 0x8000);
    let missing = (1i64 << 48).wrapping_sub((u64::from(high) * u64::from(first)) as i64);
    // Q17 times Q44, to Q32.
    let step = (i64::from(first) * i64::from((missing >> 4) as i32)) >> 29;
    let second = ((i64::from(first) << 15) + step).clamp(0, 0xffff_ffff) as u32;
    let product = (u64::from(high) * u64::from(second)).wrapping_add((low * u64::from(second)) >> 31);
    let missing = (1u64 << 63).wrapping_sub(product) as i64;
    // Q32 times Q56, to Q62.
    let step = i64::from(second) * i64::from((missing >> 7) as i32);
    (i64::from(second) << 30) + ((step + (1 << 25)) >> 26)
}
