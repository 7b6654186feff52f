use thiserror::Error;

use crate::gguf::GgufError;

/// Why a source's settings describe no model that can be converted. Keys are named as the source names them.
#[derive(Debug, Error)]
pub enum ArchitectureError {
    /// A key's value could not be read.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// A key that must be there.
    #[error("key `{key}` is missing in {file}")]
    MissingKey {
        /// The key.
        key: String,
        /// The settings' file.
        file: String,
    },
    /// A key whose value is no value for it.
    #[error("key `{key}` in {file} is {found}, not {expected}")]
    KeyType {
        /// The key.
        key: String,
        /// The settings' file.
        file: String,
        /// What it is.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Another family of models.
    #[error("the architecture `{name}` is not supported; `llama` and models of its layout are")]
    Architecture {
        /// What the source calls it.
        name: String,
    },
    /// A feature that is not computed.
    #[error("`{key}` is {found}, which is not supported")]
    Unsupported {
        /// The key that asks for it.
        key: String,
        /// Its value.
        found: String,
    },
    /// A size that is zero or absurd.
    #[error("`{key}` is {found}; from {least} to {most} is possible")]
    Size {
        /// The key.
        key: String,
        /// Its value.
        found: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// Two sizes that do not go together.
    #[error("`{key}` is {found}, which is not a multiple of `{other}`, {divisor}")]
    Multiple {
        /// The key.
        key: String,
        /// Its value.
        found: usize,
        /// The key that must divide it.
        other: String,
        /// That one's value.
        divisor: usize,
    },
    /// A rotation whose angles are no numbers.
    #[error("pair {pair} of a head turns by {frequency:e} a position, which is no angle")]
    Rotation {
        /// The pair, from 0.
        pair: usize,
        /// Radians a position.
        frequency: f64,
    },
}

impl ArchitectureError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            ArchitectureError::Gguf(error) => error.help(),
            ArchitectureError::MissingKey { .. } | ArchitectureError::KeyType { .. } => {
                "fetch the model's settings again, or convert the model again with a current tool"
            }
            ArchitectureError::Architecture { .. } | ArchitectureError::Unsupported { .. } => {
                "choose a model of the LLaMA family without it: LLaMA, SmolLM, TinyLlama, Mistral without sliding window"
            }
            ArchitectureError::Size { .. }
            | ArchitectureError::Multiple { .. }
            | ArchitectureError::Rotation { .. } => "the settings are damaged: fetch the model again",
        }
    }
}
