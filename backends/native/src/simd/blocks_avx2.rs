//! Blocks of codes by 16-bit products.
//!
//! Codes of 8 bits are taken apart into even and odd ones of 16 bits, and `vpmaddwd` adds two products exactly: at most 2 · 255 · 127. Of 4-bit
//! codes `vpmaddubsw` adds two products in 16 bits, at most 2 · 15 · 127 = 3810 in magnitude; a block of 32 adds eight such pairs, at most
//! 30480 < 2^15, so that nothing saturates.

use core::arch::x86_64::*;

use opml_ops::{BLOCK_OUTPUTS, CODE_ROW_BYTES};

use super::blocks::{BlockRows, BlockSums, RowBlock, Weights};

/// Outputs in one vector, vectors in a panel.
const LANES: usize = 8;
const VECTORS: usize = BLOCK_OUTPUTS / LANES;
/// Rows that share one pass over a block.
const TOGETHER: usize = 2;
/// The greatest block.
const BLOCK: usize = 32;

/// See [`super::Kernel::blocks`].
///
/// # Safety
/// The processor has AVX2 and F16C.
#[target_feature(enable = "avx2,f16c")]
pub(super) unsafe fn blocks(weights: Weights, panel: &[u8], rows: &BlockRows, first: usize, sums: &mut [BlockSums]) {
    match weights.panels.bits {
        4 => all::<4>(weights, panel, rows, first, sums),
        _ => all::<8>(weights, panel, rows, first, sums),
    }
}

#[target_feature(enable = "avx2,f16c")]
#[inline]
fn all<const BITS: usize>(weights: Weights, panel: &[u8], rows: &BlockRows, first: usize, sums: &mut [BlockSums]) {
    let Weights { panels, zero } = weights;
    for (place, block) in panel.chunks_exact(panels.block_bytes()).enumerate() {
        let parts = panels.parts(block);
        prefetch(block);
        let scales = numbers(parts.scales, panels.wide);
        let minimums = panels.minimums.then(|| numbers(parts.minimums, panels.wide));
        let (pairs, last) = sums.as_chunks_mut::<TOGETHER>();
        for (pair, sums) in pairs.iter_mut().enumerate() {
            let own = [0, 1].map(|row| rows.block(first + TOGETHER * pair + row, place));
            add::<BITS, TOGETHER>(zero, parts.rows, &scales, minimums.as_ref(), own, sums);
        }
        if let [sums] = last {
            let own = [rows.block(first + TOGETHER * pairs.len(), place)];
            let sums = core::array::from_mut(sums);
            add::<BITS, 1>(zero, parts.rows, &scales, minimums.as_ref(), own, sums);
        }
    }
}

/// How far ahead of where it works a thread asks for memory: panels follow one another, and one stream alone does not fill the way to it.
const AHEAD: usize = 4096;

/// Asks for as many bytes as a block has, `AHEAD` of it.
#[target_feature(enable = "avx2")]
#[inline]
fn prefetch(block: &[u8]) {
    for line in block.chunks(64) {
        let ahead = line.as_ptr().wrapping_add(AHEAD);
        _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
    }
}

/// Adds a block to the sums of `R` rows.
#[target_feature(enable = "avx2,f16c")]
#[inline]
fn add<const BITS: usize, const R: usize>(
    zero: i32,
    codes: &[[u8; CODE_ROW_BYTES]],
    scales: &[__m256; VECTORS],
    minimums: Option<&[__m256; VECTORS]>,
    rows: [RowBlock; R],
    sums: &mut [BlockSums; R],
) {
    let products = match BITS {
        4 => products_of_halves(codes, rows),
        _ => products_of_bytes(codes, rows),
    };
    for ((row, products), sums) in rows.iter().zip(products).zip(sums) {
        let less = _mm256_set1_epi32(zero.wrapping_mul(row.sum));
        let scale = _mm256_set1_ps(row.scale);
        let lowest = _mm256_set1_ps(row.scale * row.sum as f32);
        let vectors = sums.as_chunks_mut::<LANES>().0.iter_mut().zip(products).enumerate();
        for (vector, (sums, product)) in vectors {
            let whole = _mm256_cvtepi32_ps(_mm256_sub_epi32(product, less));
            let factor = _mm256_mul_ps(scale, scales[vector]);
            // SAFETY: the array has the eight numbers that an unaligned load reads.
            let mut sum = unsafe { _mm256_loadu_ps(sums.as_ptr()) };
            sum = _mm256_add_ps(sum, _mm256_mul_ps(factor, whole));
            if let Some(minimums) = minimums {
                sum = _mm256_add_ps(sum, _mm256_mul_ps(lowest, minimums[vector]));
            }
            // SAFETY: the array has the eight numbers that an unaligned store writes.
            unsafe { _mm256_storeu_ps(sums.as_mut_ptr(), sum) };
        }
    }
}

