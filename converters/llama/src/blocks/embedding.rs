use std::io::Write;
use std::ops::Range;

use super::weights::parts;
use super::{BlockFormat, CodedRow, Coding, Scheme};
use crate::tensor::{Tensor, TensorError};

/// A table of V rows of D values, one of which is gathered by a token: as f32, or as codes with scales, from which
/// `scale · (code − zero) + minimum` is the row, each step rounded to f32.
#[derive(Clone, Debug)]
pub struct Embedding<'a> {
    tensor: Tensor<'a>,
    coding: Option<Coding>,
}

impl<'a> Embedding<'a> {
    /// A tensor's table: in codes if it is quantised or `scheme` says how it shall be, else in f32.
    pub fn new(tensor: Tensor<'a>, scheme: Option<Scheme>) -> Result<Embedding<'a>, TensorError> {
        let coding = Coding::of(&tensor, scheme)?;
        Ok(Embedding { tensor, coding })
    }

    /// The codes' format; `None` for f32. Codes of 4 bits take a byte each in the table.
    pub fn format(&self) -> Option<BlockFormat> {
        self.coding.map(Coding::format)
    }

    /// V, its rows.
    pub fn rows(&self) -> usize {
        self.tensor.rows()
    }

    /// D, its columns.
    pub fn columns(&self) -> usize {
        self.tensor.columns()
    }

    /// Ranges of columns whose values are at most [`super::MOST_BYTES`], cut between blocks: of the f32 rows if `plain` or if
    /// there are no codes, else of the codes.
    pub fn parts(&self, plain: bool) -> Vec<Range<usize>> {
        let block = self.format().map_or(1, |format| format.block);
        let bytes = if plain || self.coding.is_none() { 4 } else { 1 };
        parts(self.columns(), block, bytes * block as u64 * self.rows() as u64)
    }

    /// Writes these columns of the rows: f32 `[V, n]`, little-endian; codes are turned into their weights.
    pub fn write_rows(&self, columns: Range<usize>, out: &mut dyn Write) -> Result<(), TensorError> {
        if let Some(coding) = self.coding {
            let mut weights = Vec::new();
            return self.each_row(|row| {
                weights.clear();
                row.weights(coding.format(), &mut weights);
                write_words(cut(&weights, &columns).iter().map(|weight| weight.to_bits()), out)
            });
        }
        for row in 0..self.rows() {
            let weights = self.tensor.row(row)?;
            write_words(cut(&weights, &columns).iter().map(|weight| weight.to_bits()), out)?;
        }
        Ok(())
    }

    /// Writes these columns of the codes: u8 `[V, n]`. Nothing if there are none.
    pub fn write_codes(&self, columns: Range<usize>, out: &mut dyn Write) -> Result<(), TensorError> {
        self.each_row(|row| Ok(out.write_all(cut(&row.codes, &columns))?))
    }

    /// Writes the scales of these columns, which are whole blocks: f32 `[V, n / block]`, little-endian; an f16 scale is
    /// widened exactly. Nothing if there are no codes.
    pub fn write_scales(&self, columns: Range<usize>, out: &mut dyn Write) -> Result<(), TensorError> {
        self.write_each(columns, out, |row| &row.scales)
    }

    /// Writes the minimums likewise. Nothing if there are none.
    pub fn write_minimums(&self, columns: Range<usize>, out: &mut dyn Write) -> Result<(), TensorError> {
        self.write_each(columns, out, |row| &row.minimums)
    }

    fn write_each(
        &self,
        columns: Range<usize>,
        out: &mut dyn Write,
        of: impl Fn(&CodedRow) -> &Vec<u32>,
    ) -> Result<(), TensorError> {
        let Some(format) = self.format() else {
            return Ok(());
        };
        let blocks = columns.start / format.block..columns.end / format.block;
        let value = |bits: &u32| format.scale.value(*bits).to_bits();
        self.each_row(|row| write_words(cut(of(row), &blocks).iter().map(value), out))
    }

    /// Codes every row, if there are codes.
    fn each_row(&self, mut use_row: impl FnMut(&CodedRow) -> Result<(), TensorError>) -> Result<(), TensorError> {
        let Some(coding) = self.coding else {
            return Ok(());
        };
        let mut coded = CodedRow::default();
        for row in 0..self.rows() {
            coding.row(&self.tensor, row, &mut coded)?;
            use_row(&coded)?;
        }
        Ok(())
    }
}

/// The values of a range, or none where there are not so many.
fn cut<'a, T>(values: &'a [T], range: &Range<usize>) -> &'a [T] {
    values.get(range.clone()).unwrap_or_default()
}

fn write_words(words: impl Iterator<Item = u32>, out: &mut dyn Write) -> Result<(), TensorError> {
    let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    Ok(out.write_all(&bytes)?)
}
