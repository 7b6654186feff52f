//! Softmax of rows of single-precision floats.

use crate::exp::exp;

const ROWS: usize = 4;
const ROW: usize = 128;

/// Floats of x.
pub(crate) const X: usize = ROWS * ROW;

/// Makes a float of −16 to 16 of each two bytes.
pub(crate) fn floats(bytes: &[u8], floats: &mut [f32]) {
    for (float, bytes) in floats.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *float = f32::from(i16::from_le_bytes(*bytes)) * (1.0 / 2048.0);
    }
}

/// The softmax of each row into the beginning of `output`, little-endian.
pub(crate) fn run(x: &[f32], output: &mut [u8]) {
    for (row, results) in x.chunks_exact(ROW).zip(output.chunks_exact_mut(4 * ROW)) {
        let mut greatest = f32::NEG_INFINITY;
        for x in row {
            if *x > greatest {
                greatest = *x;
            }
        }
        let results = results.as_chunks_mut::<4>().0;
        let mut sum = 0.0;
        for (result, x) in results.iter_mut().zip(row) {
            let power = exp(x - greatest);
            sum += power;
            *result = power.to_bits().to_le_bytes();
        }
        for result in results {
            let power = f32::from_bits(u32::from_le_bytes(*result));
            *result = (power / sum).to_bits().to_le_bytes();
        }
    }
}
