use core::f32::consts::{LN_2, SQRT_2};

use super::{abs, exp, log, polynomial, sqrt, with_sign};

/// ½·e^x without an overflow where only e^x would have one.
#[inline]
fn half_exp(x: f32) -> f32 {
    let root = exp(0.5 * x);
    if x > 88.0 { 0.5 * root * root } else { 0.5 * exp(x) }
}

/// (e^x − e^−x) / 2.
#[inline]
pub(crate) fn sinh(x: f32) -> f32 {
    let magnitude = abs(x);
    let result = if magnitude > 1.0 {
        let half = half_exp(magnitude);
        half - 0.25 / half
    } else {
        let square = magnitude * magnitude;
        polynomial(square, [2.037_219_1e-4, 8.330_284e-3, 1.666_671_6e-1]) * square * magnitude + magnitude
    };
    with_sign(result, x)
}

/// (e^x + e^−x) / 2.
#[inline]
pub(crate) fn cosh(x: f32) -> f32 {
    let half = half_exp(abs(x));
    half + 0.25 / half
}

/// sinh x / cosh x.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let magnitude = abs(x);
    let square = magnitude * magnitude;
    let series = polynomial(
        square,
        [
            -5.704_988_7e-3,
            2.063_909e-2,
            -5.373_971_5e-2,
            1.333_144_2e-1,
            -3.333_328e-1,
        ],
    );
    let small = series * square * magnitude + magnitude;
    let large = 1.0 - 2.0 / (exp(magnitude + magnitude) + 1.0);
    with_sign(if magnitude < 0.625 { small } else { large }, x)
}

/// The x whose sinh is this.
#[inline]
pub(crate) fn asinh(x: f32) -> f32 {
    let magnitude = abs(x);
    let square = magnitude * magnitude;
    let result = if magnitude > 1500.0 {
        log(magnitude) + LN_2
    } else if magnitude < 0.5 {
        let series = polynomial(square, [2.012_200_3e-2, -4.269_934e-2, 7.484_759e-2, -1.666_628_8e-1]);
        series * square * magnitude + magnitude
    } else {
        log(magnitude + sqrt(square + 1.0))
    };
    with_sign(result, x)
}

/// The x ≥ 0 whose cosh is this; NaN below 1.
#[inline]
pub(crate) fn acosh(x: f32) -> f32 {
    if x.is_nan() || x < 1.0 {
        return f32::NAN;
    }
    let above = x - 1.0;
    if x > 1500.0 {
        log(x) + LN_2
    } else if above < 0.5 {
        let series = polynomial(
            above,
            [1.759_688_1e-3, -7.527_288_7e-3, 2.645_490_5e-2, -1.178_474_2e-1, SQRT_2],
        );
        series * sqrt(above)
    } else {
        log(x + sqrt(above * (x + 1.0)))
    }
}

/// The x whose tanh is this: ±∞ of ±1, NaN outside.
#[inline]
pub(crate) fn atanh(x: f32) -> f32 {
    let magnitude = abs(x);
    if x.is_nan() || magnitude > 1.0 {
        return f32::NAN;
    }
    let square = magnitude * magnitude;
    let result = if magnitude < 0.5 {
        let series = polynomial(
            square,
            [
                1.817_400_8e-1,
                8.243_703e-2,
                1.466_914_3e-1,
                1.997_821_6e-1,
                3.333_373_3e-1,
            ],
        );
        series * square * magnitude + magnitude
    } else {
        0.5 * log((1.0 + magnitude) / (1.0 - magnitude))
    };
    with_sign(result, x)
}
