//! Columns of a matrix laid out one tile's width after the other.
//!
//! Tiles go over the same columns once for each of their rows. In a row-major matrix these lie a whole row apart, which for most widths is
//! a few places of a cache only, so that it holds none of them the next time.

use std::ops::Range;

/// Bytes that are laid out at once: what a processor's second cache holds beside the other matrix's rows, which then come from memory once for
/// all of these columns.
const LAID_BYTES: usize = 192 << 10;
/// And strips at most: from here on the other matrix's rows are no burden.
const MOST_STRIPS: usize = 8;

/// Strips of `depth` rows and `width` columns of f32 that are laid out at once.
pub(crate) fn together(depth: usize, width: usize) -> usize {
    (LAID_BYTES / (4 * depth * width)).clamp(1, MOST_STRIPS)
}

/// Some neighbouring columns, in strips of one width.
pub(crate) struct Strips {
    bytes: Vec<u8>,
    depth: usize,
    width: usize,
}

impl Strips {
    /// No columns yet, of so many elements each.
    pub(crate) fn new(depth: usize, width: usize) -> Strips {
        Strips {
            bytes: Vec::new(),
            depth,
            width,
        }
    }

    /// Lays out some columns of b, whose rows have `columns` elements.
    #[inline(always)]
    pub(crate) fn lay(&mut self, b: &[u8], columns: usize, laid: Range<usize>) {
        let size = 4 * self.depth * self.width;
        self.bytes.resize(laid.len().div_ceil(self.width) * size, 0);
        for (k, row) in b.chunks_exact(4 * columns).enumerate().take(self.depth) {
            let row = &row[4 * laid.start..4 * laid.end];
            for (strip, part) in row.chunks(4 * self.width).enumerate() {
                let to = &mut self.bytes[strip * size + 4 * k * self.width..][..part.len()];
                // Word by word, which is compiled for wide registers: a call for so few bytes would cost more than the copy.
                let words = to.as_chunks_mut::<4>().0.iter_mut().zip(part.as_chunks().0);
                words.for_each(|(to, from)| *to = *from);
            }
        }
    }

    /// A strip of what is laid out, row-major with a stride of one width.
    #[inline(always)]
    pub(crate) fn strip(&self, place: usize) -> &[u8] {
        let size = 4 * self.depth * self.width;
        &self.bytes[place * size..][..size]
    }
}
