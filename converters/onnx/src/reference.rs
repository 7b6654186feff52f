//! The ONNX model itself, in floats, by the ONNX runtime.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use opml_graph::ConvertError;
use tract_onnx::prelude::{InferenceModelExt, IntoRunnable, IntoTensor, TVec, Tensor, TypedRunnableModel};

use crate::error::refused;
use crate::guard::guarded;
use crate::inference::{Facts, parse};
use crate::source::Source;

/// A model that is ready to run.
pub(crate) struct Reference {
    path: PathBuf,
    /// The file's bytes; none when part of the model lies outside it.
    bytes: Option<Vec<u8>>,
    /// Names and shapes of the inputs.
    inputs: Vec<(String, Vec<usize>)>,
    runnable: Arc<TypedRunnableModel>,
}

impl Reference {
    /// Reads and prepares a model.
    pub(crate) fn load(path: &Path) -> Result<Reference, ConvertError> {
        let source = Source::read(path)?;
        let facts = Facts::infer(&source)?;
        let inputs = source.graph().input.iter().map(|input| &input.name);
        let inputs = inputs
            .filter(|name| !facts.is_constant(name))
            .map(|name| Ok((name.clone(), facts.shape(name)?.to_vec())))
            .collect::<Result<_, _>>()?;
        for output in source
            .graph()
            .node
            .iter()
            .flat_map(|node| &node.output)
            .filter(|output| !output.is_empty())
        {
            facts.shape(output)?;
        }
        let parsed = parse(&source)?;
        let runnable = guarded("the model cannot be run", || {
            parsed.model.into_optimized()?.into_runnable()
        })?;
        Ok(Reference {
            path: path.to_path_buf(),
            bytes: (!source.external_data).then_some(source.bytes),
            inputs,
            runnable,
        })
    }

    /// Whether this is what [`Reference::load`] would give for `path` now.
    pub(crate) fn is_current(&self, path: &Path) -> bool {
        match &self.bytes {
            Some(bytes) => self.path == path && std::fs::read(path).is_ok_and(|now| now == *bytes),
            None => false,
        }
    }

    /// Runs it on f32 inputs, little-endian; the outputs likewise.
    pub(crate) fn run(&self, inputs: &[&[u8]]) -> Result<Vec<Vec<u8>>, ConvertError> {
        let expected = self.inputs.len();
        if inputs.len() != expected {
            return Err(refused(
                "",
                format!("the model takes {expected} inputs, not {}", inputs.len()),
                "",
            ));
        }
        let mut tensors = TVec::new();
        for ((name, shape), bytes) in self.inputs.iter().zip(inputs) {
            let values: Vec<f32> = bytes
                .as_chunks()
                .0
                .iter()
                .map(|word| f32::from_le_bytes(*word))
                .collect();
            let elements: usize = shape.iter().product();
            if bytes.len() != elements * 4 {
                return Err(refused(
                    name,
                    format!(
                        "input `{name}` has {} bytes; its shape {shape:?} needs {}",
                        bytes.len(),
                        elements * 4
                    ),
                    "give 32-bit floats",
                ));
            }
            let tensor = guarded("an input cannot be given", || Tensor::from_shape(shape, &values))?;
            tensors.push(tensor.into());
        }
        guarded("the model cannot be run", || {
            let outputs = self.runnable.run(tensors)?;
            let mut result = Vec::with_capacity(outputs.len());
            for output in outputs {
                let output = output.into_tensor();
                let output = output.cast_to::<f32>()?;
                let values = output.to_plain_array_view::<f32>()?;
                result.push(values.iter().flat_map(|value| value.to_le_bytes()).collect());
            }
            Ok(result)
        })
    }
}
