//! Bytes are widened to 16 bits; `vpmaddwd` then adds two products exactly (at most 2^15), and 32-bit additions wrap.

use core::arch::x86_64::*;

use opml_ops::{PANEL_DEPTH, PANEL_ROW_BYTES};

use super::{ROWS, Sums, quads};

/// Outputs in one vector of eight pairs of sums, and vectors that share one pass.
const OUTPUTS: usize = 4;
const VECTORS: usize = 2;
const GROUP_BYTES: usize = VECTORS * OUTPUTS * PANEL_DEPTH;

/// See [`super::Kernel::products`].
///
/// # Safety
/// The processor has AVX2; `panel` has `PANEL_ROW_BYTES` for every four depths of the rows; all rows have one length.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn products(panel: &[u8], rows: &[&[u8]], columns: usize, sums: &mut [Sums]) {
    for (rows, sums) in rows.chunks(ROWS).zip(sums.chunks_mut(ROWS)) {
        // SAFETY: the caller's promises are handed on, with the number of rows as a constant.
        unsafe {
            match rows.len() {
                1 => block::<1>(panel, rows, columns, sums),
                2 => block::<2>(panel, rows, columns, sums),
                3 => block::<3>(panel, rows, columns, sums),
                _ => block::<ROWS>(panel, rows, columns, sums),
            }
        }
    }
}

/// # Safety
/// As [`products`], with exactly `R` rows and sums.
#[target_feature(enable = "avx2")]
unsafe fn block<const R: usize>(panel: &[u8], rows: &[&[u8]], columns: usize, sums: &mut [Sums]) {
    let (full, rest) = (rows[0].len() / PANEL_DEPTH, rows[0].len() % PANEL_DEPTH);
    let mut wholes: [&[[u8; PANEL_DEPTH]]; R] = [&[]; R];
    let mut lasts = [[0; PANEL_DEPTH]; R];
    for row in 0..R {
        let (whole, last) = quads(rows[row]);
        wholes[row] = &whole[..full];
        lasts[row] = last;
    }
    let (panel_rows, _) = panel.as_chunks::<PANEL_ROW_BYTES>();
    for group in 0..columns.div_ceil(VECTORS * OUTPUTS).min(PANEL_ROW_BYTES / GROUP_BYTES) {
        let mut pairs = [[_mm256_setzero_si256(); VECTORS]; R];
        for (step, weights) in panel_rows[..full].iter().enumerate() {
            let mut xs = [[0; PANEL_DEPTH]; R];
            for row in 0..R {
                xs[row] = wholes[row][step];
            }
            add(&mut pairs, xs, weights, group);
        }
        if rest != 0 {
            add(&mut pairs, lasts, &panel_rows[full], group);
        }
        for (pairs, sums) in pairs.iter().zip(sums.iter_mut()) {
            // The pairs of both vectors' lower halves, then of their upper ones.
            let halves = _mm256_hadd_epi32(pairs[0], pairs[1]);
            let whole = _mm256_permute4x64_epi64::<0b11_01_10_00>(halves);
            let sums = &mut sums[group * VECTORS * OUTPUTS..][..VECTORS * OUTPUTS];
            // SAFETY: the slice has the thirty-two bytes that an unaligned store writes.
            unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), whole) };
        }
    }
}

/// Adds the products of four depths.
#[target_feature(enable = "avx2")]
#[inline]
fn add<const R: usize>(
    pairs: &mut [[__m256i; VECTORS]; R],
    xs: [[u8; PANEL_DEPTH]; R],
    weights: &[u8; PANEL_ROW_BYTES],
    group: usize,
) {
    let first = load(weights, group * GROUP_BYTES);
    let second = load(weights, group * GROUP_BYTES + OUTPUTS * PANEL_DEPTH);
    for row in 0..R {
        let x = _mm256_cvtepi8_epi16(_mm_set1_epi32(i32::from_le_bytes(xs[row])));
        pairs[row][0] = _mm256_add_epi32(pairs[row][0], _mm256_madd_epi16(x, first));
        pairs[row][1] = _mm256_add_epi32(pairs[row][1], _mm256_madd_epi16(x, second));
    }
}

/// Sixteen weights from byte `at` on, widened.
#[target_feature(enable = "avx2")]
#[inline]
fn load(weights: &[u8; PANEL_ROW_BYTES], at: usize) -> __m256i {
    let bytes = &weights[at..][..OUTPUTS * PANEL_DEPTH];
    // SAFETY: the slice has the sixteen bytes that an unaligned load reads.
    _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}
