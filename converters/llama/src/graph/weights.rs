use opml_ops::{DType, Operator};

use super::builder::{BuildError, Constants, Graph, Operand};
use crate::{BlockFormat, Blocks, ScaleType, Scheme, Tensor};

/// A matrix of a model as its products read it, in parts along its outputs where it is larger than a value.
pub(super) struct Matrix {
    parts: Vec<Part>,
    depth: usize,
}

struct Part {
    outputs: usize,
    /// The format of its blocks; nothing of f32 `[K, n]`.
    format: Option<BlockFormat>,
    weights: Operand,
}

impl Matrix {
    /// Lays a tensor out: quantised ones in their blocks, plain ones in blocks of `scheme`, or as they are.
    pub(super) fn new<'a>(
        tensor: Tensor<'a>,
        scheme: Option<Scheme>,
        constants: &mut Constants<'a>,
    ) -> Result<Matrix, BuildError> {
        let depth = tensor.columns();
        let mut parts = Vec::new();
        match Blocks::new(tensor.clone(), scheme)? {
            Some(blocks) => {
                let format = blocks.format();
                for outputs in blocks.parts() {
                    let dims = [
                        outputs.len().div_ceil(crate::PANEL),
                        depth / format.block,
                        format.panel_bytes(),
                    ];
                    parts.push(Part {
                        outputs: outputs.len(),
                        format: Some(format),
                        weights: {
                            let (blocks, outputs) = (blocks.clone(), outputs.clone());
                            let laid_out = move |threads| blocks.laid_out(outputs.clone(), threads);
                            constants.add_weights(DType::U8, &dims, laid_out)?
                        },
                    });
                }
            }
            None => {
                for outputs in tensor.transposed_parts() {
                    parts.push(Part {
                        outputs: outputs.len(),
                        format: None,
                        weights: {
                            let (tensor, outputs) = (tensor.clone(), outputs.clone());
                            let dims = [depth, outputs.len()];
                            let transposed = move |threads| tensor.transposed(outputs.clone(), threads);
                            constants.add_weights(DType::F32, &dims, transposed)?
                        },
                    });
                }
            }
        }
        Ok(Matrix { parts, depth })
    }

    /// x `[rows, K]` times the matrix: `[rows, N]`.
    pub(super) fn product(
        &self,
        graph: &mut Graph,
        name: &str,
        x: Operand,
        rows: usize,
    ) -> Result<Operand, BuildError> {
        let x = x.read_as(&[rows, self.depth])?;
        let products = self.parts.iter().map(|part| match part.format {
            None => graph.node(name, Operator::MatMulF32, &[x, part.weights], &[]),
            Some(format) => {
                let words = [
                    part.outputs as u32,
                    format.bits,
                    format.block as u32,
                    u32::from(format.scale == ScaleType::F32),
                    u32::from(format.zero),
                    u32::from(format.minimums),
                ];
                graph.node(name, Operator::MatMulBlocks, &[x, part.weights], &words)
            }
        });
        let products = products.collect::<Result<Vec<_>, _>>()?;
        joined(graph, name, &products)
    }
}

/// Parts of the last of two axes as one value.
pub(super) fn joined(graph: &mut Graph, name: &str, parts: &[Operand]) -> Result<Operand, BuildError> {
    match parts {
        [only] => Ok(*only),
        // A node has so many inputs at most.
        _ if parts.len() > opml_ops::MAX_INPUTS => {
            let groups = parts
                .chunks(opml_ops::MAX_INPUTS)
                .map(|group| joined(graph, name, group));
            let groups = groups.collect::<Result<Vec<_>, _>>()?;
            joined(graph, name, &groups)
        }
        _ => graph.node(&format!("{name}.join"), Operator::Concat, parts, &[1]),
    }
}
