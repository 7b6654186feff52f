use opml_ops::{DType, Operator};

use super::builder::{BuildError, Graph, Operand};
use super::layer::normalised;
use super::sampler::Sampler;
use super::weights::Matrix;
use crate::Architecture;

/// From the last layer to the next token.
pub(super) struct Head {
    /// Draws tokens, if the likeliest is not to be taken.
    pub(super) sampler: Option<Sampler>,
    pub(super) norm: Operand,
    pub(super) output: Matrix,
}

impl Head {
    /// Logits f32 `[1, V]` after x `[1, D]`.
    pub(super) fn logits(
        &self,
        graph: &mut Graph,
        architecture: &Architecture,
        x: Operand,
    ) -> Result<Operand, BuildError> {
        let x = normalised(graph, "output_norm", x, self.norm, architecture)?;
        self.output.product(graph, "logits", x, 1)
    }

    /// The token i32 `[1]` with the greatest logit; of equal ones the first.
    pub(super) fn greedy(&self, graph: &mut Graph, logits: Operand) -> Result<Operand, BuildError> {
        let token = graph.node("greatest", Operator::ArgExtreme, &[logits], &[1, 0, 0])?;
        graph.node(
            "token",
            Operator::Cast,
            &[token.read_as(&[1])?],
            &[DType::I32 as u32, 0],
        )
    }
}
