use super::error_function::erf;
use super::{Fixed, ONE};

/// 1/√2 in Q32.
const ROOT_HALF: u64 = 3_037_000_500;

/// x·Φ(x), Φ(x) = ½·(1 + erf(x/√2)), of x in Q`fraction`; from |x| = 7 on it is x or 0.
#[inline]
pub(super) fn gelu(x: i32, fraction: i32) -> Fixed {
    let magnitude = (i64::from(x) << (32 - fraction)).saturating_abs();
    if magnitude >= 7 << 32 {
        return Fixed {
            value: i64::from(x.max(0)),
            fraction,
        };
    }
    let (whole, part) = (magnitude as u64 >> 32, magnitude as u64 & 0xffff_ffff);
    let scaled = whole * ROOT_HALF + ((part * ROOT_HALF) >> 32);
    let half = erf(scaled as i64) >> 1;
    let share = ONE / 2 + if x < 0 { -half } else { half };
    // x with 28 fraction bits or more, times the share in two halves.
    let shift = if fraction < 28 { 28 - fraction } else { 0 };
    let x = i64::from(x) << shift;
    Fixed {
        value: x * (share >> 31) + ((x * (share & 0x7fff_ffff)) >> 31),
        fraction: fraction + shift + 31,
    }
}
