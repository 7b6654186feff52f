use super::{neg, polynomial, with_sign};

/// The first 288 bits of 2/π after the point.
const TWO_OVER_PI: [u32; 9] = [
    0xa2f9_836e,
    0x4e44_1529,
    0xfc27_57d1,
    0xf534_ddc0,
    0xdb62_9599,
    0x3c43_9041,
    0xfe51_63ab,
    0xdebb_c561,
    0xb724_6e3a,
];

/// |x| as a number of quarter turns, modulo 4, and an angle of at most an eighth of a turn, in radians.
///
/// Payne and Hanek's reduction: 96 bits of 2/π, those that matter for x's exponent, times the significand.
#[inline]
fn quarter_turns(x: f32) -> (u32, f32) {
    let bits = x.to_bits() & 0x7fff_ffff;
    let significand = u128::from(bits & 0x007f_ffff | 0x0080_0000);
    let exponent = (bits >> 23) as i32 - 150;
    // Bits of 2/π that are whole turns after the multiplication are left out.
    let skipped = if exponent > 2 { (exponent - 2) as u32 } else { 0 };
    let word = |place: u32| u128::from(TWO_OVER_PI.get(place as usize).copied().unwrap_or(0));
    let place = skipped / 32;
    let four = word(place) << 96 | word(place + 1) << 64 | word(place + 2) << 32 | word(place + 3);
    let window = four << (skipped % 32) >> 32;
    let product = significand * window;
    // Scaled so that a quarter turn is 2^98.
    let shift = exponent + 2 - skipped as i32;
    let scaled = if shift >= 0 {
        product << shift
    } else {
        product.checked_shr(shift.unsigned_abs()).unwrap_or(0)
    };
    let quarters = (scaled >> 98) as u32;
    let fraction = scaled & ((1 << 98) - 1);
    let past_half = fraction >> 97 != 0;
    let angle = (fraction >> 36) as i64 - if past_half { 1 << 62 } else { 0 };
    let angle = angle as f32 * (core::f32::consts::FRAC_PI_2 / (1u64 << 62) as f32);
    (quarters.wrapping_add(u32::from(past_half)) & 3, angle)
}

#[inline]
fn sine_of_eighth(x: f32) -> f32 {
    let square = x * x;
    polynomial(square, [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]) * square * x + x
}

#[inline]
fn cosine_of_eighth(x: f32) -> f32 {
    let square = x * x;
    let series = polynomial(square, [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]);
    series * square * square - 0.5 * square + 1.0
}

/// The sine of |x| + `ahead` quarter turns.
#[inline]
fn sine_ahead(x: f32, ahead: u32) -> f32 {
    let (quarters, angle) = quarter_turns(x);
    let quarters = quarters.wrapping_add(ahead);
    let result = if quarters & 1 == 0 {
        sine_of_eighth(angle)
    } else {
        cosine_of_eighth(angle)
    };
    if quarters & 2 == 0 { result } else { neg(result) }
}

/// Below this an angle is its own sine and tangent.
const TINY: f32 = 2.441_406_2e-4;

/// The sine of x radians; NaN of ±∞.
#[inline]
pub(crate) fn sin(x: f32) -> f32 {
    if !x.is_finite() {
        return f32::NAN;
    }
    if x < TINY && x > -TINY {
        return x;
    }
    let result = sine_ahead(x, 0);
    if x < 0.0 { neg(result) } else { result }
}

/// The cosine of x radians; NaN of ±∞.
#[inline]
pub(crate) fn cos(x: f32) -> f32 {
    if !x.is_finite() {
        return f32::NAN;
    }
    sine_ahead(x, 1)
}

/// The tangent of x radians; NaN of ±∞.
#[inline]
pub(crate) fn tan(x: f32) -> f32 {
    if !x.is_finite() {
        return f32::NAN;
    }
    if x < TINY && x > -TINY {
        return x;
    }
    let (quarters, angle) = quarter_turns(x);
    let (sine, cosine) = (sine_of_eighth(angle), cosine_of_eighth(angle));
    let result = if quarters & 1 == 0 {
        sine / cosine
    } else {
        neg(cosine / sine)
    };
    with_sign(result, if x < 0.0 { neg(result) } else { result })
}
