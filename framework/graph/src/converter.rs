use std::io::Write;
use std::path::Path;

use thiserror::Error;

use crate::Host;

/// Why a source could not be converted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ConvertError {
    /// Whose doing it is: 2 the user's (source, options), 1 anything else, as the program's exit code.
    pub code: u32,
    /// What is wrong.
    pub message: String,
    /// Where: the node, tensor or key; empty when the whole source is meant.
    pub place: String,
    /// What to do about it; empty when nothing can be said.
    pub help: String,
}

/// Makes model files of some other format.
pub trait Converter: Send + Sync {
    /// Its name in specs: `"onnx"`, …
    fn name(&self) -> &str;

    /// Whether a file with this name and these first bytes looks like a source for it.
    fn accepts(&self, head: &[u8], name: &str) -> bool;

    /// Converts `source`, writing the whole model file (`specs/model-file.md`) to `out`. `options` is the JSON object of the
    /// spec's `model` section without `converter` and `source`, its paths absolute. Same source and options, same bytes.
    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, host: &dyn Host) -> Result<(), ConvertError>;

    /// Runs the source itself, unquantised, by the converter's own reference runtime: f32 inputs and outputs,
    /// little-endian, one value each.
    fn reference(
        &self,
        source: &Path,
        options: &str,
        inputs: &[&[u8]],
        host: &dyn Host,
    ) -> Result<Vec<Vec<u8>>, ConvertError>;
}
