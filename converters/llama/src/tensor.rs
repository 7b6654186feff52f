use std::io;

use half::{bf16, f16};
use thiserror::Error;

use crate::blocks::{CodedRow, Coding};
use crate::storage::{Storage, StorageError};
use crate::stored::StoredType;

/// Why a model's tensor could not be used.
#[derive(Debug, Error)]
pub enum TensorError {
    /// It could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What was made of it could not be written.
    #[error("the weights cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The model needs it and the source does not have it.
    #[error("tensor `{tensor}` is missing")]
    Missing {
        /// Its name.
        tensor: String,
    },
    /// It has another shape than the model says.
    #[error("tensor `{tensor}` has the shape {found:?}, and the model's settings ask for {expected:?}")]
    Shape {
        /// Its name.
        tensor: String,
        /// Its dimensions, rows first.
        found: Vec<u64>,
        /// What they must be.
        expected: Vec<u64>,
    },
    /// Its rows cannot be cut into blocks.
    #[error("tensor `{tensor}` has rows of {columns} weights, which cannot be quantised in blocks of {block}")]
    Columns {
        /// Its name.
        tensor: String,
        /// Weights a row.
        columns: usize,
        /// Weights a block.
        block: usize,
    },
    /// A weight is infinite, not a number, or too large for a scale of f16.
    #[error("tensor `{tensor}` has a weight in row {row} that cannot be quantised: it is not finite or too large")]
    NotFinite {
        /// Its name.
        tensor: String,
        /// The row, from 0.
        row: usize,
    },
    /// A row that is not there.
    #[error("tensor `{tensor}` has {rows} rows; row {row} was asked for")]
    Row {
        /// Its name.
        tensor: String,
        /// How many it has.
        rows: usize,
        /// Which one was asked for.
        row: usize,
    },
}

impl TensorError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            TensorError::Storage(_) | TensorError::Row { .. } => {
                "the file changed or is damaged: fetch it again and compare its checksum"
            }
            TensorError::Write(_) => "check the space on the disk",
            TensorError::Missing { .. } => "fetch the whole model again; adapters and parts of models are not read",
            TensorError::Shape { .. } => "the settings belong to another model than the weights: fetch both again",
            TensorError::Columns { .. } | TensorError::NotFinite { .. } => "leave out `quantize`",
        }
    }
}

/// A matrix of a model, one row an output, on disk until rows are asked for; a vector is one row.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    name: String,
    rows: usize,
    columns: usize,
    stored: StoredType,
    storage: &'a Storage,
    at: u64,
}

impl<'a> Tensor<'a> {
    /// A tensor whose rows lie one after the other from byte `at` of `storage` on.
    pub(crate) fn new(
        name: String,
        (rows, columns): (usize, usize),
        stored: StoredType,
        storage: &'a Storage,
        at: u64,
    ) -> Tensor<'a> {
        Tensor {
            name,
            rows,
            columns,
            stored,
            storage,
            at,
        }
    }

    /// Its name in the source.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its rows: the outputs of a product with it.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns: the depth of a product with it.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How its values are stored.
    pub fn stored(&self) -> StoredType {
        self.stored
    }

    /// The stored bytes of a row.
    pub(crate) fn raw_row(&self, row: usize) -> Result<Vec<u8>, TensorError> {
        if row >= self.rows {
            return Err(TensorError::Row {
                tensor: self.name.clone(),
                rows: self.rows,
                row,
            });
        }
        let bytes = self.columns / self.stored.block() * self.stored.block_bytes();
        let mut raw = vec![0; bytes];
        self.storage.read(self.at + row as u64 * bytes as u64, &mut raw)?;
        Ok(raw)
    }

    /// A row as f32: exact for floats; for quantised types each weight is computed in f32 as its format says.
    pub fn row(&self, row: usize) -> Result<Vec<f32>, TensorError> {
        let mut weights = Vec::with_capacity(self.columns);
        if let Some(format) = self.stored.format() {
            let mut coded = CodedRow::default();
            Coding::Stored(format).row(self, row, &mut coded)?;
            coded.weights(format, &mut weights);
            return Ok(weights);
        }
        let raw = self.raw_row(row)?;
        let pairs = raw.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        match self.stored {
            StoredType::F16 => weights.extend(pairs.map(|pair| f16::from_le_bytes(pair).to_f32())),
            StoredType::Bf16 => weights.extend(pairs.map(|pair| bf16::from_le_bytes(pair).to_f32())),
            _ => {
                let words = raw.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]]);
                weights.extend(words.map(f32::from_le_bytes));
            }
        }
        Ok(weights)
    }
}
