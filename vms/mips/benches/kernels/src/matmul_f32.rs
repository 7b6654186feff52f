//! A product of single-precision matrices in the shape of the int8 panels: eight sums share one pass over a row.

const ROWS: usize = 4;
const DEPTH: usize = 64;
const OUTPUTS: usize = 64;
const LANES: usize = 8;

/// Floats of x.
pub(crate) const X: usize = ROWS * DEPTH;
/// Floats of the weights: by depth, then output.
pub(crate) const WEIGHTS: usize = DEPTH * OUTPUTS;

/// Makes a float of magnitude 1/2 to 1 of each four bytes.
pub(crate) fn floats(bytes: &[u8], floats: &mut [f32]) {
    for (float, word) in floats.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *float = f32::from_bits(u32::from_le_bytes(*word) & 0x807f_ffff | 0x3f00_0000);
    }
}

/// `x · weights` into the beginning of `output`, little-endian, each sum in ascending order of depth.
pub(crate) fn run(x: &[f32], weights: &[f32], output: &mut [u8]) {
    for (row, results) in x.chunks_exact(DEPTH).zip(output.chunks_exact_mut(4 * OUTPUTS)) {
        for (place, results) in results.chunks_exact_mut(4 * LANES).enumerate() {
            let sums = dot(row, weights, place * LANES);
            for (result, sum) in results.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
                *result = sum.to_bits().to_le_bytes();
            }
        }
    }
}

#[inline(never)]
fn dot(row: &[f32], weights: &[f32], first: usize) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for (x, weights) in row.iter().zip(weights.chunks_exact(OUTPUTS)) {
        for (sum, weight) in sums.iter_mut().zip(&weights[first..first + LANES]) {
            *sum += x * weight;
        }
    }
    sums
}
