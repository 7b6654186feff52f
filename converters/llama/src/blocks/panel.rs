use super::{BlockFormat, CodedRow, PANEL, ScaleType};

/// Lays up to [`PANEL`] rows side by side: for each block along the depth its scales, its minimums if any, its codes in
/// groups of four steps of the depth (8 bits) or of eight (4 bits: the first four below, the last four above). What
/// belongs to no row is zero bytes.
pub(crate) fn write_panel(rows: &[CodedRow], format: BlockFormat, to: &mut Vec<u8>) {
    let blocks = rows.first().map_or(0, |row| row.scales.len());
    for block in 0..blocks {
        let start = to.len();
        to.resize(start + format.panel_bytes(), 0);
        let (scales, rest) = to[start..].split_at_mut(PANEL * format.scale.bytes());
        write_scales(rows, block, format.scale, scales, |row| &row.scales);
        let codes = if format.minimums {
            let (minimums, codes) = rest.split_at_mut(PANEL * format.scale.bytes());
            write_scales(rows, block, format.scale, minimums, |row| &row.minimums);
            codes
        } else {
            rest
        };
        for (output, row) in rows.iter().enumerate() {
            let row = &row.codes[block * format.block..(block + 1) * format.block];
            write_codes(row, output, format.bits, codes);
        }
    }
}

fn write_scales(rows: &[CodedRow], block: usize, scale: ScaleType, to: &mut [u8], of: impl Fn(&CodedRow) -> &Vec<u32>) {
    for (row, to) in rows.iter().zip(to.chunks_exact_mut(scale.bytes())) {
        to.copy_from_slice(&of(row)[block].to_le_bytes()[..scale.bytes()]);
    }
}

/// One output's codes of a block, into groups of 32 outputs of four bytes.
fn write_codes(codes: &[u8], output: usize, bits: u32, to: &mut [u8]) {
    let steps = if bits == 4 { 8 } else { 4 };
    for (group, codes) in codes.chunks_exact(steps).enumerate() {
        let at = (group * PANEL + output) * 4;
        for (byte, to) in to[at..at + 4].iter_mut().enumerate() {
            *to = codes[byte];
            if bits == 4 {
                *to |= codes[byte + 4] << 4;
            }
        }
    }
}
