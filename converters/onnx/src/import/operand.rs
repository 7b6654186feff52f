use opml_ops::{DType, Value};

use super::pieces::Pieces;
use super::problem::{Outcome, Problem};
use super::tensor::{Tensor, elements, listed};

/// A value while a graph is imported: known already, or computed when the graph runs.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    /// Known.
    Constant(Tensor),
    /// A fed value or a node's output, under dimensions of its own: nodes may read a value in any shape of its size.
    Value {
        /// Where a node reads it.
        value: Value,
        /// Its dimensions.
        dims: Vec<usize>,
    },
    /// Larger than a slot.
    Pieces(Pieces),
}

impl Operand {
    /// Its dimensions.
    pub(crate) fn dims(&self) -> &[usize] {
        match self {
            Operand::Constant(tensor) => &tensor.dims,
            Operand::Value { dims, .. } => dims,
            Operand::Pieces(pieces) => &pieces.dims,
        }
    }

    /// Its number of dimensions.
    pub(crate) fn rank(&self) -> usize {
        self.dims().len()
    }

    /// Its number of elements.
    pub(crate) fn elements(&self) -> usize {
        self.dims().iter().product()
    }

    /// Its type.
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Operand::Constant(tensor) => tensor.dtype,
            Operand::Value { value, .. } => value.dtype,
            Operand::Pieces(pieces) => pieces.dtype,
        }
    }

    /// Its number of bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.elements() as u64 * u64::from(self.dtype().bytes())
    }

    /// The tensor, if it is known and not in parts.
    pub(crate) fn constant(&self) -> Option<&Tensor> {
        match self {
            Operand::Constant(tensor) => Some(tensor),
            Operand::Value { .. } | Operand::Pieces(_) => None,
        }
    }

    /// The tensor, which decides about shapes and so must be known; `what` it is.
    pub(crate) fn known(&self, what: &str) -> Outcome<&Tensor> {
        if let Operand::Pieces(pieces) = self {
            return Err(Problem::new(format!(
                "{what} has the shape {:?}, larger than a slot; it must be known beforehand and small",
                pieces.dims
            )));
        }
        let known = self.constant().ok_or_else(|| {
            Problem::new(format!("{what} is computed when the model runs; it must be known beforehand")).with_help(
                "give dimensions and inputs that decide about shapes under `dimensions`, `shapes` and `values` of the spec's `model`",
            )
        })?;
        listed(&known.dims).map_err(|problem| Problem::new(format!("{what}: {}", problem.message)))?;
        Ok(known)
    }

    /// The same elements in other dimensions.
    pub(crate) fn reshaped(&self, dims: Vec<usize>) -> Outcome<Operand> {
        if elements(&dims).ok() != Some(self.elements()) {
            return Err(Problem::new(format!(
                "a tensor of the shape {:?} cannot be read as {dims:?}",
                self.dims()
            )));
        }
        Ok(match self {
            Operand::Constant(tensor) => Operand::Constant(Tensor { dims, ..tensor.clone() }),
            Operand::Value { value, .. } => Operand::Value { value: *value, dims },
            Operand::Pieces(pieces) => match (pieces.reshaped(&dims), pieces.tensor()) {
                (Some(reshaped), _) => Operand::Pieces(reshaped),
                (None, Some(tensor)) => Operand::Constant(Tensor { dims, ..tensor }),
                (None, None) => {
                    return Err(Problem::new(format!(
                        "a tensor of the shape {:?}, larger than a slot and in parts along axis {}, cannot be read as {dims:?}",
                        pieces.dims, pieces.axis
                    ))
                    .with_help("give smaller dimensions"));
                }
            },
        })
    }
}

impl From<Tensor> for Operand {
    fn from(tensor: Tensor) -> Operand {
        Operand::Constant(tensor)
    }
}
