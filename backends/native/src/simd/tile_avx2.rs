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
            match columns.div_ceil(LANES) {
                // SAFETY: the caller's promises are handed on, with both sizes as constants.
                1 => unsafe { block::<$rows, 1>(factors, columns, sums) },
                // SAFETY: as above.
                _ => unsafe { block::<$rows, 2>(factors, columns, sums) },
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
/// As [`tile`], with exactly `R` rows and columns that fill `V` vectors but for the end of the last.
#[target_feature(enable = "avx2")]
unsafe fn block<const R: usize, const V: usize>(factors: Factors, columns: usize, sums: &mut Tile) {
    const { assert!(R <= TILE_ROWS) };
    let (a, b) = (factors.a.as_ptr().cast::<f32>(), factors.b.as_ptr().cast::<f32>());
    let whole = _mm256_set1_epi32(-1);
    let rest = columns - (V - 1) * LANES;
    let places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    let last = _mm256_cmpgt_epi32(_mm256_set1_epi32(rest as i32), places);
    let mut accumulators = [[_mm256_setzero_ps(); V]; R];
    for k in 0..factors.depth {
        let mut row = [_mm256_setzero_ps(); V];
        for (vector, place) in row.iter_mut().enumerate() {
            let mask = if vector + 1 == V { last } else { whole };
            // SAFETY: the columns that the mask lets through lie in b; the others are not read.
            *place = unsafe { _mm256_maskload_ps(b.add(k * factors.b_stride + vector * LANES), mask) };
        }
        for (number, accumulators) in accumulators.iter_mut().enumerate() {
            // SAFETY: row `number`'s element k lies in a.
            let factor = unsafe { a.add(number * factors.a_stride + k).read_unaligned() };
            let factor = _mm256_set1_ps(factor);
            for (sum, b) in accumulators.iter_mut().zip(row) {
                *sum = _mm256_add_ps(*sum, _mm256_mul_ps(factor, b));
            }
        }
    }
    for (accumulators, sums) in accumulators.iter().zip(sums) {
        for (sum, results) in accumulators.iter().zip(sums.chunks_exact_mut(LANES)) {
            // SAFETY: the slice has the eight numbers that an unaligned store writes.
            unsafe { _mm256_storeu_ps(results.as_mut_ptr(), *sum) };
        }
    }
}
