//! x^y: the logarithm and the exponential in binary64, so that the error stays below a unit in the last place of binary32.

/// x^y with the special cases of IEEE 754's `pow`.
#[inline]
pub(crate) fn pow(x: f32, y: f32) -> f32 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f32::NAN;
    }
    let magnitude = super::abs(x);
    let whole = super::trunc(y) == y;
    let odd = whole && super::abs(y) < 16_777_216.0 && (y as i64) & 1 == 1;
    let negative = x.is_sign_negative();
    let result = if y.is_infinite() {
        match (magnitude == 1.0, (magnitude > 1.0) == (y > 0.0)) {
            (true, _) => return 1.0,
            (false, true) => return f32::INFINITY,
            (false, false) => return 0.0,
        }
    } else if magnitude == 0.0 || magnitude.is_infinite() {
        if (magnitude == 0.0) == (y > 0.0) {
            0.0
        } else {
            f32::INFINITY
        }
    } else if negative && !whole {
        return f32::NAN;
    } else {
        exp2(f64::from(y) * log2(f64::from(magnitude)))
    };
    if negative && odd { super::neg(result) } else { result }
}

/// log₂ of a positive finite number.
#[inline]
fn log2(x: f64) -> f64 {
    // Every binary32 is a normal binary64. The significand lies in √½ … √2.
    let above = x.to_bits().wrapping_sub(0x3fe6_a09e_667f_3bcd);
    let exponent = (above as i64 >> 52) as f64;
    let significand = f64::from_bits((above & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_667f_3bcd));
    // 2·artanh((s − 1)/(s + 1)).
    let t = (significand - 1.0) / (significand + 1.0);
    let square = t * t;
    let mut series = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * square + 1.0 / odd;
    }
    exponent + 2.0 * core::f64::consts::LOG2_E * t * series
}

/// 2^x, rounded to binary32.
#[inline]
fn exp2(x: f64) -> f32 {
    if x >= 128.0 {
        return f32::INFINITY;
    }
    if x < -151.0 {
        return 0.0;
    }
    let whole = (x + if x < 0.0 { -0.5 } else { 0.5 }) as i64;
    let rest = (x - whole as f64) * core::f64::consts::LN_2;
    let mut series = 1.0;
    for divisor in [12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        series = series * rest / divisor + 1.0;
    }
    (series * f64::from_bits(((whole + 1023) as u64) << 52)) as f32
}
