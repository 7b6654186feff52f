//! `vpdpbusd` multiplies unsigned by signed bytes and adds four products without saturation. Rows are made unsigned by
//! adding 128 (flipping the sign bit), which is taken off again as 128 times the sum of the weights.

use core::arch::x86_64::*;

use opml_ops::{PANEL_DEPTH, PANEL_OUTPUTS, PANEL_ROW_BYTES};

use super::{ROWS, Sums, quad};

/// Outputs in one vector, and vectors in a panel row.
const OUTPUTS: usize = 16;
const VECTORS: usize = PANEL_OUTPUTS / OUTPUTS;

/// See [`super::Kernel::products`].
///
/// # Safety
/// The processor has AVX-512F and AVX-512 VNNI; `panel` has `PANEL_ROW_BYTES` for every four depths of the rows; all rows
/// have one length.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn products(panel: &[u8], rows: &[&[u8]], sums: &mut [Sums]) {
    for (rows, sums) in rows.chunks(ROWS).zip(sums.chunks_mut(ROWS)) {
        // SAFETY: the caller's promises are handed on, with the number of rows as a constant.
        unsafe {
            match rows.len() {
                1 => block::<1>(panel, rows, sums),
                2 => block::<2>(panel, rows, sums),
                3 => block::<3>(panel, rows, sums),
                _ => block::<ROWS>(panel, rows, sums),
            }
        }
    }
}

/// # Safety
/// As [`products`], with exactly `R` rows and sums.
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn block<const R: usize>(panel: &[u8], rows: &[&[u8]], sums: &mut [Sums]) {
    let depth = rows[0].len();
    let mut products = [[_mm512_setzero_si512(); VECTORS]; R];
    // 128 · Σ weights, from rows of 128; zeros where the rows end, so that nothing past them counts.
    let mut offsets = [_mm512_setzero_si512(); VECTORS];
    for step in 0..depth.div_ceil(PANEL_DEPTH) {
        let weights = [0, 1, 2, 3].map(|vector| {
            let bytes = &panel[step * PANEL_ROW_BYTES + vector * OUTPUTS * PANEL_DEPTH..][..OUTPUTS * PANEL_DEPTH];
            // SAFETY: the slice has the sixty-four bytes that an unaligned load reads.
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        });
        let left = depth - step * PANEL_DEPTH;
        let flip = match left {
            1 => 0x80,
            2 => 0x8080,
            3 => 0x80_8080,
            _ => 0x8080_8080u32,
        };
        let flips = _mm512_set1_epi32(flip as i32);
        for (offsets, weights) in offsets.iter_mut().zip(weights) {
            *offsets = _mm512_dpbusd_epi32(*offsets, flips, weights);
        }
        for (products, row) in products.iter_mut().zip(rows) {
            let x = u32::from_le_bytes(quad(row, step * PANEL_DEPTH)) ^ flip;
            let x = _mm512_set1_epi32(x as i32);
            for (products, weights) in products.iter_mut().zip(weights) {
                *products = _mm512_dpbusd_epi32(*products, x, weights);
            }
        }
    }
    for (products, sums) in products.iter().zip(sums) {
        for (vector, (products, offsets)) in products.iter().zip(offsets).enumerate() {
            let results = &mut sums[vector * OUTPUTS..][..OUTPUTS];
            // SAFETY: the slice has the sixty-four bytes that an unaligned store writes.
            unsafe { _mm512_storeu_si512(results.as_mut_ptr().cast(), _mm512_sub_epi32(*products, offsets)) };
        }
    }
}
