//! Four messages at a time.

use core::arch::x86_64::*;

use super::permutation::{STATE, padding, permutation};
use crate::Root;

/// Messages in one register.
const LANES: usize = 4;

permutation!("avx2", __m256i);

/// See [`super::KeccakKernel::hash`].
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn hash<const BYTES: usize>(messages: &[[u8; BYTES]], roots: &mut [Root]) {
    let (groups, last) = messages.as_chunks::<LANES>();
    let (group_roots, last_roots) = roots.as_chunks_mut::<LANES>();
    for (group, roots) in groups.iter().zip(group_roots) {
        *roots = four(group);
    }
    if !last.is_empty() {
        let mut group = [[0; BYTES]; LANES];
        group[..last.len()].copy_from_slice(last);
        last_roots.copy_from_slice(&four(&group)[..last.len()]);
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn four<const BYTES: usize>(messages: &[[u8; BYTES]; LANES]) -> [Root; LANES] {
    let mut state = [_mm256_setzero_si256(); STATE];
    for (place, words) in state[..BYTES / 8].as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut rows = [_mm256_setzero_si256(); LANES];
        for (row, message) in rows.iter_mut().zip(messages) {
            let bytes = &message.as_chunks::<32>().0[place];
            // SAFETY: the array has the thirty-two bytes that an unaligned load reads.
            *row = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        }
        *words = transposed(rows);
    }
    for (word, bit) in padding(BYTES / 8) {
        state[word] = xor(state[word], splat(bit));
    }
    let state = permuted(state);
    let mut roots = [Root::ZERO; LANES];
    for (root, bytes) in roots
        .iter_mut()
        .zip(transposed([state[0], state[1], state[2], state[3]]))
    {
        // SAFETY: a root is the thirty-two bytes that an unaligned store writes.
        unsafe { _mm256_storeu_si256(root.0.as_mut_ptr().cast(), bytes) };
    }
    roots
}

/// Four rows of four words as their columns.
#[target_feature(enable = "avx2")]
#[inline]
fn transposed(rows: [__m256i; 4]) -> [__m256i; 4] {
    const LOWER: i32 = 0x20;
    const UPPER: i32 = 0x31;
    let first = _mm256_unpacklo_epi64(rows[0], rows[1]);
    let second = _mm256_unpackhi_epi64(rows[0], rows[1]);
    let third = _mm256_unpacklo_epi64(rows[2], rows[3]);
    let fourth = _mm256_unpackhi_epi64(rows[2], rows[3]);
    [
        _mm256_permute2x128_si256::<LOWER>(first, third),
        _mm256_permute2x128_si256::<LOWER>(second, fourth),
        _mm256_permute2x128_si256::<UPPER>(first, third),
        _mm256_permute2x128_si256::<UPPER>(second, fourth),
    ]
}

#[target_feature(enable = "avx2")]
#[inline]
fn splat(word: u64) -> __m256i {
    _mm256_set1_epi64x(word as i64)
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor(a: __m256i, b: __m256i) -> __m256i {
    _mm256_xor_si256(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor3(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    xor(xor(a, b), c)
}

#[target_feature(enable = "avx2")]
#[inline]
fn chi(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    xor(a, _mm256_andnot_si256(b, c))
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotate<const LEFT: i32, const RIGHT: i32>(a: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_slli_epi64::<LEFT>(a), _mm256_srli_epi64::<RIGHT>(a))
}