/// Σ_k code·a of every output, codes of 8 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn products_of_bytes<const R: usize>(codes: &[[u8; CODE_ROW_BYTES]], rows: [RowBlock; R]) -> [[__m256i; VECTORS]; R] {
    // By row: the pairs (a0, a2) of each four codes, then the pairs (a1, a3).
    let pairs = rows.map(|row| {
        let bytes = load_codes(row.codes);
        let even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes));
        [words(even), words(_mm256_srai_epi16::<8>(bytes))]
    });
    let low = _mm256_set1_epi16(0xff);
    let mut sums = [[_mm256_setzero_si256(); VECTORS]; R];
    for (step, codes) in codes.iter().enumerate().take(BLOCK / 4) {
        let factors = pairs
            .each_ref()
            .map(|[even, odd]| [_mm256_set1_epi32(even[step]), _mm256_set1_epi32(odd[step])]);
        for vector in 0..VECTORS {
            let bytes = load(codes, vector);
            let (even, odd) = (_mm256_and_si256(bytes, low), _mm256_srli_epi16::<8>(bytes));
            for (sums, [first, second]) in sums.iter_mut().zip(factors) {
                let both = _mm256_add_epi32(_mm256_madd_epi16(even, first), _mm256_madd_epi16(odd, second));
                sums[vector] = _mm256_add_epi32(sums[vector], both);
            }
        }
    }
    sums
}

/// Σ_k code·a of every output, codes of 4 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn products_of_halves<const R: usize>(codes: &[[u8; CODE_ROW_BYTES]], rows: [RowBlock; R]) -> [[__m256i; VECTORS]; R] {
    let quads = rows.map(|row| words(load_codes(row.codes)));
    let low = _mm256_set1_epi8(0xf);
    let mut sums = [[_mm256_setzero_si256(); VECTORS]; R];
    for (step, codes) in codes.iter().enumerate().take(BLOCK / 8) {
        let factors = quads.each_ref().map(|quads| {
            [
                _mm256_set1_epi32(quads[2 * step]),
                _mm256_set1_epi32(quads[2 * step + 1]),
            ]
        });
        for vector in 0..VECTORS {
            let bytes = load(codes, vector);
            let lower = _mm256_and_si256(bytes, low);
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low);
            for (sums, [first, second]) in sums.iter_mut().zip(factors) {
                let both = _mm256_add_epi16(_mm256_maddubs_epi16(lower, first), _mm256_maddubs_epi16(upper, second));
                sums[vector] = _mm256_add_epi16(sums[vector], both);
            }
        }
    }
    let ones = _mm256_set1_epi16(1);
    for sum in sums.iter_mut().flatten() {
        *sum = _mm256_madd_epi16(*sum, ones);
    }
    sums
}

/// Scales, or minimums, of a panel's outputs: `vcvtph2ps` is exact, subnormals and infinities included, whatever the rounding mode.
#[target_feature(enable = "avx2,f16c")]
#[inline]
fn numbers(bytes: &[u8], wide: bool) -> [__m256; VECTORS] {
    let mut numbers = [_mm256_setzero_ps(); VECTORS];
    for (vector, numbers) in numbers.iter_mut().enumerate() {
        *numbers = if wide {
            let bytes = &bytes[4 * LANES * vector..][..4 * LANES];
            // SAFETY: the slice has the thirty-two bytes that an unaligned load reads.
            unsafe { _mm256_loadu_ps(bytes.as_ptr().cast()) }
        } else {
            let bytes = &bytes[2 * LANES * vector..][..2 * LANES];
            // SAFETY: the slice has the sixteen bytes that an unaligned load reads.
            _mm256_cvtph_ps(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        };
    }
    numbers
}

/// The codes of a row's block; zeros after a short one.
#[target_feature(enable = "avx2")]
#[inline]
fn load_codes(codes: &[u8]) -> __m256i {
    match codes.first_chunk::<BLOCK>() {
        // SAFETY: the array has the thirty-two bytes that an unaligned load reads.
        Some(codes) => unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) },
        None => {
            let codes = &codes[..BLOCK / 2];
            // SAFETY: the slice has the sixteen bytes that an unaligned load reads.
            _mm256_zextsi128_si256(unsafe { _mm_loadu_si128(codes.as_ptr().cast()) })
        }
    }
}

/// Eight words.
#[target_feature(enable = "avx2")]
#[inline]
fn words(vector: __m256i) -> [i32; LANES] {
    let mut words = [0; LANES];
    // SAFETY: the array has the thirty-two bytes that an unaligned store writes.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), vector) };
    words
}

/// The codes of eight outputs in a row.
#[target_feature(enable = "avx2")]
#[inline]
fn load(codes: &[u8; CODE_ROW_BYTES], vector: usize) -> __m256i {
    let bytes = &codes[4 * LANES * vector..][..4 * LANES];
    // SAFETY: the slice has the thirty-two bytes that an unaligned load reads.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}
