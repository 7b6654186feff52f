//! Rows of floats: sums of scaled ones, and columns of a few of them side by side.

use super::Kernel;
#[cfg(target_arch = "x86_64")]
use super::rows_avx2;

/// Rows of little-endian f32: element (row, column) lies at `row · stride + column`.
#[derive(Clone, Copy)]
pub(crate) struct FloatRows<'a> {
    pub(crate) elements: &'a [[u8; 4]],
    pub(crate) stride: usize,
    pub(crate) count: usize,
}

impl FloatRows<'_> {
    fn has(&self, columns: usize) -> bool {
        let last = self.count.saturating_sub(1).checked_mul(self.stride);
        last.is_some_and(|last| self.elements.len() >= last + columns)
    }
}

impl Kernel {
    /// `sums[c] += Σ_k factors[k]·rows[k][c]`, k ascending, each product and each sum rounded by itself.
    ///
    /// # Panics
    /// When there are fewer rows than factors, or they are shorter than the sums.
    pub(crate) fn add_scaled_rows(self, factors: &[[u8; 4]], rows: FloatRows, sums: &mut [f32]) {
        assert!(
            rows.count == factors.len() && rows.has(sums.len()),
            "every factor has its row"
        );
        match self {
            Kernel::Portable => add_scaled_rows(factors, rows, sums),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernels only when the processor has AVX2; sizes are checked above.
            Kernel::Avx2 | Kernel::Avx512Vnni => unsafe { rows_avx2::add_scaled_rows(factors, rows, sums) },
        }
    }

    /// `columns[c · width + r] = rows[r][c]`: the first `columns.len() / width` columns, each `width` elements from the next.
    ///
    /// # Panics
    /// When there are more rows than `width`, or they are shorter than there are columns.
    pub(crate) fn transpose(self, rows: FloatRows, columns: &mut [[u8; 4]], width: usize) {
        assert!(
            rows.count <= width && rows.has(columns.len() / width),
            "a column has room for every row"
        );
        match self {
            Kernel::Portable => transpose(rows, columns, width),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kernel::Avx2 | Kernel::Avx512Vnni => unsafe { rows_avx2::transpose(rows, columns, width) },
        }
    }

    /// Whether sums and columns are what the portable kernel gives, for every remainder of rows and columns.
    pub(super) fn rows_pass_trial(self) -> bool {
        let value = |place: usize| ((place.wrapping_mul(2_654_435_761) >> 9) as u32 as f32 - 2e6) * 1e-5;
        let elements: Vec<[u8; 4]> = (0..20 * 80).map(|place| value(place).to_le_bytes()).collect();
        (1..=18).all(|count| {
            (1..=80).all(|columns| {
                let rows = FloatRows {
                    elements: &elements,
                    stride: 80,
                    count,
                };
                let sums = |kernel: Kernel| {
                    let mut sums: Vec<f32> = (0..columns).map(value).collect();
                    kernel.add_scaled_rows(&elements[..count], rows, &mut sums);
                    sums.iter().map(|sum| sum.to_bits()).collect::<Vec<u32>>()
                };
                let turned = |kernel: Kernel| {
                    let mut turned = vec![[0; 4]; 18 * columns];
                    kernel.transpose(rows, &mut turned, 18);
                    turned
                };
                sums(self) == sums(Kernel::Portable) && turned(self) == turned(Kernel::Portable)
            })
        })
    }
}

/// See [`Kernel::add_scaled_rows`].
pub(super) fn add_scaled_rows(factors: &[[u8; 4]], rows: FloatRows, sums: &mut [f32]) {
    for (factor, row) in factors.iter().zip(rows.elements.chunks(rows.stride)) {
        let factor = f32::from_le_bytes(*factor);
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += factor * f32::from_le_bytes(*x);
        }
    }
}

/// See [`Kernel::transpose`].
fn transpose(rows: FloatRows, columns: &mut [[u8; 4]], width: usize) {
    let count = columns.len() / width;
    for (place, row) in rows.elements.chunks(rows.stride).take(rows.count).enumerate() {
        for (column, x) in columns.chunks_exact_mut(width).zip(&row[..count]) {
            column[place] = *x;
        }
    }
}
