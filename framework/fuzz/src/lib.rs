//! What the fuzz targets share: bounded memory, the last panic's words, a folder for files, and changes that keep an input's structure.

mod folder;
mod limit;
mod llama;
mod model_file;
mod onnx;
mod panics;
mod random;
mod replace;
mod sealed;

pub use folder::Folder;
pub use limit::{LIMIT_BYTES, Limited, limited};
pub use llama::{Packed, llama_options, llama_sample, mutate_llama};
pub use model_file::{mutate_model_file, sample};
pub use onnx::{mutate, options_of, samples_of};
pub use panics::{last_panic, remember_panics};
pub use replace::replace;
pub use sealed::sealed;
