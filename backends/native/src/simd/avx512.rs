//! `vpdpbusd` multiplies unsigned by signed bytes and adds four products without saturation. Rows are made unsigned by
//! adding 128 (flipping the sign bit), which is taken off again as 128 times the sum of the weights.

use core::arch::x86_64::*;

use opml_ops::{PANEL_DEPTH, PANEL_OUTPUTS, PANEL_ROW_BYTES};

use super::{ROWS, Sums, quads};

/// Outputs in one vector, and vectors in a panel row.
const OUTPUTS: usize = 16;
const VECTORS: usize = PANEL_OUTPUTS / OUTPUTS;

/// See [`super::Kernel::products`].
///
/// # Safety
/// The processor has AVX-512F and AVX-512 VNNI; `panel` has `PANEL_ROW_BYTES` for every four depths of the rows; all rows
/// have one length.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn products(panel: &[u8], rows: &[&[u8]], columns: usize, sums: &mut [Sums]) {
    for (rows, sums) in rows.chunks(ROWS).zip(sums.chunks_mut(ROWS)) {
        macro_rules! with {
            ($rows:literal) => {
                match columns.div_ceil(OUTPUTS) {
                    // SAFETY: the caller's promises are handed on, with both numbers as constants.
                    0 | 1 => unsafe { block::<$rows, 1>(panel, rows, sums) },
                    // SAFETY: as above.
                    2 => unsafe { block::<$rows, 2>(panel, rows, sums) },
                    // SAFETY: as above.
                    3 => unsafe { block::<$rows, 3>(panel, rows, sums) },
                    // SAFETY: as above.
                    _ => unsafe { block::<$rows, VECTORS>(panel, rows, sums) },
                }
            };
        }
        match rows.len() {
            1 => with!(1),
            2 => with!(2),
            3 => with!(3),
            _ => with!(4),
        }
    }
}

/// # Safety
/// As [`products`], with exactly `R` rows and sums, for the outputs of `V` vectors.
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn block<const R: usize, const V: usize>(panel: &[u8], rows: &[&[u8]], sums: &mut [Sums]) {
    const { assert!(R <= ROWS && V <= VECTORS) };
    let (full, rest) = (rows[0].len() / PANEL_DEPTH, rows[0].len() % PANEL_DEPTH);
    let mut wholes: [&[[u8; PANEL_DEPTH]]; R] = [&[]; R];
    let mut lasts = [[0; PANEL_DEPTH]; R];
    for row in 0..R {
        let (whole, last) = quads(rows[row]);
        wholes[row] = &whole[..full];
        lasts[row] = last;
    }
    let (panel_rows, _) = panel.as_chunks::<PANEL_ROW_BYTES>();
    let mut products = [[_mm512_setzero_si512(); V]; R];
    let mut offsets = [_mm512_setzero_si512(); V];
    for (step, weights) in panel_rows[..full].iter().enumerate() {
        let mut xs = [[0; PANEL_DEPTH]; R];
        for row in 0..R {
            xs[row] = wholes[row][step];
        }
        add(&mut products, &mut offsets, xs, weights, 0x8080_8080);
    }
    if rest != 0 {
        // Zero bytes where the rows end, so that nothing past them counts.
        let flip = 0x8080_8080 >> (8 * (PANEL_DEPTH - rest));
        add(&mut products, &mut offsets, lasts, &panel_rows[full], flip);
    }
    for (products, sums) in products.iter().zip(sums) {
        for (vector, (products, offsets)) in products.iter().zip(offsets).enumerate() {
            let results = &mut sums[vector * OUTPUTS..][..OUTPUTS];
            // SAFETY: the slice has the sixty-four bytes that an unaligned store writes.
            unsafe { _mm512_storeu_si512(results.as_mut_ptr().cast(), _mm512_sub_epi32(*products, offsets)) };
        }
    }
}

/// Adds the products of four depths, with the bits of `flip` flipped in them; `offsets` gets 128 · Σ weights.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn add<const R: usize, const V: usize>(
    products: &mut [[__m512i; V]; R],
    offsets: &mut [__m512i; V],
    xs: [[u8; PANEL_DEPTH]; R],
    weights: &[u8; PANEL_ROW_BYTES],
    flip: u32,
) {
    let flips = _mm512_set1_epi32(flip as i32);
    for vector in 0..V {
        let weights = load(weights, vector * OUTPUTS * PANEL_DEPTH);
        offsets[vector] = _mm512_dpbusd_epi32(offsets[vector], flips, weights);
        for row in 0..R {
            let x = _mm512_set1_epi32((u32::from_le_bytes(xs[row]) ^ flip) as i32);
            products[row][vector] = _mm512_dpbusd_epi32(products[row][vector], x, weights);
        }
    }
}

/// Sixty-four weights from byte `at` on.
#[target_feature(enable = "avx512f")]
#[inline]
fn load(weights: &[u8; PANEL_ROW_BYTES], at: usize) -> __m512i {
    let bytes = &weights[at..][..OUTPUTS * PANEL_DEPTH];
    // SAFETY: the slice has the sixty-four bytes that an unaligned load reads.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}
