use super::exponential::LN_2;
use super::{Fixed, upper};

/// For each 32nd of 1 … 2: about the inverse of its middle in Q16, and the logarithm of 1 over that in Q57.
const PARTS: [(u32, i64); 32] = parts();
/// 1/5, 1/4 and 1/3 in Q24, ½ in Q28.
const FIFTH: i32 = 3_355_443;
const FOURTH: i32 = 4_194_304;
const THIRD: i32 = 5_592_405;
const HALF: i32 = 134_217_728;

/// ln(x·2^−fraction) in Q57 of x > 0, with an error of 2^−38.
///
/// x = m·2^k with m in 1 … 2; m times the tabled inverse is 1 + r exactly, |r| < 2^−6; ln(1 + r) = r − r²·(1/2 − r·(1/3 − r·(1/4 − r/5))).
#[inline]
pub(super) fn log(x: u32, fraction: i32) -> Fixed {
    let zeros = x.leading_zeros();
    let normal = x.wrapping_shl(zeros);
    let power = 31 - zeros as i32 - fraction;
    let (inverse, logarithm) = PARTS.get((normal >> 26 & 31) as usize).copied().unwrap_or((0, 0));
    let rest = (u64::from(normal) * u64::from(inverse)) as i64 - (1 << 47);
    let short = (rest >> 11) as i32;
    let series = FOURTH - (upper(short, FIFTH) >> 4);
    let series = THIRD - (upper(short, series) >> 4);
    let series = HALF - upper(short, series);
    let square = (i64::from(short) * i64::from(short)) >> 30;
    let near = (rest << 10) - ((i64::from(square as i32) * i64::from(series)) >> 13);
    Fixed {
        value: i64::from(power) * LN_2 + logarithm + near,
        fraction: 57,
    }
}

const fn parts() -> [(u32, i64); 32] {
    let mut parts = [(0, 0); 32];
    let mut place = 0;
    while place < 32 {
        // 2^16 / (1 + (place + ½) / 32), rounded.
        let middle = 65 + 2 * place as u32;
        let inverse = ((1 << 22) + middle / 2) / middle;
        parts[place] = (inverse, inverse_logarithm(inverse as i128));
        place += 1;
    }
    parts
}

/// −ln(inverse / 2^16) in Q57, rounded: 2·artanh(z) = 2·(z + z³/3 + z⁵/5 + …), z = (2^16 − inverse) / (2^16 + inverse).
const fn inverse_logarithm(inverse: i128) -> i64 {
    let (above, below) = ((1 << 16) - inverse, (1 << 16) + inverse);
    let mut power = (1i128 << 100) * above / below;
    let (mut sum, mut odd) = (0, 1);
    while odd < 80 {
        sum += power / odd;
        power = power * above / below * above / below;
        odd += 2;
    }
    // Twice the sum, from Q100 to Q57.
    ((sum + (1 << 41)) >> 42) as i64
}
