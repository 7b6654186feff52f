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
