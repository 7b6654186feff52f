//! Products of a few int8 vectors with one weight panel, tiles of float products, and element-wise loops, by the widest instructions
//! that the processor has.
//!
//! This is the only folder of the crate with `unsafe`: the kernels for one instruction set each, called only after the
//! processor has said that it has it.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
#[cfg(target_arch = "x86_64")]
mod blocks_avx2;
mod elementwise;
mod portable;
mod rows;
#[cfg(target_arch = "x86_64")]
mod rows_avx2;
mod tile;
#[cfg(target_arch = "x86_64")]
mod tile_avx2;
#[cfg(target_arch = "x86_64")]
mod tile_avx512;

use std::sync::OnceLock;

pub(crate) use blocks::{BlockRows, Weights};
pub(crate) use rows::FloatRows;
pub(crate) use tile::{Factors, TILE_COLUMNS, TILE_ROWS};

use opml_ops::{PANEL_DEPTH, PANEL_OUTPUTS, PANEL_ROW_BYTES};

/// The most vectors that one call takes.
pub(crate) const ROWS: usize = 4;

/// One accumulator for each output of a panel.
pub(crate) type Sums = [i32; PANEL_OUTPUTS];

/// A way to compute products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// Any processor.
    Portable,
    /// 16-bit pairs in 256-bit registers; AVX2 and F16C.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Four-byte dot products in 512-bit registers.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
}

impl Kernel {
    /// Every kernel that this processor can run, the fastest last.
    pub(crate) fn available() -> Vec<Kernel> {
        let mut kernels = vec![Kernel::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("f16c") {
                kernels.push(Kernel::Avx2);
            }
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq");
            if wide && is_x86_feature_detected!("avx512vnni") {
                kernels.push(Kernel::Avx512Vnni);
            }
        }
        kernels
    }

    /// The fastest kernel that this processor can run and that passes its trial there; tried once in a process. A wrong
    /// product would cost its server a bond, so no processor is trusted unseen.
    pub(crate) fn best() -> Kernel {
        static BEST: OnceLock<Kernel> = OnceLock::new();
        *BEST.get_or_init(|| {
            let passing = Kernel::available()
                .into_iter()
                .rev()
                .find(|kernel| kernel.passes_trial());
            passing.unwrap_or(Kernel::Portable)
        })
    }

    /// Whether the kernel gives what the portable one gives, for every number of rows and every remainder of the depth, on
    /// values that include the extremes.
    fn passes_trial(self) -> bool {
        let value = |place: usize| match place % 5 {
            0 => 0x80,
            1 => 0x7f,
            _ => (place.wrapping_mul(2_654_435_761) >> 7) as u8,
        };
        let panels = (1..=ROWS).all(|rows| {
            (1..=2 * PANEL_DEPTH + 1).all(|depth| {
                let columns = (rows * 23 + depth * 7) % PANEL_OUTPUTS + 1;
                let panel: Vec<u8> = (0..depth.div_ceil(PANEL_DEPTH) * PANEL_ROW_BYTES).map(value).collect();
                let values: Vec<u8> = (7..7 + rows * depth).map(value).collect();
                let values: Vec<&[u8]> = values.chunks_exact(depth).collect();
                let products = |kernel: Kernel| {
                    let mut sums = [[0; PANEL_OUTPUTS]; ROWS];
                    kernel.products(&panel, &values, columns, &mut sums);
                    sums.map(|sums| sums[..columns].to_vec())
                };
                products(self) == products(Kernel::Portable)
            })
        });
        panels && self.tiles_pass_trial() && self.blocks_pass_trial() && self.rows_pass_trial()
    }

    /// `sums[r][n] = Σ_k rows[r][k]·weight(k, n)`, wrapping, for at most [`ROWS`] rows of equal length and the first `columns` outputs of the
    /// panel; the other sums mean nothing.
    ///
    /// # Panics
    /// When the panel is shorter than the rows need, the rows differ in length, or there are more rows than sums.
    pub(crate) fn products(self, panel: &[u8], rows: &[&[u8]], columns: usize, sums: &mut [Sums]) {
        let depth = rows.first().map_or(0, |row| row.len());
        assert!(rows.iter().all(|row| row.len() == depth), "rows have one length");
        assert!(
            panel.len() >= depth.div_ceil(PANEL_DEPTH) * PANEL_ROW_BYTES,
            "a panel has the rows' depth"
        );
        assert!(rows.len() <= sums.len(), "every row has its sums");
        assert!(columns <= PANEL_OUTPUTS, "a panel has the columns");
        let sums = &mut sums[..rows.len()];
        match self {
            Kernel::Portable => portable::products(panel, rows, columns, sums),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernel only when the processor has AVX2, and no other code names it; the
            // sizes that the kernel relies on are checked above.
            Kernel::Avx2 => unsafe { avx2::products(panel, rows, columns, sums) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F and AVX-512 VNNI.
            Kernel::Avx512Vnni => unsafe { avx512::products(panel, rows, columns, sums) },
        }
    }
}

/// The whole quads of a row, and what is left as a quad with zeros after it.
#[inline(always)]
fn quads(row: &[u8]) -> (&[[u8; PANEL_DEPTH]], [u8; PANEL_DEPTH]) {
    let (quads, tail) = row.as_chunks();
    let mut last = [0; PANEL_DEPTH];
    for (place, value) in last.iter_mut().zip(tail) {
        *place = *value;
    }
    (quads, last)
}

#[cfg(test)]
mod tests {
    use super::Kernel;

    #[test]
    fn every_kernel_passes_its_trial() {
        for kernel in Kernel::available() {
            assert!(kernel.passes_trial(), "{kernel:?}");
        }
        assert_eq!(Some(&Kernel::best()), Kernel::available().last());
    }
}
