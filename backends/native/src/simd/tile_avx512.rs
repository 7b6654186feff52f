use core::arch::x86_64::*;

use super::tile::{Factors, TILE_ROWS, Tile};

/// Columns in one vector.
const LANES: usize = 16;

/// See [`super::Kernel::tile`].
///
/// # Safety
/// The processor has AVX-512F; `factors` hold `rows` rows and `columns` columns, of which there are at most six and 64.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn tile(factors: Factors, rows: usize, columns: usize, sums: &mut Tile) {
    macro_rules! with {
        ($rows:literal) => {
            match columns.div_ceil(LANES) {
                // SAFETY: the caller's promises are handed on, with both sizes as constants.
                1 => unsafe { block::<$rows, 1>(factors, columns, sums) },
                // SAFETY: as above.
                2 => unsafe { block::<$rows, 2>(factors, columns, sums) },
                // SAFETY: as above.
                3 => unsafe { block::<$rows, 3>(factors, columns, sums) },
                // SAFETY: as above.
                _ => unsafe { block::<$rows, 4>(factors, columns, sums) },
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
#[target_feature(enable = "avx512f")]
unsafe fn block<const R: usize, const V: usize>(factors: Factors, columns: usize, sums: &mut Tile) {
    const { assert!(R <= TILE_ROWS) };
    let (a, b) = (factors.a.as_ptr().cast::<f32>(), factors.b.as_ptr().cast::<f32>());
    let last: __mmask16 = match columns % LANES {
        0 => !0,
        rest => (1 << rest) - 1,
    };
    let mut accumulators = [[_mm512_setzero_ps(); V]; R];
    for k in 0..factors.depth {
        let mut row = [_mm512_setzero_ps(); V];
        for (vector, place) in row.iter_mut().enumerate() {
            let mask = if vector + 1 == V { last } else { !0 };
            // SAFETY: the columns that the mask lets through lie in b; the others are not read.
            *place = unsafe { _mm512_maskz_loadu_ps(mask, b.add(k * factors.b_stride + vector * LANES)) };
        }
        for (number, accumulators) in accumulators.iter_mut().enumerate() {
            // SAFETY: row `number`'s element k lies in a.
            let factor = unsafe { a.add(number * factors.a_stride + k).read_unaligned() };
            let factor = _mm512_set1_ps(factor);
            for (sum, b) in accumulators.iter_mut().zip(row) {
                *sum = _mm512_add_ps(*sum, _mm512_mul_ps(factor, b));
            }
        }
    }
    for (accumulators, sums) in accumulators.iter().zip(sums) {
        for (sum, results) in accumulators.iter().zip(sums.chunks_exact_mut(LANES)) {
            // SAFETY: the slice has the sixteen numbers that an unaligned store writes.
            unsafe { _mm512_storeu_ps(results.as_mut_ptr(), *sum) };
        }
    }
}
