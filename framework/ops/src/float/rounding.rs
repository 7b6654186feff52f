use super::{abs, with_sign};

/// From here on every binary32 is a whole number.
const WHOLE: f32 = 8_388_608.0;

/// The nearest whole number, halves to the even one; −0 and the sign of what rounds to zero are kept.
#[inline(always)]
pub(crate) fn round_half_even(x: f32) -> f32 {
    let magnitude = abs(x);
    let rounded = (magnitude + WHOLE) - WHOLE;
    with_sign(if magnitude < WHOLE { rounded } else { magnitude }, x)
}

/// The greatest whole number that is not greater.
#[inline(always)]
pub(crate) fn floor(x: f32) -> f32 {
    let rounded = round_half_even(x);
    with_sign(if rounded > x { rounded - 1.0 } else { rounded }, x)
}

/// The least whole number that is not less.
#[inline(always)]
pub(crate) fn ceil(x: f32) -> f32 {
    let rounded = round_half_even(x);
    with_sign(if rounded < x { rounded + 1.0 } else { rounded }, x)
}

/// The whole number next to it towards zero.
#[inline(always)]
pub(crate) fn trunc(x: f32) -> f32 {
    with_sign(floor(abs(x)), x)
}

/// A number to the nearest integer, halves to the even one, NaN to 0; what is further than 2^20 from 0 may be cut there, beyond every type
/// that values are quantised to.
#[inline(always)]
pub(crate) fn nearest_integer(x: f32) -> i32 {
    const FURTHEST: f32 = 1_048_576.0;
    // Sums with it lie where binary32 has whole numbers only, so that their low bits are the integer.
    const WHOLE: f32 = 12_582_912.0;
    let x = if x.is_nan() { 0.0 } else { x };
    let x = if x > -FURTHEST { x } else { -FURTHEST };
    let x = if x < FURTHEST { x } else { FURTHEST };
    ((x + WHOLE).to_bits() as i32).wrapping_sub(WHOLE.to_bits() as i32)
}
