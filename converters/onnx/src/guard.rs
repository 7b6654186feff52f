use std::panic::{AssertUnwindSafe, catch_unwind};

use opml_graph::ConvertError;
use tract_onnx::prelude::TractResult;

use crate::error::refused;

/// Runs `work` of the ONNX runtime; its errors and panics become a refusal of the source that begins with `what`.
pub(crate) fn guarded<T>(what: &str, work: impl FnOnce() -> TractResult<T>) -> Result<T, ConvertError> {
    let reason = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "the ONNX runtime could not make sense of it".to_string(),
    };
    Err(refused(
        "",
        format!("{what}: {reason}"),
        "check the file with `onnx.checker.check_model`, or export it again",
    ))
}

/// Runs `work` of our own on a file of somebody else's; a panic, which would be a mistake of ours, becomes a refusal too.
pub(crate) fn whole<T>(work: impl FnOnce() -> Result<T, ConvertError>) -> Result<T, ConvertError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(refused(
            "",
            "the model cannot be imported: it is malformed in a way that is not understood",
            "check the file with `onnx.checker.check_model`, or export it again",
        ))
    })
}
