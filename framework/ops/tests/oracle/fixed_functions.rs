//! Fixed-point functions in 128 bits, step by step as `specs/operators.md` says. `a >> b` is a / 2^b towards −∞.

use opml_ops::FixedUnaryFunction;

use super::fixed_series::{ERF_SERIES, LOGARITHM_PARTS, ROOT_SEEDS};

const ONE: i128 = 1 << 62;
const LN_2: i128 = 99_893_036_290_645_747;

/// value · 2^−shift to the nearest, halves up.
pub(super) fn rounded(value: i128, shift: i128) -> i128 {
    match shift {
        ..=0 => value << -shift,
        1..=126 => (value + (1 << (shift - 1))) >> shift,
        _ => 0,
    }
}

fn zeros(value: i128, width: u32) -> u32 {
    width - (128 - value.leading_zeros())
}

/// e^x of x in Q32: a number and its fraction bits.
pub(super) fn exp(x: i128) -> (i128, i128) {
    let x = x.clamp(-32 << 32, 32 << 32);
    let n = ((x >> 17) * 1477 + (1 << 24)) >> 25;
    let r = (x << 8) - ((n * LN_2) >> 17);
    let s = rounded(r, 8);
    let mut series = 0;
    let mut factorial: i128 = 362_880;
    for k in (3..=9).rev() {
        series = ((series * s) >> 32) + rounded((1 << 40) / factorial, 8);
        factorial /= k;
    }
    series = (series * s) >> 32;
    let square = s * s;
    let value = ONE + (r << 22) + (square >> 3) + (((square >> 32) * series) >> 2);
    (value, 62 - n)
}

/// 1/d of d in Q62 with 1 ≤ d < 2, in Q62.
pub(super) fn reciprocal(d: i128) -> i128 {
    let high = d >> 31;
    let first = ((1 << 32) - 1) / (high >> 16);
    let missing = (1 << 48) - high * first;
    let second = ((first << 15) + ((first * (missing >> 4)) >> 29)).clamp(0, (1 << 32) - 1);
    let missing = (1 << 63) - ((d * second) >> 31);
    (second << 30) + rounded(second * (missing >> 7), 26)
}

/// 1/√m of m in Q30 with 1 ≤ m < 4, in Q62.
pub(super) fn reciprocal_root(m: i128) -> i128 {
    let first = ROOT_SEEDS[(m >> 25) as usize - 32];
    let error = (ONE - m * first * first) >> 31;
    let step = (error >> 1) + ((3 * ((error * error) >> 32)) >> 2);
    let second = (first + rounded(first * step, 31)).clamp(0, 65535);
    let error = (ONE - m * second * second) >> 22;
    let step = (error >> 1) + ((3 * error * error) >> 43);
    (second << 46) + ((second * step) << 6)
}

/// erf(x) of x ≥ 0 in Q32, in Q62.
fn erf(x: i128) -> i128 {
    let eighth = x >> 29;
    let Some((value, terms)) = ERF_SERIES.get(eighth as usize) else {
        return ONE;
    };
    let u = (x - (eighth << 29)) * 8 - (1 << 31);
    let [rest @ .., last] = &terms[..] else { unreachable!() };
    let series = rest.iter().rev().fold(*last, |sum, term| ((sum * u) >> 32) + term);
    value + ((series * u) >> 3)
}

fn log(x: i128, fraction: i128) -> (i128, i128) {
    let lz = zeros(x, 32);
    let m = x << lz;
    let k = 31 - i128::from(lz) - fraction;
    let (inverse, logarithm) = LOGARITHM_PARTS[(m >> 26) as usize - 32];
    let r = m * inverse - (1 << 47);
    let s = r >> 11;
    let series = (1 << 22) - (((s * 3_355_443) >> 32) >> 4);
    let series = 5_592_405 - (((s * series) >> 32) >> 4);
    let series = (1 << 27) - ((s * series) >> 32);
    (
        k * LN_2 + logarithm + (r << 10) - ((((s * s) >> 30) * series) >> 13),
        57,
    )
}

/// 1/(1 + e^−x) of x ≥ 0 in Q32, in Q62.
fn logistic(x: i128) -> i128 {
    let (value, fraction) = exp(-x);
    reciprocal(ONE + rounded(value, fraction - 62).min(ONE - 1))
}

/// The root in Q62, m in Q30, and p, of x·2^−fraction = m·4^−p.
fn root(x: i128, fraction: i128) -> (i128, i128, i128) {
    let lz = i128::from(zeros(x, 32));
    let shift = lz - (lz + fraction) % 2;
    (reciprocal_root(x << shift), x << shift, (shift + fraction - 30) / 2)
}

/// A function of |x|, with the sign of x.
fn odd(x: i128, of_magnitude: impl Fn(i128) -> i128) -> i128 {
    let above = of_magnitude(x.abs());
    if x < 0 { -above } else { above }
}

fn gelu(x: i128, fraction: i128) -> (i128, i128) {
    let wide = x << (32 - fraction);
    if wide.abs() >= 7 << 32 {
        return (x.max(0), fraction);
    }
    let half = erf((wide.abs() * 3_037_000_500) >> 32) >> 1;
    let share = ONE / 2 + if x < 0 { -half } else { half };
    let bits = fraction.max(28);
    (((x << (bits - fraction)) * share) >> 31, bits + 31)
}

/// f(x·2^−from) in Q`to`, before it is saturated.
pub(super) fn function(function: FixedUnaryFunction, x: i128, from: i128, to: i128) -> i128 {
    use FixedUnaryFunction::*;
    let beyond = 1 << 40;
    let wide = x << (32 - from);
    let (value, fraction) = match function {
        Exp => exp(wide),
        Sigmoid if x < 0 => (ONE - logistic(-wide), 62),
        Sigmoid => (logistic(wide), 62),
        Tanh => (odd(wide, |x| 2 * logistic(2 * x.min(16 << 32)) - ONE), 62),
        Erf => (odd(wide, erf), 62),
        Gelu => gelu(x, from),
        Rsqrt if x <= 0 => return beyond,
        Rsqrt => {
            let (root, _, p) = root(x, from);
            (root, 62 - p)
        }
        Reciprocal if x == 0 => return beyond,
        Reciprocal => {
            let lz = zeros(x.abs(), 32);
            let above = reciprocal(x.abs() << (lz + 31));
            (x.signum() * above, 93 - from - i128::from(lz))
        }
        Log if x <= 0 => return -beyond,
        Log => log(x, from),
        Sqrt if x <= 0 => return 0,
        Sqrt => {
            let (root, m, p) = root(x, from);
            ((m * root) >> 31, 61 + p)
        }
    };
    rounded(value, fraction - to)
}
