//! Elements chosen by indices from a table that is cut along the axis that the indices count.

use opml_ops::{BinaryFunction as Binary, DType};

use super::graph::Graph;
use super::operand::Operand;
use super::problem::Outcome;
use super::tensor::Tensor;

impl Graph {
    /// What `gather` would give: each part is asked for the index within it, and the last part that begins at or before the index answers.
    pub(super) fn gather_from_parts(&mut self, x: &Operand, indices: &Operand, axis: usize) -> Outcome<Operand> {
        let length = x.dims()[axis];
        let number = |value: usize| Operand::from(Tensor::scalar(indices.dtype(), value as f64));
        // A negative index counts from the end of the whole table, not of a part.
        let zero = number(0);
        let from_end = self.add(indices, &number(length))?;
        let negative = self.binary(Binary::Less, indices, &zero)?;
        let counted = self.select(&negative, &from_end, indices)?;
        let counted = self.binary(Binary::Maximum, &counted, &zero)?;
        // The choice is one for all elements behind the axis.
        let mut dims = indices.dims().to_vec();
        dims.resize(dims.len() + x.rank() - axis - 1, 1);
        let mut result: Option<Operand> = None;
        for range in self.fitting_ranges(x, axis)? {
            let part = self.part_of(x, range)?;
            let start = number(range.start);
            let within = self.sub(&counted, &start)?;
            let within = self.binary(Binary::Maximum, &within, &zero)?;
            let taken = self.gather(&part, &within, axis)?;
            result = Some(match result {
                None => taken,
                Some(before) => {
                    let later = self.binary(Binary::GreaterOrEqual, &counted, &start)?;
                    let later = self.reshape(&later, dims.clone())?;
                    self.select(&later, &taken, &before)?
                }
            });
        }
        Ok(result.unwrap_or_else(|| Tensor::scalar(DType::F32, 0.0).into()))
    }
}
