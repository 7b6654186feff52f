use core::f32::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::{abs, neg, polynomial, sqrt, with_sign};

/// The angle between −π/2 and π/2 whose tangent is x.
#[inline]
pub(crate) fn atan(x: f32) -> f32 {
    let magnitude = abs(x);
    let (base, reduced) = if magnitude > 2.414_213_7 {
        (FRAC_PI_2, -1.0 / magnitude)
    } else if magnitude > 0.414_213_57 {
        (FRAC_PI_4, (magnitude - 1.0) / (magnitude + 1.0))
    } else {
        (0.0, magnitude)
    };
    let square = reduced * reduced;
    let series = polynomial(square, [8.053_744_5e-2, -1.387_768_6e-1, 1.997_771_1e-1, -3.333_295e-1]);
    let result = base + (series * square * reduced + reduced);
    if x.is_nan() { f32::NAN } else { with_sign(result, x) }
}

/// asin of 0 … ½.
#[inline]
fn small_asin(x: f32) -> f32 {
    let square = x * x;
    let series = polynomial(
        square,
        [
            4.216_32e-2,
            2.418_131e-2,
            4.547_002_6e-2,
            7.495_300_3e-2,
            1.666_675_2e-1,
        ],
    );
    series * square * x + x
}

/// The angle between −π/2 and π/2 whose sine is x; NaN outside −1 … 1.
#[inline]
pub(crate) fn asin(x: f32) -> f32 {
    let magnitude = abs(x);
    let result = if magnitude > 0.5 {
        FRAC_PI_2 - 2.0 * small_asin(sqrt(0.5 * (1.0 - magnitude)))
    } else {
        small_asin(magnitude)
    };
    if x.is_nan() || magnitude > 1.0 {
        f32::NAN
    } else {
        with_sign(result, x)
    }
}

/// The angle between 0 and π whose cosine is x; NaN outside −1 … 1.
#[inline]
pub(crate) fn acos(x: f32) -> f32 {
    let magnitude = abs(x);
    if x.is_nan() || magnitude > 1.0 {
        return f32::NAN;
    }
    if magnitude > 0.5 {
        let half = 2.0 * small_asin(sqrt(0.5 * (1.0 - magnitude)));
        return if x < 0.0 { PI - half } else { half };
    }
    let small = small_asin(magnitude);
    FRAC_PI_2 - if x < 0.0 { neg(small) } else { small }
}
