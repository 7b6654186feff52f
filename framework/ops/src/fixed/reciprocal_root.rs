use super::{ONE, upper};

/// For each 32nd of 1 … 4: the inverse root of its middle in Q16, rounded.
const SEEDS: [u32; 96] = seeds();

/// 1/√m in Q62 of m in Q30, 1 ≤ m < 4, with an error of 2^−39.
///
/// From a table's y to 7 bits, y·(1 + e/2 + 3e²/8) with e = 1 − m·y², twice: once rounded to 16 bits, so that the second e is exact.
#[inline]
pub(crate) fn reciprocal_root(m: u32) -> i64 {
    let missing = |root: u32| ONE - (u64::from(m) * u64::from(root * root)) as i64;
    let first = SEEDS.get((m >> 25).wrapping_sub(32) as usize).copied().unwrap_or(0);
    let error = (missing(first) >> 31) as i32;
    let step = (error >> 1) + ((3 * upper(error, error)) >> 2);
    let second = first as i32 + ((i64::from(first) * i64::from(step) + (1 << 30)) >> 31) as i32;
    let second = second.clamp(0, 0xffff) as u32;
    // Q40.
    let error = (missing(second) >> 22) as i32;
    let square = i64::from(error) * i64::from(error);
    let step = (error >> 1) + ((3 * square) >> 43) as i32;
    (i64::from(second) << 46) + ((i64::from(second) * i64::from(step)) << 6)
}

const fn seeds() -> [u32; 96] {
    let mut seeds = [0; 96];
    let mut place = 0;
    while place < 96 {
        // √(2^40 / (2j + 1)) is twice 2^16 / √((j + ½) / 32).
        let doubled = ((1u64 << 40) / (2 * (place as u64 + 32) + 1)).isqrt();
        seeds[place] = (doubled as u32).div_ceil(2);
        place += 1;
    }
    seeds
}
