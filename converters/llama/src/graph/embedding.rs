use std::io;
use std::ops::Range;

use opml_ops::{BinaryFunction, DType, Operator};

use super::builder::{BuildError, Constants, Graph, Operand};
use super::weights::joined;
use crate::{Embedding, Scheme, Tensor, TensorError};

/// Writes some columns of a table.
type Write = fn(&Embedding<'_>, Range<usize>, &mut dyn io::Write) -> Result<(), TensorError>;

/// The table of token embeddings, in parts along its columns where it is larger than a value.
pub(super) struct Table {
    parts: Vec<Part>,
}

struct Part {
    columns: usize,
    /// f32 `[V, n]`, or codes u8 `[V, n]`.
    rows: Operand,
    codes: Option<Codes>,
}

/// What codes stand for: scale · (code − zero) + minimum.
struct Codes {
    block: usize,
    zero: Operand,
    scales: Operand,
    minimums: Option<Operand>,
}

impl Table {
    /// Lays a table out as it is stored, or in codes of `scheme`.
    pub(super) fn new<'a>(
        tensor: Tensor<'a>,
        scheme: Option<Scheme>,
        constants: &mut Constants<'a>,
    ) -> Result<Table, BuildError> {
        let table = Embedding::new(tensor, scheme)?;
        let vocabulary = table.rows();
        let mut parts = Vec::new();
        for columns in table.parts(false) {
            let mut written = |write: Write, dtype, width| {
                let (table, columns) = (table.clone(), columns.clone());
                constants.add_weights(dtype, &[vocabulary, width], move |_| {
                    let mut bytes = Vec::new();
                    write(&table, columns.clone(), &mut bytes)?;
                    Ok(bytes)
                })
            };
            let width = columns.len();
            let Some(format) = table.format() else {
                parts.push(Part {
                    columns: width,
                    rows: written(|table, columns, out| table.write_rows(columns, out), DType::F32, width)?,
                    codes: None,
                });
                continue;
            };
            let blocks = width / format.block;
            let rows = written(|table, columns, out| table.write_codes(columns, out), DType::U8, width)?;
            let scales = written(
                |table, columns, out| table.write_scales(columns, out),
                DType::F32,
                blocks,
            )?;
            let minimums = match format.minimums {
                true => Some(written(
                    |table, columns, out| table.write_minimums(columns, out),
                    DType::F32,
                    blocks,
                )?),
                false => None,
            };
            parts.push(Part {
                columns: width,
                rows,
                codes: Some(Codes {
                    block: format.block,
                    zero: constants.number(f32::from(format.zero))?,
                    scales,
                    minimums,
                }),
            });
        }
        Ok(Table { parts })
    }

    /// The rows of tokens `[count]`: f32 `[count, D]`.
    pub(super) fn rows(&self, graph: &mut Graph, tokens: Operand, count: usize) -> Result<Operand, BuildError> {
        let parts = self.parts.iter().map(|part| part.gathered(graph, tokens, count));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        joined(graph, "embedding", &parts)
    }
}

impl Part {
    fn gathered(&self, graph: &mut Graph, tokens: Operand, count: usize) -> Result<Operand, BuildError> {
        let rows = graph.node("rows", Operator::Gather, &[self.rows, tokens], &[0])?;
        let Some(codes) = &self.codes else {
            return Ok(rows);
        };
        let blocks = self.columns / codes.block;
        let by_block = |values: Operand| values.read_as(&[count, blocks, 1]);
        let numbers = graph.node("codes", Operator::Cast, &[rows], &[DType::F32 as u32, 0])?;
        let numbers = numbers.read_as(&[count, blocks, codes.block])?;
        let binary = |function: BinaryFunction| [function as u32];
        let shifted = graph.node(
            "shifted",
            Operator::Binary,
            &[numbers, codes.zero],
            &binary(BinaryFunction::Sub),
        )?;
        let scales = graph.node("scales", Operator::Gather, &[codes.scales, tokens], &[0])?;
        let mut row = graph.node(
            "scaled",
            Operator::Binary,
            &[by_block(scales)?, shifted],
            &binary(BinaryFunction::Mul),
        )?;
        if let Some(minimums) = codes.minimums {
            let minimums = graph.node("minimums", Operator::Gather, &[minimums, tokens], &[0])?;
            row = graph.node(
                "row",
                Operator::Binary,
                &[row, by_block(minimums)?],
                &binary(BinaryFunction::Add),
            )?;
        }
        row.read_as(&[count, self.columns])
    }
}
