use super::polynomial;

const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// The natural logarithm: −∞ of ±0, NaN of what is below zero.
#[inline(always)]
pub(crate) fn log(x: f32) -> f32 {
    let small = x < f32::MIN_POSITIVE;
    let scaled = if small { x * 8_388_608.0 } else { x };
    let bits = scaled.to_bits();
    // x = significand · 2^exponent, the significand in √½ … √2.
    let above = bits.wrapping_sub(0x3f35_04f3);
    let exponent = (above as i32) >> 23;
    let significand = f32::from_bits((above & 0x007f_ffff).wrapping_add(0x3f35_04f3));
    let exponent = exponent as f32 - if small { 23.0 } else { 0.0 };
    let t = significand - 1.0;
    let square = t * t;
    let series = polynomial(
        t,
        [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_7e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    let tail = series * square * t + exponent * LN2_LOW - 0.5 * square;
    let result = (t + tail) + exponent * LN2_HIGH;
    let result = if x == 0.0 { f32::NEG_INFINITY } else { result };
    let result = if x == f32::INFINITY { x } else { result };
    if x.is_nan() || x < 0.0 { f32::NAN } else { result }
}
