//! GGUF files, versions 2 and 3, little-endian: metadata by key and tensors by name. The format is described in the GGML
//! project's `docs/gguf.md`. Everything a file says about itself is checked against its size before it is believed.

mod cursor;
mod error;
mod file;
mod header;
mod metadata;
mod tensor_table;

pub use error::GgufError;
pub use file::GgufFile;
pub use metadata::{Metadata, Value};
pub use tensor_table::TensorInfo;
