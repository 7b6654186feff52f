use opml_graph::{LoopError, ValidateError};
use thiserror::Error;

use crate::EntryError;

/// Why a model cannot be run in a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PipelineError {
    /// Honest roles do not touch the model.
    #[error(transparent)]
    Invalid(#[from] ValidateError),
    /// Honest roles do not touch the loop.
    #[error(transparent)]
    Loop(#[from] LoopError),
    /// It does not enter the pipeline.
    #[error(transparent)]
    Entry(#[from] EntryError),
}
