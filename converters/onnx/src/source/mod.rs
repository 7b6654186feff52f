//! The ONNX file: read, decoded, and checked so far that nothing after it meets the absurd.

mod tensors;
mod well_formed;

use std::path::Path;

use opml_graph::ConvertError;
use tract_onnx::Onnx;
use tract_onnx::pb::{GraphProto, ModelProto};
use tract_onnx::prelude::Framework;

use crate::error::refused;
use crate::guard::guarded;

pub(crate) use tensors::MAX_ELEMENTS;

/// A decoded ONNX file.
pub(crate) struct Source {
    /// The file's bytes.
    pub(crate) bytes: Vec<u8>,
    /// The folder in which tensors kept outside the file lie.
    pub(crate) folder: Option<String>,
    /// Whether some tensor is kept outside the file.
    pub(crate) external_data: bool,
    /// What the file says; its graph is present and well formed.
    pub(crate) model: ModelProto,
    graph: GraphProto,
}

/// The bytes of a file and what they say, nothing of which is checked yet.
pub(crate) fn decode(path: &Path) -> Result<(Vec<u8>, ModelProto), ConvertError> {
    let place = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        refused(
            &place,
            format!("{place} cannot be read: {error}"),
            "check `source` in the spec",
        )
    })?;
    let model = guarded(&format!("{place} is not an ONNX file"), || {
        Onnx::default().proto_model_for_read(&mut &bytes[..])
    })?;
    Ok((bytes, model))
}

impl Source {
    /// Reads and checks a file.
    pub(crate) fn read(path: &Path) -> Result<Source, ConvertError> {
        let (bytes, mut model) = decode(path)?;
        let graph = well_formed::check(&mut model)?;
        let external_data = graph.initializer.iter().any(tensors::is_external);
        let folder = path.parent().and_then(Path::to_str).map(str::to_owned);
        Ok(Source {
            bytes,
            folder,
            external_data,
            model,
            graph,
        })
    }

    /// The graph.
    pub(crate) fn graph(&self) -> &GraphProto {
        &self.graph
    }
}
