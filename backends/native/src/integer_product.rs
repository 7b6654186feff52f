//! Products of bytes less their zero points, by the panel kernels.
//!
//! With every byte made signed (x′ = x − 128 where x has no sign, and its zero point likewise), Σ (a − za)·(b − zb) is
//! Σ a′·b′ − zb′·Σ a′ − za′·Σ b′ + K·za′·zb′, all modulo 2^32. Columns of b lie side by side in panels that are made on the way; rows of a are
//! taken as they lie.

use opml_ops::{PANEL_DEPTH, PANEL_OUTPUTS, PANEL_ROW_BYTES};

use crate::simd::{Kernel, ROWS, Sums};

/// One byte for each column of a panel.
pub(crate) type Row = [u8; PANEL_OUTPUTS];

/// A byte as a signed one.
#[inline(always)]
pub(crate) fn signed(byte: u8, is_signed: bool) -> u8 {
    if is_signed { byte } else { byte ^ 0x80 }
}

/// A zero point as a number, for bytes that [`signed`] made.
pub(crate) fn zero_point(byte: u8, is_signed: bool) -> i32 {
    i32::from(signed(byte, is_signed) as i8)
}

/// Columns of b, four depths of each side by side.
pub(crate) struct Panel {
    bytes: Vec<u8>,
    depth: usize,
    /// By column: Σ b′, unless no factor has a zero point that would need it.
    sums: Option<Sums>,
}

impl Panel {
    /// A panel of this depth for these factors, with nothing in it.
    pub(crate) fn new(depth: usize, factors: &[Factor]) -> Panel {
        Panel {
            bytes: vec![0; depth.div_ceil(PANEL_DEPTH) * PANEL_ROW_BYTES],
            depth,
            sums: factors
                .iter()
                .any(|factor| factor.zero != 0)
                .then_some([0; PANEL_OUTPUTS]),
        }
    }

    /// Fills the panel: `row(k, bytes)` writes b′[k] for the panel's columns.
    #[inline(always)]
    pub(crate) fn fill(&mut self, mut row: impl FnMut(usize, &mut Row)) {
        if let Some(sums) = &mut self.sums {
            sums.fill(0);
        }
        let mut rows = [[0u8; PANEL_OUTPUTS]; PANEL_DEPTH];
        for (step, panel) in self.bytes.as_chunks_mut::<PANEL_ROW_BYTES>().0.iter_mut().enumerate() {
            for (place, bytes) in rows.iter_mut().enumerate() {
                let k = step * PANEL_DEPTH + place;
                if k < self.depth {
                    row(k, bytes);
                } else {
                    bytes.fill(0);
                }
            }
            if let Some(sums) = &mut self.sums {
                for bytes in &rows {
                    for (sum, byte) in sums.iter_mut().zip(bytes) {
                        *sum = sum.wrapping_add(i32::from(*byte as i8));
                    }
                }
            }
            let [one, two, three, four] = &rows;
            let columns = one.iter().zip(two).zip(three).zip(four);
            for (quad, (((one, two), three), four)) in panel.as_chunks_mut::<PANEL_DEPTH>().0.iter_mut().zip(columns) {
                *quad = [*one, *two, *three, *four];
            }
        }
    }
}

/// A row of a, with its zero point and what it gives to every column.
#[derive(Clone, Copy)]
pub(crate) struct Factor<'a> {
    pub(crate) row: &'a [u8],
    /// za′.
    pub(crate) zero: i32,
    /// Σ a′.
    pub(crate) sum: i32,
    /// What its sums begin with.
    pub(crate) initial: i32,
}

/// Σ a′ of a row.
#[inline(always)]
pub(crate) fn row_sum(row: &[u8]) -> i32 {
    row.iter()
        .fold(0i32, |sum, byte| sum.wrapping_add(i32::from(*byte as i8)))
}

/// The products of at most [`ROWS`] rows with the first `columns` columns of a panel; `zeros(column)` is zb′. `each(row, sums)` gets them.
#[inline(always)]
pub(crate) fn products(
    kernel: Kernel,
    panel: &Panel,
    columns: usize,
    factors: &[Factor],
    zeros: &Sums,
    mut each: impl FnMut(usize, &mut [i32]),
) {
    let mut rows: [&[u8]; ROWS] = [&[]; ROWS];
    for (row, factor) in rows.iter_mut().zip(factors) {
        *row = factor.row;
    }
    let mut sums = [[0; PANEL_OUTPUTS]; ROWS];
    kernel.products(&panel.bytes, &rows[..factors.len()], columns, &mut sums);
    let depth = panel.depth as i32;
    for (number, (factor, sums)) in factors.iter().zip(&mut sums).enumerate() {
        let (initial, shift) = (factor.initial, depth.wrapping_mul(factor.zero).wrapping_sub(factor.sum));
        for (sum, zero) in sums.iter_mut().zip(zeros) {
            *sum = sum.wrapping_add(initial.wrapping_add(zero.wrapping_mul(shift)));
        }
        if let Some(columns) = &panel.sums {
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum = sum.wrapping_sub(factor.zero.wrapping_mul(*column));
            }
        }
        each(number, &mut sums[..columns]);
    }
}

/// Writes the first columns of a row of sums.
#[inline(always)]
pub(crate) fn store_sums(results: &mut [[u8; 4]], sums: &[i32]) {
    results
        .iter_mut()
        .zip(sums)
        .for_each(|(result, sum)| *result = sum.to_le_bytes());
}

/// An operator's optional bias: what each output begins with.
#[derive(Clone, Copy)]
pub(crate) struct Bias<'a>(Option<&'a [[u8; 4]]>);

impl<'a> Bias<'a> {
    /// The bias among an operator's last inputs.
    pub(crate) fn of(inputs: &[&'a [u8]]) -> Bias<'a> {
        Bias(inputs.first().map(|bias| bias.as_chunks().0))
    }

    #[inline(always)]
    pub(crate) fn at(self, output: usize) -> i32 {
        self.0.map_or(0, |bias| i32::from_le_bytes(bias[output]))
    }
}
