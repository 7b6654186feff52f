use super::{Fixed, ONE, upper};

/// ln 2 in Q57.
pub(super) const LN_2: i64 = 0x0162_e42f_efa3_9ef3;
/// log₂ e in Q10.
const LOG2_E: i32 = 1477;
/// 32 in Q32: e^−32 is nothing, e^32 too much in every format.
const BOUND: i64 = 1 << 37;
/// 1/9!, and 1/8! … 1/3!, in Q32.
const LAST: i32 = 11_836;
const OTHERS: [i32; 6] = [106_522, 852_176, 5_965_232, 35_791_394, 178_956_971, 715_827_883];

/// e^x of x in Q32, bounded to ±32, with a relative error of less than 2^−33: a number in Q62 between 0.7 and 1.43, times a power of two.
///
/// x = n·ln 2 + r with |r| < 0.354 and an error of 2^−40; e^r = 1 + r + r²/2 + r²·(r·(1/3! + r/4! + … + r⁶/9!)), the parenthesised part in 32-bit
/// words.
#[inline]
pub(crate) fn exp(x: i64) -> Fixed {
    let x = x.clamp(-BOUND, BOUND);
    let power = ((x >> 17) as i32 * LOG2_E + (1 << 24)) >> 25;
    let rest = (x << 8) - ((i64::from(power) * LN_2) >> 17);
    let short = ((rest + 128) >> 8) as i32;
    let series = OTHERS.iter().fold(LAST, |sum, term| upper(sum, short) + term);
    let series = upper(series, short);
    let square = i64::from(short) * i64::from(short);
    let cubic = (i64::from((square >> 32) as i32) * i64::from(series)) >> 2;
    Fixed {
        value: ONE + (rest << 22) + (square >> 3) + cubic,
        fraction: 62 - power,
    }
}
