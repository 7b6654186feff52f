//! Products of quantised rows with one panel of block-quantised weights.
//!
//! Inside a block everything is an exact integer, so the order of those sums is free; across blocks there is one accumulator an output,
//! blocks ascending, every operation rounded by itself.

use opml_ops::{BLOCK_OUTPUTS, BlockPanels, CODE_BYTES};

use super::Kernel;
#[cfg(target_arch = "x86_64")]
use super::blocks_avx2;

/// Weights in block panels, and what every code is less.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a> {
    pub(crate) panels: &'a BlockPanels,
    pub(crate) zero: i32,
}

/// One accumulator for each output of a panel.
pub(crate) type BlockSums = [f32; BLOCK_OUTPUTS];

/// Rows quantised in blocks, as `opml_ops::quantize_block` makes them: codes within −127 … 127, of each block its scale and the sum of its codes.
pub(crate) struct BlockRows {
    codes: Vec<u8>,
    numbers: Vec<(f32, i32)>,
    depth: usize,
    block: usize,
}

/// A block of one row.
#[derive(Clone, Copy)]
pub(super) struct RowBlock<'a> {
    pub(super) codes: &'a [u8],
    pub(super) scale: f32,
    /// Σ codes.
    pub(super) sum: i32,
}

impl BlockRows {
    /// Quantises whole rows of this depth.
    #[inline(always)]
    pub(crate) fn new(x: &[[u8; 4]], weights: &BlockPanels) -> BlockRows {
        let block = weights.block as usize;
        let mut rows = BlockRows {
            codes: vec![0; x.len()],
            numbers: Vec::with_capacity(x.len() / block),
            depth: weights.depth as usize,
            block,
        };
        for (x, codes) in x.chunks_exact(block).zip(rows.codes.chunks_exact_mut(block)) {
            rows.numbers.push(opml_ops::quantize_block(x, codes));
        }
        rows
    }

    /// Block `block` of row `row`.
    #[inline(always)]
    pub(super) fn block(&self, row: usize, block: usize) -> RowBlock<'_> {
        let (scale, sum) = self.numbers[row * (self.depth / self.block) + block];
        RowBlock {
            codes: &self.codes[row * self.depth + block * self.block..][..self.block],
            scale,
            sum,
        }
    }

    fn count(&self) -> usize {
        self.codes.len() / self.depth
    }
}

impl Kernel {
    /// `sums[r][n]` of the rows from `first` on, as many as there are sums, with every output n of a panel.
    ///
    /// # Panics
    /// When the panel has not the size of the weights', or the rows are quantised in other blocks, or too few.
    pub(crate) fn blocks(self, weights: Weights, panel: &[u8], rows: &BlockRows, first: usize, sums: &mut [BlockSums]) {
        let Weights { panels, .. } = weights;
        assert!(panel.len() == panels.panel_bytes(), "a panel has all its blocks");
        assert!(
            rows.depth == panels.depth as usize && rows.block == panels.block as usize,
            "rows are quantised as the weights are"
        );
        assert!(first + sums.len() <= rows.count(), "every sum has its row");
        sums.fill([0.0; BLOCK_OUTPUTS]);
        match self {
            Kernel::Portable => portable(weights, panel, rows, first, sums),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernels only when the processor has AVX2 and F16C; sizes are checked above.
            Kernel::Avx2 | Kernel::Avx512Vnni => unsafe { blocks_avx2::blocks(weights, panel, rows, first, sums) },
        }
    }

    /// Whether products are what the portable kernel gives, for every kind of blocks, on codes and scales that include the extremes.
    pub(super) fn blocks_pass_trial(self) -> bool {
        let value = |place: usize| match place % 5 {
            0 => 0xff,
            1 => 0,
            _ => (place.wrapping_mul(2_654_435_761) >> 7) as u8,
        };
        let kinds = [4u32, 8].into_iter().flat_map(|bits| {
            let rest = [16u32, 32]
                .into_iter()
                .flat_map(move |block| (0..4).map(move |flags| (block, flags)));
            rest.map(move |(block, flags)| (bits, block, flags))
        });
        kinds.into_iter().all(|(bits, block, flags)| {
            let panels = BlockPanels {
                outputs: BLOCK_OUTPUTS as u32,
                depth: 3 * block,
                bits,
                block,
                wide: flags & 1 == 1,
                minimums: flags & 2 == 2,
            };
            let depth = panels.depth as usize;
            let x: Vec<[u8; 4]> = (0..5 * depth)
                .map(|place| ((i32::from(value(place)) - 128) as f32 * 0.37).to_le_bytes())
                .collect();
            let rows = BlockRows::new(&x, &panels);
            let panel: Vec<u8> = (3..3 + panels.panel_bytes()).map(value).collect();
            (1..=5).all(|count| {
                let products = |kernel: Kernel| {
                    let mut sums = vec![[0.0; BLOCK_OUTPUTS]; count];
                    let weights = Weights {
                        panels: &panels,
                        zero: 129,
                    };
                    kernel.blocks(weights, &panel, &rows, 5 - count, &mut sums);
                    // Which NaN it is does not matter: it is stored as the one NaN.
                    let bits = |sum: &f32| if sum.is_nan() { u32::MAX } else { sum.to_bits() };
                    sums.iter().flatten().map(bits).collect::<Vec<u32>>()
                };
                products(self) == products(Kernel::Portable)
            })
        })
    }
}

fn portable(weights: Weights, panel: &[u8], rows: &BlockRows, first: usize, sums: &mut [BlockSums]) {
    let Weights { panels, zero } = weights;
    for (place, block) in panel.chunks_exact(panels.block_bytes()).enumerate() {
        let parts = panels.parts(block);
        for (row, sums) in sums.iter_mut().enumerate() {
            let own = rows.block(first + row, place);
            let mut products = [0i32; BLOCK_OUTPUTS];
            for (codes, quads) in parts.rows.iter().zip(own.codes.chunks_exact(panels.row_codes())) {
                for (k, a) in quads.iter().enumerate() {
                    let (a, shift) = (i32::from(*a as i8), if k < CODE_BYTES { 0 } else { 4 });
                    let mask = if panels.bits == 4 { 0xf } else { 0xff };
                    for (product, bytes) in products.iter_mut().zip(codes.as_chunks::<CODE_BYTES>().0) {
                        *product += a * i32::from(bytes[k % CODE_BYTES] >> shift & mask);
                    }
                }
            }
            let less = zero * own.sum;
            for (lane, (sum, product)) in sums.iter_mut().zip(products).enumerate() {
                *sum += own.scale * panels.scale(parts.scales, lane) * (product - less) as f32;
                if panels.minimums {
                    *sum += own.scale * own.sum as f32 * panels.scale(parts.minimums, lane);
                }
            }
        }
    }
}
