use opml_graph::ConvertError;
use thiserror::Error;

use crate::architecture::ArchitectureError;
use crate::gguf::GgufError;
use crate::safetensors::SafetensorsError;
use crate::tensor::TensorError;
use crate::tokenizer::TokenizerError;

/// Why a source could not be read as a model.
#[derive(Debug, Error)]
pub enum LlamaError {
    /// The GGUF file is wrong.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// The folder or one of its files is wrong.
    #[error(transparent)]
    Safetensors(#[from] SafetensorsError),
    /// The settings describe nothing that can be converted.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// A tensor is wrong.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// The tokenizer is wrong.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

impl LlamaError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            LlamaError::Gguf(error) => error.help(),
            LlamaError::Safetensors(error) => error.help(),
            LlamaError::Architecture(error) => error.help(),
            LlamaError::Tensor(error) => error.help(),
            LlamaError::Tokenizer(error) => error.help(),
        }
    }
}

impl From<LlamaError> for ConvertError {
    fn from(error: LlamaError) -> ConvertError {
        let code = match error {
            LlamaError::Tensor(TensorError::Write(_)) => 1,
            _ => 2,
        };
        ConvertError {
            code,
            message: error.to_string(),
            place: String::new(),
            help: error.help().to_string(),
        }
    }
}
