use opml_ops::{PANEL_DEPTH, PANEL_ROW_BYTES};

use super::{Sums, quads};

/// See [`super::Kernel::products`].
pub(super) fn products(panel: &[u8], rows: &[&[u8]], columns: usize, sums: &mut [Sums]) {
    for (row, sums) in rows.iter().zip(sums) {
        let sums = &mut sums[..columns];
        sums.fill(0);
        let (quads, last) = quads(row);
        let quads = quads.iter().chain([&last]);
        for (quad, weights) in quads.zip(panel.as_chunks::<PANEL_ROW_BYTES>().0) {
            let x = quad.map(|x| i32::from(x as i8));
            for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<PANEL_DEPTH>().0) {
                for (x, weight) in x.iter().zip(weights) {
                    *sum = sum.wrapping_add(x.wrapping_mul(i32::from(*weight as i8)));
                }
            }
        }
    }
}
