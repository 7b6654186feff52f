//! Eight messages at a time: rotations are one instruction, and so are two additions and χ (`vpternlogq`).

use core::arch::x86_64::*;

use super::permutation::{STATE, padding, permutation};
use crate::Root;

/// Messages in one register.
const LANES: usize = 8;

permutation!("avx512f", __m512i);

/// See [`super::KeccakKernel::hash`].
///
/// # Safety
/// The processor has AVX-512F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn hash<const BYTES: usize>(messages: &[[u8; BYTES]], roots: &mut [Root]) {
    let (groups, last) = messages.as_chunks::<LANES>();
    let (group_roots, last_roots) = roots.as_chunks_mut::<LANES>();
    for (group, roots) in groups.iter().zip(group_roots) {
        *roots = eight(group);
    }
    if !last.is_empty() {
        let mut group = [[0; BYTES]; LANES];
        group[..last.len()].copy_from_slice(last);
        last_roots.copy_from_slice(&eight(&group)[..last.len()]);
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn eight<const BYTES: usize>(messages: &[[u8; BYTES]; LANES]) -> [Root; LANES] {
    let mut state = [_mm512_setzero_si512(); STATE];
    for (place, words) in state[..BYTES / 8].as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut rows = [_mm512_setzero_si512(); LANES];
        for (row, message) in rows.iter_mut().zip(messages) {
            let bytes = &message.as_chunks::<64>().0[place];
            // SAFETY: the array has the sixty-four bytes that an unaligned load reads.
            *row = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        }
        *words = transposed(rows);
    }
    for (word, bit) in padding(BYTES / 8) {
        state[word] = xor(state[word], splat(bit));
    }
    let state = permuted(state);
    let mut roots = [Root::ZERO; LANES];
    let pairs = roots.as_chunks_mut::<2>().0;
    for (pair, bytes) in pairs.iter_mut().zip(roots_of([state[0], state[1], state[2], state[3]])) {
        // SAFETY: two roots are the sixty-four bytes that an unaligned store writes.
        unsafe { _mm512_storeu_si512(pair.as_mut_ptr().cast(), bytes) };
    }
    roots
}

/// Eight rows of eight words as their columns.
#[target_feature(enable = "avx512f")]
#[inline]
fn transposed(rows: [__m512i; 8]) -> [__m512i; 8] {
    // Words 2j (low) and 2j + 1 (high) of two rows side by side, for j = 0 … 3.
    let even = [
        _mm512_unpacklo_epi64(rows[0], rows[1]),
        _mm512_unpacklo_epi64(rows[2], rows[3]),
        _mm512_unpacklo_epi64(rows[4], rows[5]),
        _mm512_unpacklo_epi64(rows[6], rows[7]),
    ];
    let odd = [
        _mm512_unpackhi_epi64(rows[0], rows[1]),
        _mm512_unpackhi_epi64(rows[2], rows[3]),
        _mm512_unpackhi_epi64(rows[4], rows[5]),
        _mm512_unpackhi_epi64(rows[6], rows[7]),
    ];
    let (even, odd) = (quarters_transposed(even), quarters_transposed(odd));
    [even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]]
}

/// Four rows of four 128-bit quarters as their columns.
#[target_feature(enable = "avx512f")]
#[inline]
fn quarters_transposed(rows: [__m512i; 4]) -> [__m512i; 4] {
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    let upper = (
        _mm512_shuffle_i64x2::<EVEN>(rows[0], rows[1]),
        _mm512_shuffle_i64x2::<ODD>(rows[0], rows[1]),
    );
    let lower = (
        _mm512_shuffle_i64x2::<EVEN>(rows[2], rows[3]),
        _mm512_shuffle_i64x2::<ODD>(rows[2], rows[3]),
    );
    [
        _mm512_shuffle_i64x2::<EVEN>(upper.0, lower.0),
        _mm512_shuffle_i64x2::<EVEN>(upper.1, lower.1),
        _mm512_shuffle_i64x2::<ODD>(upper.0, lower.0),
        _mm512_shuffle_i64x2::<ODD>(upper.1, lower.1),
    ]
}

/// The eight roots of four words each, two roots in a register.
#[target_feature(enable = "avx512f")]
#[inline]
fn roots_of(words: [__m512i; 4]) -> [__m512i; 4] {
    quarters_transposed([
        _mm512_unpacklo_epi64(words[0], words[1]),
        _mm512_unpacklo_epi64(words[2], words[3]),
        _mm512_unpackhi_epi64(words[0], words[1]),
        _mm512_unpackhi_epi64(words[2], words[3]),
    ])
}

#[target_feature(enable = "avx512f")]
#[inline]
fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word as i64)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn xor(a: __m512i, b: __m512i) -> __m512i {
    _mm512_xor_si512(a, b)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    // The truth table of a ^ b ^ c.
    _mm512_ternarylogic_epi64::<0b1001_0110>(a, b, c)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn chi(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    // The truth table of a ^ (!b & c).
    _mm512_ternarylogic_epi64::<0b1101_0010>(a, b, c)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn rotate<const LEFT: i32, const RIGHT: i32>(a: __m512i) -> __m512i {
    _mm512_rol_epi64::<LEFT>(a)
}
