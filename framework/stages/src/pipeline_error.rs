use opml_graph::{CostError, LoopError, ValidateError};
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
    /// Its run in the machine might be longer than a game holds.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// It does not enter the pipeline.
    #[error(transparent)]
    Entry(#[from] EntryError),
}
