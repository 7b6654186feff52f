//! Models of the LLaMA family: GGUF files and Hugging Face folders, their tensors in blocks of codes, their tokenizers.
//!
//! [`LlamaSource`] opens either kind of source. It says what the model is ([`Architecture`]), gives each tensor by its
//! [`Role`], and the [`Tokenizer`]. Weights stay on disk; [`Blocks`], [`Embedding`] and [`Tensor`] stream them in the layouts
//! of the operators.

mod architecture;
mod blocks;
mod converter;
mod error;
mod generated;
mod generation;
pub mod gguf;
mod graph;
mod role;
pub mod safetensors;
mod sampling;
mod source;
mod storage;
mod stored;
mod tensor;
pub mod tokenizer;

pub use architecture::{Architecture, ArchitectureError, Pairing, Rope, RopeScaling};
pub use blocks::{BlockFormat, Blocks, Embedding, MOST_BYTES, PANEL, ScaleType, Scheme};
pub use converter::LlamaConverter;
pub use error::LlamaError;
pub use generation::{Generation, GenerationError};
pub use role::{LayerRole, Role};
pub use sampling::{Sampling, SamplingError};
pub use source::LlamaSource;
pub use storage::StorageError;
pub use stored::StoredType;
pub use tensor::{Tensor, TensorError};
pub use tokenizer::{Tokenizer, TokenizerError};
