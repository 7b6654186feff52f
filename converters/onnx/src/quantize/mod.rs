//! Post-training quantisation: ranges of activations from samples, scales from ranges, integers from scales.

mod builder;
mod contraction;
mod emit;
mod fixed_point;
mod ranges;
mod scale;

pub(crate) use emit::quantize;
use ranges::Range;
