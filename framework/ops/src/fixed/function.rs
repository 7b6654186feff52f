use super::error_function::erf;
use super::gelu::gelu;
use super::logarithm::log;
use super::logistic::{sigmoid, tanh};
use super::{Fixed, exp, reciprocal, reciprocal_root};
use crate::functions::FixedUnary as Function;

/// A function of x in Q`fraction`, 0 … 30, before it is rounded.
#[inline]
pub(crate) fn evaluate(function: Function, x: i32, fraction: i32) -> Fixed {
    let wide = || i64::from(x) << (32 - fraction);
    match function {
        Function::Exp => exp(wide()),
        Function::Sigmoid => sigmoid(wide()),
        Function::Tanh => tanh(wide()),
        Function::Erf => {
            let above = erf(wide().saturating_abs());
            Fixed {
                value: if x < 0 { -above } else { above },
                fraction: 62,
            }
        }
        Function::Gelu => gelu(x, fraction),
        Function::Log if x <= 0 => Fixed::LEAST,
        Function::Log => log(x as u32, fraction),
        Function::Reciprocal if x == 0 => Fixed::GREATEST,
        Function::Reciprocal => inverse(x, fraction),
        Function::Rsqrt if x <= 0 => Fixed::GREATEST,
        Function::Rsqrt => {
            let (root, _, power) = inverse_root(x as u32, fraction);
            Fixed {
                value: root,
                fraction: 62 - power,
            }
        }
        Function::Sqrt if x <= 0 => Fixed { value: 0, fraction },
        Function::Sqrt => {
            // √m = m · (1/√m), the inverse root in two halves: Q30 times Q62, to Q61.
            let (root, normal, power) = inverse_root(x as u32, fraction);
            let normal = i64::from(normal);
            Fixed {
                value: normal * (root >> 31) + ((normal * (root & 0x7fff_ffff)) >> 31),
                fraction: 61 + power,
            }
        }
    }
}

/// 1/x: |x| = d·2^k with 1 ≤ d < 2.
#[inline]
fn inverse(x: i32, fraction: i32) -> Fixed {
    let magnitude = x.unsigned_abs();
    let zeros = magnitude.leading_zeros();
    let above = reciprocal(u64::from(magnitude) << (zeros + 31));
    Fixed {
        value: if x < 0 { -above } else { above },
        fraction: 93 - fraction - zeros as i32,
    }
}

/// 1/√m in Q62, m in Q30, and p, where x·2^−fraction = m·2^(−2p) and 1 ≤ m < 4.
#[inline]
fn inverse_root(x: u32, fraction: i32) -> (i64, u32, i32) {
    let zeros = x.leading_zeros() as i32;
    let shift = zeros - ((zeros + fraction) & 1);
    let normal = x << (shift & 31);
    (reciprocal_root(normal), normal, (shift + fraction - 30) >> 1)
}
