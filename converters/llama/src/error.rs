use opml_graph::ConvertError;
use thiserror::Error;

use crate::architecture::ArchitectureError;
use crate::generation::GenerationError;
use crate::gguf::GgufError;
use crate::graph::BuildError;
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
    /// So much text cannot be read or written.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// A graph of the model is none that operators compute.
    #[error("the model's graph cannot be built: {0}")]
    Graph(String),
    /// The model file cannot be made.
    #[error(transparent)]
    File(#[from] opml_graph::ModelFileError),
    /// The options are wrong.
    #[error("{0}")]
    Options(String),
    /// The user asked to stop.
    #[error("the conversion was stopped")]
    Cancelled,
}

impl From<BuildError> for LlamaError {
    fn from(error: BuildError) -> LlamaError {
        match error {
            BuildError::Tensor(error) => LlamaError::Tensor(error),
            other => LlamaError::Graph(other.to_string()),
        }
    }
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
            LlamaError::Generation(_) => {
                "say `generate: { prompt: …, tokens: …, batch: …, sampling: { temperature, top_k, top_p } }` under `model`"
            }
            LlamaError::Options(_) => {
                "`model` takes `generate: { prompt, tokens, batch, sampling }` and `quantize: { scheme }` here"
            }
            LlamaError::Graph(_) | LlamaError::File(_) | LlamaError::Cancelled => "",
        }
    }
}

impl From<LlamaError> for ConvertError {
    fn from(error: LlamaError) -> ConvertError {
        let code = match error {
            LlamaError::Tensor(TensorError::Write(_)) | LlamaError::File(_) | LlamaError::Cancelled => 1,
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
