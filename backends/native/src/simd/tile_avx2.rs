use core::arch::x86_64::*;

use super::tile::{Factors, TILE_ROWS, Tile};

/// Columns in one vector.
const LANES: usize = 8;

/// See [`super::Kernel::tile`].
///
/// # Safety
/// The processor has AVX2; `factors` hold `rows` rows and `columns` columns, of which there are at most six and 16.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn tile(factors: Factors, rows: usize, columns: usize, sums: &mut Tile) {
    macro_rules! with {
        ($rows:literal) => {
            match (columns.div_ceil(LANES), columns % LANES == 0) {
                // SAFETY: the caller's promises are handed on, with both sizes as constants.
                (1, true) => unsafe { block::<$rows, 1, true>(factors, columns, sums) },
                // SAFETY: as above.
                (1, false) => unsafe { block::<$rows, 1, false>(factors, columns, sums) },
                // SAFETY: as above.
                (_, true) => unsafe { block::<$rows, 2, true>(factors, columns, sums) },
                // SAFETY: as above.
                (_, false) => unsafe { block::<$rows, 2, false>(factors, columns, sums) },
            }
        };
    }
    match rows {
        1 => with!(1),
        2 => with!(2),
        3 => with!(3),
        4 => with!(4),
        5 => with!(5),
        _ => with!(6),
    }
}

/// # Safety
/// As [`tile`], with exactly `R` rows and columns that fill `V` vectors, but for the end of the last unless they are `WHOLE`.
#[target_feature(enable = "avx2")]
unsafe fn block<const R: usize, const V: usize, const WHOLE: bool>(factors: Factors, columns: usize, sums: &mut Tile) {
    const { assert!(R <= TILE_ROWS) };
    // One element of a's first row, of its fourth, and a row of b: all other places are a few strides from these.
    let mut a = factors.a.as_ptr().cast::<f32>();
    let mut lower = a.wrapping_add(3 * factors.a_stride);
    let mut b = factors.b.as_ptr().cast::<f32>();
    let rest = columns - (V - 1) * LANES;
    let places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    let last = _mm256_cmpgt_epi32(_mm256_set1_epi32(rest as i32), places);
    let mut accumulators = [[_mm256_setzero_ps(); V]; R];
    for _ in 0..factors.depth {
        let mut row = [_mm256_setzero_ps(); V];
        for (vector, place) in row.iter_mut().enumerate() {
            let from = b.wrapping_add(vector * LANES);
            *place = match WHOLE || vector + 1 < V {
                // SAFETY: the eight columns lie in b.
                true => unsafe { _mm256_loadu_ps(from) },
                // SAFETY: the columns that the mask lets through lie in b; the others are not read.
                false => unsafe { _mm256_maskload_ps(from, last) },
            };
        }
        for (number, accumulators) in accumulators.iter_mut().enumerate() {
            let factor = match number {
                0..3 => a.wrapping_add(number * factors.a_stride),
                _ => lower.wrapping_add((number - 3) * factors.a_stride),
            };
            // SAFETY: row `number` has an element for each row of b.
            let factor = _mm256_set1_ps(unsafe { factor.read_unaligned() });
            for (sum, b) in accumulators.iter_mut().zip(row) {
                *sum = _mm256_add_ps(*sum, _mm256_mul_ps(factor, b));
            }
        }
        (a, lower, b) = (
            a.wrapping_add(1),
            lower.wrapping_add(1),
            b.wrapping_add(factors.b_stride),
        );
    }
    for (accumulators, sums) in accumulators.iter().zip(sums) {
        for (sum, results) in accumulators.iter().zip(sums.chunks_exact_mut(LANES)) {
            // SAFETY: the slice has the eight numbers that an unaligned store writes.
            unsafe { _mm256_storeu_ps(results.as_mut_ptr(), *sum) };
        }
    }
}
