use super::{BlockFormat, Scheme};
use crate::stored::{Unpacked, unpack};
use crate::tensor::{Tensor, TensorError};

/// A row of weights, one output's: a byte a code, scales and minimums in their format's bits, one each a block.
#[derive(Debug, Default)]
pub(crate) struct CodedRow {
    pub(crate) codes: Vec<u8>,
    pub(crate) scales: Vec<u32>,
    pub(crate) minimums: Vec<u32>,
}

impl CodedRow {
    pub(crate) fn clear(&mut self) {
        self.codes.clear();
        self.scales.clear();
        self.minimums.clear();
    }

    /// The weights that the row stands for, appended.
    pub(crate) fn weights(&self, format: BlockFormat, to: &mut Vec<f32>) {
        for (block, codes) in self.codes.chunks(format.block).enumerate() {
            let scale = self.scales.get(block).copied().unwrap_or_default();
            let minimum = self.minimums.get(block).copied().unwrap_or_default();
            to.extend(codes.iter().map(|code| format.weight(*code, scale, minimum)));
        }
    }
}

/// How a tensor's rows become codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As stored, exactly.
    Stored(BlockFormat),
    /// Quantised from floats.
    Quantized(Scheme),
}

impl Coding {
    /// The coding of a tensor: as stored if it is quantised, else by the scheme asked for; `None` if it stays f32.
    pub(crate) fn of(tensor: &Tensor<'_>, scheme: Option<Scheme>) -> Result<Option<Coding>, TensorError> {
        let stored = tensor.stored().format().map(Coding::Stored);
        let coding = stored.or(scheme.map(Coding::Quantized));
        if let Some(coding) = coding {
            let block = coding.format().block;
            if !tensor.columns().is_multiple_of(block) {
                return Err(TensorError::Columns {
                    tensor: tensor.name().to_string(),
                    columns: tensor.columns(),
                    block,
                });
            }
        }
        Ok(coding)
    }

    pub(crate) fn format(self) -> BlockFormat {
        match self {
            Coding::Stored(format) => format,
            Coding::Quantized(scheme) => scheme.format(),
        }
    }

    /// Reads and codes row `row` of `tensor`.
    pub(crate) fn row(self, tensor: &Tensor<'_>, row: usize, to: &mut CodedRow) -> Result<(), TensorError> {
        let format = match self {
            Coding::Stored(format) => format,
            Coding::Quantized(scheme) => return scheme.code(&tensor.row(row)?, tensor.name(), row, to),
        };
        to.clear();
        let stored = tensor.stored();
        let mut unpacked = Unpacked::new();
        for block in tensor.raw_row(row)?.chunks_exact(stored.block_bytes()) {
            unpack(stored, block, &mut unpacked);
            let blocks = stored.block() / format.block;
            to.codes.extend_from_slice(&unpacked.codes[..stored.block()]);
            to.scales.extend_from_slice(&unpacked.scales[..blocks]);
            if format.minimums {
                to.minimums.extend_from_slice(&unpacked.minimums[..blocks]);
            }
        }
        Ok(())
    }
}
