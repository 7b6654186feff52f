//! One element joined with another.

use crate::DType;
use crate::float;
use crate::functions::Scatter;
use crate::scalar::{Bool, F32, I8, I16, I32, I64, Scalar, U8};

/// Joins element `target` of `output` with element `update` of `updates`; nothing when `target` is not there.
pub(crate) fn join(function: Scatter, dtype: DType, output: &mut [u8], target: usize, updates: &[u8], update: usize) {
    match (function, dtype) {
        (Scatter::Replace, _) => match dtype.bytes() {
            1 => replace::<1>(output, target, updates, update),
            2 => replace::<2>(output, target, updates, update),
            4 => replace::<4>(output, target, updates, update),
            _ => replace::<8>(output, target, updates, update),
        },
        (_, DType::F32) => {
            let function: fn(f32, f32) -> f32 = match function {
                Scatter::Add => |a, b| a + b,
                Scatter::Mul => |a, b| a * b,
                Scatter::Min => float::minimum,
                _ => float::maximum,
            };
            apply::<F32, 4>(function, output, target, updates, update);
        }
        _ => {
            let function: fn(i64, i64) -> i64 = match function {
                Scatter::Add => i64::wrapping_add,
                Scatter::Mul => i64::wrapping_mul,
                Scatter::Min => |a, b| if a < b { a } else { b },
                _ => |a, b| if a > b { a } else { b },
            };
            match dtype {
                DType::Bool => apply::<Bool, 1>(function, output, target, updates, update),
                DType::I8 => apply::<I8, 1>(function, output, target, updates, update),
                DType::U8 => apply::<U8, 1>(function, output, target, updates, update),
                DType::I16 => apply::<I16, 2>(function, output, target, updates, update),
                DType::I64 => apply::<I64, 8>(function, output, target, updates, update),
                _ => apply::<I32, 4>(function, output, target, updates, update),
            }
        }
    }
}

fn replace<const N: usize>(output: &mut [u8], target: usize, updates: &[u8], update: usize) {
    let update = updates.as_chunks::<N>().0.get(update);
    if let (Some(target), Some(update)) = (output.as_chunks_mut::<N>().0.get_mut(target), update) {
        *target = *update;
    }
}

fn apply<S: Scalar<N>, const N: usize>(
    function: fn(S::Value, S::Value) -> S::Value,
    output: &mut [u8],
    target: usize,
    updates: &[u8],
    update: usize,
) {
    if let Some(target) = output.as_chunks_mut::<N>().0.get_mut(target) {
        *target = S::write(function(S::read(*target), S::at(updates, update)));
    }
}
