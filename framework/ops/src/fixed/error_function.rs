use super::error_function_table::{SERIES, Series};
use super::{ONE, upper};

/// erf(x) in Q62 of x ≥ 0 in Q32, with an error of less than 2^−32.
///
/// x lies in an eighth with middle c, and is c + u/16, |u| ≤ 1; a Taylor series of degree 7 about c in u, its coefficients C_k in Q(33 + k), so that each upper
/// product has the format of the next coefficient. From 5 on it is 1.
#[inline]
pub(super) fn erf(x: i64) -> i64 {
    let Some(Series { value, terms }) = SERIES.get((x >> 29) as usize) else {
        return ONE;
    };
    // Q31: the position within the eighth, from −1.
    let inside = ((x & 0x1fff_ffff) * 8 - (1 << 31)) as i32;
    let series = terms.iter().fold(0, |sum, term| upper(sum, inside) + term);
    value + ((i64::from(series) * i64::from(inside)) >> 3)
}
