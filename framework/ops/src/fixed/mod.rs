//! Functions in fixed point: integers alone, every rounding stated, the same everywhere.
//!
//! A number x with b fraction bits, "x in Q b", is the integer x·2^b. Functions reduce their argument exactly or to far more bits than
//! they keep, and sum Taylor series in 32-bit products; nothing is divided but once, 32 bits by 16. What is rounded where is said in
//! `specs/operators.md`, with the errors that `tests/fixed_functions.rs` and `tests/fixed_rows.rs` measure.

mod element;
mod error_function;
mod error_function_table;
mod exponential;
mod function;
mod gelu;
mod logarithm;
mod logistic;
mod number;
mod reciprocal;
mod reciprocal_root;
mod spread;

pub(crate) use element::{Element, fraction_bits};
pub(crate) use exponential::exp;
pub(crate) use function::evaluate;
pub(crate) use number::Fixed;
pub(crate) use reciprocal::reciprocal;
use reciprocal_root::reciprocal_root;
pub(crate) use spread::{Spread, Sums, bits_of};

/// 1 in Q62.
const ONE: i64 = 1 << 62;

/// The upper word of a product: `a · b / 2^32` towards −∞.
#[inline(always)]
fn upper(a: i32, b: i32) -> i32 {
    ((i64::from(a) * i64::from(b)) >> 32) as i32
}
