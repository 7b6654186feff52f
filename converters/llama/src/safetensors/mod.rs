//! Folders as Hugging Face lays them out: `config.json` and `model.safetensors`, or `model.safetensors.index.json` with its
//! shards. A safetensors file is a u64 length, that much JSON and the tensors' bytes; the format is described in the
//! safetensors project's `README.md`.

mod config;
mod error;
mod folder;
mod shard;

pub use error::SafetensorsError;
pub use folder::SafetensorsFolder;

pub(crate) use config::Config;
