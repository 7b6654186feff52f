use super::polynomial;

/// Adding and taking off this rounds to a whole number.
const ROUNDER: f32 = 12_582_912.0;
const LOG2_E: f32 = core::f32::consts::LOG2_E;
/// ln 2 in two parts, the first with few bits.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// e^x: ∞ above 88.73, 0 below −103.98.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let bounded = if x > 89.0 { 89.0 } else { x };
    let bounded = if bounded < -104.0 { -104.0 } else { bounded };
    let rounded = bounded * LOG2_E + ROUNDER;
    let power = (rounded.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32);
    let whole = rounded - ROUNDER;
    let rest = (bounded - whole * LN2_HIGH) - whole * LN2_LOW;
    let series = polynomial(
        rest,
        [
            1.987_569_1e-4,
            1.398_199_9e-3,
            8.333_452e-3,
            4.166_579_6e-2,
            1.666_666_5e-1,
            5.0e-1,
        ],
    );
    let near_one = (series * (rest * rest) + rest) + 1.0;
    let result = near_one * two_to(power >> 1) * two_to(power.wrapping_sub(power >> 1));
    if x.is_nan() { f32::NAN } else { result }
}

/// 2^power for −126 … 127.
#[inline(always)]
fn two_to(power: i32) -> f32 {
    f32::from_bits((power.wrapping_add(127) as u32) << 23)
}
