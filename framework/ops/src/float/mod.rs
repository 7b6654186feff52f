//! binary32 arithmetic that is the same everywhere: rounding to nearest even, subnormals kept, no fused operations, one NaN.
//!
//! Functions are written without data-dependent branches, so that a compiler can do several at once; their error bounds are
//! stated in `specs/operators.md` and measured by `tests/functions.rs`. Polynomials are minimax ones in Cephes' intervals
//! (S. Moshier, *Methods and Programs for Mathematical Functions*, 1989).

mod error_function;
mod exponential;
mod half;
mod hyperbolic;
mod inverse_trigonometry;
mod logarithm;
mod power;
mod rounding;
mod square_root;
mod sum;
mod trigonometry;

pub(crate) use error_function::erf;
pub(crate) use exponential::exp;
pub(crate) use half::half;
pub(crate) use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub(crate) use inverse_trigonometry::{acos, asin, atan};
pub(crate) use logarithm::log;
pub(crate) use power::pow;
pub(crate) use rounding::{ceil, floor, nearest_integer, round_half_even, trunc};
pub(crate) use square_root::sqrt;
pub(crate) use sum::LaneSum;
pub(crate) use trigonometry::{cos, sin, tan};

/// The bits of the one NaN that is ever written.
pub(crate) const NAN_BITS: u32 = 0x7fc0_0000;
const SIGN: u32 = 0x8000_0000;

/// The bits of a result: its own, or those of the one NaN.
#[inline(always)]
pub(crate) fn bits(value: f32) -> u32 {
    if value.is_nan() { NAN_BITS } else { value.to_bits() }
}

/// The value without its sign.
#[inline(always)]
pub(crate) fn abs(value: f32) -> f32 {
    f32::from_bits(bits(value) & !SIGN)
}

/// The value with its sign turned.
#[inline(always)]
pub(crate) fn neg(value: f32) -> f32 {
    f32::from_bits(bits(value) ^ SIGN)
}

/// `magnitude` with the sign of `sign`.
#[inline(always)]
pub(crate) fn with_sign(magnitude: f32, sign: f32) -> f32 {
    f32::from_bits(bits(magnitude) & !SIGN | bits(sign) & SIGN)
}

/// The greater one; NaN when either is; `b` when they are equal.
#[inline(always)]
pub(crate) fn maximum(a: f32, b: f32) -> f32 {
    let greater = if a > b { a } else { b };
    if a.is_nan() { a } else { greater }
}

/// The lesser one; NaN when either is; `b` when they are equal.
#[inline(always)]
pub(crate) fn minimum(a: f32, b: f32) -> f32 {
    let lesser = if a < b { a } else { b };
    if a.is_nan() { a } else { lesser }
}

/// 1 / (1 + e^−x).
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The polynomial with these coefficients, highest power first, by Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let Some((highest, lower)) = coefficients.split_first() else {
        return 0.0;
    };
    let mut result = *highest;
    for coefficient in lower {
        result = result * x + coefficient;
    }
    result
}
