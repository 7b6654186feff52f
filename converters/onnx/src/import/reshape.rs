//! Values larger than a slot read in other dimensions.

use super::graph::Graph;
use super::operand::Operand;
use super::pieces::Range;
use super::plan::{bytes_of, even_ranges};
use super::problem::{Outcome, Problem};
use super::tensor::elements;

impl Graph {
    /// The same elements in other dimensions. Parts stay as they are where they are parts there too; otherwise they are cut anew, for which
    /// their elements are copied.
    pub(crate) fn reshape(&mut self, x: &Operand, dims: Vec<usize>) -> Outcome<Operand> {
        let Operand::Pieces(pieces) = x else {
            return x.reshaped(dims);
        };
        if elements(&dims).ok() != Some(x.elements()) || pieces.reshaped(&dims).is_some() || pieces.is_constant() {
            return x.reshaped(dims);
        }
        let mut rows = Vec::new();
        self.rows_of(x, &mut rows)?;
        let flat = self.flat_pieces(rows, 0)?;
        self.shaped_row(&flat, 0, &dims)
    }

    /// Appends x as rows that follow one another as its elements do: parts of its outermost axis, and of the next ones where these are too large.
    fn rows_of(&mut self, x: &Operand, rows: &mut Vec<Operand>) -> Outcome<()> {
        if !self.is_large(x) {
            rows.push(x.reshaped(vec![x.elements()])?);
            return Ok(());
        }
        for range in self.outermost_ranges(x, x.dims())? {
            let part = self.part_of(x, range)?;
            self.rows_of(&part, rows)?;
        }
        Ok(())
    }

    /// The elements of a row from `start` on, in these dimensions.
    fn shaped_row(&mut self, row: &Operand, start: usize, dims: &[usize]) -> Outcome<Operand> {
        if bytes_of(dims, row.dtype()) <= self.value_limit {
            let size = dims.iter().product();
            let part = self.part_of(row, Range { axis: 0, start, size })?;
            return part.reshaped(dims.to_vec());
        }
        let (mut parts, mut along) = (Vec::new(), 0);
        for range in self.outermost_ranges(row, dims)? {
            let inner: usize = dims[range.axis + 1..].iter().product();
            let mut own = dims.to_vec();
            own[range.axis] = range.size;
            parts.push(self.shaped_row(row, start + range.start * inner, &own)?);
            along = range.axis;
        }
        self.flat_pieces(parts, along)
    }

    /// Ranges of the outermost axis of more than one element: as few as fit slots, or single elements that do not.
    fn outermost_ranges(&self, x: &Operand, dims: &[usize]) -> Outcome<Vec<Range>> {
        let axis = dims.iter().position(|dim| *dim != 1);
        let ranges = axis.and_then(|axis| {
            let each = bytes_of(&dims[axis + 1..], x.dtype());
            let most = (self.value_limit / each.max(1)).max(1);
            even_ranges(axis, dims[axis], (most as usize).min(dims[axis]), 1)
        });
        ranges.ok_or_else(|| {
            Problem::new(format!(
                "a tensor of the shape {:?} is larger than a slot and cannot be cut into few enough parts",
                x.dims()
            ))
        })
    }
}
