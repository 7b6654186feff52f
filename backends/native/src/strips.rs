//! Columns of a matrix laid out one tile's width after the other.
//!
//! Tiles go over the same columns once for each of their rows. In a row-major matrix these lie a whole row apart, which for most widths is
//! a few places of a cache only, so that it holds none of them the next time.

/// Tile widths that are laid out at once: as many bytes of a row as make it worth going there.
const TOGETHER: usize = 4;

/// Some neighbouring columns, in strips of one width.
pub(crate) struct Strips {
    bytes: Vec<u8>,
    depth: usize,
    width: usize,
    /// The columns that are laid out.
    first: usize,
    end: usize,
}

impl Strips {
    /// No columns yet, of so many elements each.
    pub(crate) fn new(depth: usize, width: usize) -> Strips {
        Strips {
            bytes: Vec::new(),
            depth,
            width,
            first: 0,
            end: 0,
        }
    }

    /// The columns of b from `column` on, row-major with a stride of one width; those before `end` are laid out as they are needed. Rows of b
    /// have `columns` elements.
    #[inline(always)]
    pub(crate) fn strip(&mut self, b: &[u8], columns: usize, column: usize, end: usize) -> &[u8] {
        let size = 4 * self.depth * self.width;
        if !(self.first..self.end).contains(&column) {
            (self.first, self.end) = (column, end.min(column + TOGETHER * self.width));
            self.bytes.resize(TOGETHER * size, 0);
            let rows = b.chunks_exact(4 * columns);
            for (k, row) in rows.enumerate().take(self.depth) {
                let row = &row[4 * self.first..4 * self.end];
                for (strip, part) in row.chunks(4 * self.width).enumerate() {
                    let to = &mut self.bytes[strip * size + 4 * k * self.width..][..part.len()];
                    // Word by word, which is compiled for wide registers: a call for so few bytes would cost more than the copy.
                    let words = to.as_chunks_mut::<4>().0.iter_mut().zip(part.as_chunks().0);
                    words.for_each(|(to, from)| *to = *from);
                }
            }
        }
        &self.bytes[(column - self.first) / self.width * size..][..size]
    }
}
