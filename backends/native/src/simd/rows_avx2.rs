use core::arch::x86_64::*;

use super::rows::{self, FloatRows};

/// Elements in one vector.
const LANES: usize = 8;

/// See [`super::Kernel::add_scaled_rows`].
///
/// # Safety
/// The processor has AVX2; `rows` have as many rows as there are factors, and as many columns as sums.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn add_scaled_rows(factors: &[[u8; 4]], rows: FloatRows, sums: &mut [f32]) {
    let mut first = 0;
    while sums.len() - first >= LANES {
        let place = &mut sums[first..];
        // SAFETY: the columns from `first` on are as many as `place` has sums, and each call takes no more of them.
        first += unsafe {
            match place.len() / LANES {
                8.. => strip::<8>(factors, rows, first, place),
                4.. => strip::<4>(factors, rows, first, place),
                2.. => strip::<2>(factors, rows, first, place),
                _ => strip::<1>(factors, rows, first, place),
            }
        };
    }
    let rest = FloatRows {
        elements: &rows.elements[first.min(rows.elements.len())..],
        ..rows
    };
    rows::add_scaled_rows(factors, rest, &mut sums[first..]);
}

/// Some vectors of columns from `first` on; gives how many columns they are.
///
/// # Safety
/// As [`add_scaled_rows`], for the columns `first .. first + 8 · V`; there are as many sums.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn strip<const V: usize>(factors: &[[u8; 4]], rows: FloatRows, first: usize, sums: &mut [f32]) -> usize {
    let sums = &mut sums[..V * LANES];
    let mut vectors = [_mm256_setzero_ps(); V];
    for (vector, sums) in vectors.iter_mut().zip(sums.chunks_exact(LANES)) {
        // SAFETY: the slice has the eight numbers that an unaligned load reads.
        *vector = unsafe { _mm256_loadu_ps(sums.as_ptr()) };
    }
    let elements = rows.elements.as_ptr().cast::<f32>();
    for (k, factor) in factors.iter().enumerate() {
        let factor = _mm256_set1_ps(f32::from_le_bytes(*factor));
        for (place, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: row k has the columns up to `first + 8 · V`.
            let x = unsafe { _mm256_loadu_ps(elements.add(k * rows.stride + first + place * LANES)) };
            *vector = _mm256_add_ps(*vector, _mm256_mul_ps(factor, x));
        }
    }
    for (vector, sums) in vectors.iter().zip(sums.chunks_exact_mut(LANES)) {
        // SAFETY: the slice has the eight numbers that an unaligned store writes.
        unsafe { _mm256_storeu_ps(sums.as_mut_ptr(), *vector) };
    }
    V * LANES
}

/// See [`super::Kernel::transpose`].
///
/// # Safety
/// The processor has AVX2; `rows` are at most `width` and have a column for each `width` of `columns`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn transpose(rows: FloatRows, columns: &mut [[u8; 4]], width: usize) {
    let depth = columns.len() / width;
    let (whole_rows, whole_columns) = (rows.count / LANES * LANES, depth / LANES * LANES);
    for row in (0..whole_rows).step_by(LANES) {
        for column in (0..whole_columns).step_by(LANES) {
            let mut square = [_mm256_setzero_ps(); LANES];
            for (place, vector) in square.iter_mut().enumerate() {
                let from = &rows.elements[(row + place) * rows.stride + column..][..LANES];
                // SAFETY: the slice has the eight numbers that an unaligned load reads.
                *vector = unsafe { _mm256_loadu_ps(from.as_ptr().cast()) };
            }
            for (place, vector) in turned(square).iter().enumerate() {
                let to = &mut columns[(column + place) * width + row..][..LANES];
                // SAFETY: the slice has the eight numbers that an unaligned store writes.
                unsafe { _mm256_storeu_ps(to.as_mut_ptr().cast(), *vector) };
            }
        }
    }
    for row in 0..rows.count {
        let from = if row < whole_rows { whole_columns } else { 0 };
        for column in from..depth {
            columns[column * width + row] = rows.elements[row * rows.stride + column];
        }
    }
}

/// Eight rows of eight as eight columns.
#[target_feature(enable = "avx2")]
#[inline]
fn turned(rows: [__m256; LANES]) -> [__m256; LANES] {
    let [a, b, c, d, e, f, g, h] = rows;
    // Pairs of rows, then fours: inside each half of a vector.
    let pairs = [[a, b], [c, d], [e, f], [g, h]].map(|[x, y]| [_mm256_unpacklo_ps(x, y), _mm256_unpackhi_ps(x, y)]);
    let fours = |[x, y]: [[__m256; 2]; 2]| {
        [
            _mm256_shuffle_ps::<0x44>(x[0], y[0]),
            _mm256_shuffle_ps::<0xee>(x[0], y[0]),
            _mm256_shuffle_ps::<0x44>(x[1], y[1]),
            _mm256_shuffle_ps::<0xee>(x[1], y[1]),
        ]
    };
    let (upper, lower) = (fours([pairs[0], pairs[1]]), fours([pairs[2], pairs[3]]));
    let mut columns = [a; LANES];
    for place in 0..LANES / 2 {
        columns[place] = _mm256_permute2f128_ps::<0x20>(upper[place], lower[place]);
        columns[place + LANES / 2] = _mm256_permute2f128_ps::<0x31>(upper[place], lower[place]);
    }
    columns
}
