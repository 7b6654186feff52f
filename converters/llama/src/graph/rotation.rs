use opml_ops::DType;

use super::builder::{BuildError, Constants, Operand};
use crate::Architecture;

/// The tables of cosines and sines: f32 `[positions, dimensions / 2]` each, computed in f64 with portable functions and rounded once.
pub(super) fn tables(
    architecture: &Architecture,
    positions: usize,
    constants: &mut Constants<'_>,
) -> Result<[Operand; 2], BuildError> {
    let frequencies = architecture.rope.frequencies();
    let mut table = |function: fn(f64) -> f64| {
        let angles = (0..positions).flat_map(|position| frequencies.iter().map(move |pace| position as f64 * pace));
        let bytes = angles.flat_map(|angle| (function(angle) as f32).to_le_bytes());
        constants.add(DType::F32, &[positions, frequencies.len()], bytes.collect())
    };
    Ok([table(libm::cos)?, table(libm::sin)?])
}
