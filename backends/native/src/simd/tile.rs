//! Tiles of float products: a few rows of one matrix with a few columns of another.
//!
//! One accumulator an element, from +0, k ascending, rounded after the product and after the sum: columns lie side by side in
//! registers, and nothing is fused.

use super::Kernel;
#[cfg(target_arch = "x86_64")]
use super::{tile_avx2, tile_avx512};

/// Rows of a tile at most.
pub(crate) const TILE_ROWS: usize = 6;
/// Columns of a tile at most, whatever the kernel.
pub(crate) const TILE_COLUMNS: usize = 64;

/// The sums of a tile, row by row.
pub(crate) type Tile = [[f32; TILE_COLUMNS]; TILE_ROWS];

/// Two matrices of little-endian f32: element (row, k) of `a` lies at `row · a_stride + k`, element (k, column) of `b` at
/// `k · b_stride + column`.
#[derive(Clone, Copy)]
pub(crate) struct Factors<'a> {
    pub(crate) a: &'a [u8],
    pub(crate) a_stride: usize,
    pub(crate) b: &'a [u8],
    pub(crate) b_stride: usize,
    pub(crate) depth: usize,
}

impl Factors<'_> {
    fn check(&self, rows: usize, columns: usize) {
        let reach =
            |strides: usize, stride: usize, rest: usize| strides.checked_mul(stride).map(|first| 4 * (first + rest));
        assert!((1..=TILE_ROWS).contains(&rows) && (1..=TILE_COLUMNS).contains(&columns) && self.depth > 0);
        assert!(
            reach(rows - 1, self.a_stride, self.depth).is_some_and(|bytes| bytes <= self.a.len()),
            "a has the tile's rows"
        );
        assert!(
            reach(self.depth - 1, self.b_stride, columns).is_some_and(|bytes| bytes <= self.b.len()),
            "b has the tile's columns"
        );
    }
}

impl Kernel {
    /// Columns of a tile that this kernel likes best.
    pub(crate) fn tile_columns(self) -> usize {
        match self {
            Kernel::Portable => 16,
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => 16,
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512Vnni => TILE_COLUMNS,
        }
    }

    /// `sums[r][c] = Σ_k a[r][k]·b[k][c]` for the first `rows` rows and `columns` columns, at most [`Kernel::tile_columns`] of them.
    ///
    /// # Panics
    /// When a factor is too short, or the tile too large.
    pub(crate) fn tile(self, factors: Factors, rows: usize, columns: usize, sums: &mut Tile) {
        factors.check(rows, columns);
        assert!(
            columns <= self.tile_columns(),
            "a tile has no more columns than the kernel takes"
        );
        match self {
            Kernel::Portable => portable(factors, rows, columns, sums),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` lists the kernel only when the processor has AVX2; sizes are checked above.
            Kernel::Avx2 => unsafe { tile_avx2::tile(factors, rows, columns, sums) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above, for AVX-512F.
            Kernel::Avx512Vnni => unsafe { tile_avx512::tile(factors, rows, columns, sums) },
        }
    }

    /// Whether tiles are what the portable kernel gives, for every number of rows and columns.
    pub(super) fn tiles_pass_trial(self) -> bool {
        let value = |place: usize| match place % 7 {
            0 => f32::from_bits(place as u32 % 97),
            1 => -1e30,
            _ => ((place.wrapping_mul(2_654_435_761) >> 9) as u32 as f32 - 2e6) * 1e-5,
        };
        let words = |count: usize, from: usize| {
            (from..from + count)
                .flat_map(|place| value(place).to_le_bytes())
                .collect::<Vec<u8>>()
        };
        let depth = 9;
        let (a, b) = (words(TILE_ROWS * depth, 3), words(depth * TILE_COLUMNS, 1));
        let factors = Factors {
            a: &a,
            a_stride: depth,
            b: &b,
            b_stride: TILE_COLUMNS,
            depth,
        };
        (1..=TILE_ROWS).all(|rows| {
            (1..=self.tile_columns()).all(|columns| {
                let mut own = [[0.0; TILE_COLUMNS]; TILE_ROWS];
                let mut plain = own;
                self.tile(factors, rows, columns, &mut own);
                portable(factors, rows, columns, &mut plain);
                (0..rows).all(|row| {
                    let bits = |tile: &Tile| tile[row][..columns].iter().map(|sum| sum.to_bits()).collect::<Vec<_>>();
                    bits(&own) == bits(&plain)
                })
            })
        })
    }
}

fn portable(factors: Factors, rows: usize, columns: usize, sums: &mut Tile) {
    let word = |bytes: &[u8], place: usize| f32::from_le_bytes(bytes.as_chunks().0[place]);
    for (row, sums) in sums.iter_mut().enumerate().take(rows) {
        sums[..columns].fill(0.0);
        for k in 0..factors.depth {
            let a = word(factors.a, row * factors.a_stride + k);
            let b = &factors.b.as_chunks::<4>().0[k * factors.b_stride..][..columns];
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += a * f32::from_le_bytes(*b);
            }
        }
    }
}
