//! Shapes and constants of every tensor, as the ONNX runtime infers them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndarray::ArrayD;
use opml_graph::ConvertError;
use tract_onnx::model::ParseResult;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::{
    DatumType, InferenceModel, InferenceModelExt, Tensor, TractError, TractResult, tract_ndarray,
};
use tract_onnx::tract_hir::infer::Factoid;

use crate::error::refused;
use crate::guard::guarded;
use crate::source::{MAX_ELEMENTS, Source};

/// What is known of a graph's tensors before it runs.
pub(crate) struct Facts {
    shapes: BTreeMap<String, Vec<usize>>,
    constants: BTreeMap<String, Arc<Tensor>>,
    problem: Option<String>,
}

/// The model as the runtime parses it. Its node names are not the file's: a node may have the name of a tensor, which the
/// runtime refuses.
pub(crate) fn parse(source: &Source) -> Result<ParseResult, ConvertError> {
    let model = with_unique_node_names(source);
    guarded("the model cannot be read", || {
        let parsed = tract_onnx::onnx()
            .with_ignore_value_info(true)
            .parse(&model, source.folder.as_deref())?;
        Ok(parsed)
    })
}

fn with_unique_node_names(source: &Source) -> ModelProto {
    let mut model = source.model.clone();
    let Some(graph) = &mut model.graph else {
        return model;
    };
    let mut prefix = String::from("node");
    let names = |prefix: &str| {
        let nodes = source.graph().node.iter();
        let mut tensors = nodes.flat_map(|node| node.input.iter().chain(&node.output));
        tensors.any(|tensor| tensor.starts_with(prefix))
    };
    while names(&prefix) {
        prefix.push('_');
    }
    for (index, node) in graph.node.iter_mut().enumerate() {
        node.name = format!("{prefix}{index}");
    }
    model
}

impl Facts {
    /// Infers what can be inferred; what is missing is noticed by whoever asks for it.
    pub(crate) fn infer(source: &Source) -> Result<Facts, ConvertError> {
        let ParseResult {
            mut model,
            outlets_by_name,
            ..
        } = parse(source)?;
        let problem = match guarded("shapes cannot be inferred", || Ok(model.analyse(true))) {
            Ok(Ok(_)) => None,
            Ok(Err(problem)) => Some(root_cause(&problem)),
            Err(error) => Some(error.message),
        };
        let mut facts = Facts {
            shapes: BTreeMap::new(),
            constants: BTreeMap::new(),
            problem,
        };
        guarded("shapes cannot be inferred", || {
            for (name, outlet) in outlets_by_name {
                facts.note(name, &model, outlet)?;
            }
            Ok(())
        })?;
        Ok(facts)
    }

    fn note(&mut self, name: String, model: &InferenceModel, outlet: tract_onnx::prelude::OutletId) -> TractResult<()> {
        let fact = model.outlet_fact(outlet)?;
        if let Some(constant) = fact.value.concretize() {
            self.constants.insert(name.clone(), constant);
        }
        if let Some(shape) = fact.shape.as_concrete_finite()? {
            self.shapes.insert(name, shape.to_vec());
        }
        Ok(())
    }

    /// The shape of tensor `name`: known, without zeros, at most [`MAX_ELEMENTS`] elements.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], ConvertError> {
        let Some(shape) = self.shapes.get(name) else {
            let reason = self
                .problem
                .as_deref()
                .unwrap_or("it depends on more than the inputs' shapes");
            return Err(refused(
                name,
                format!("the shape of tensor `{name}` is not known: {reason}"),
                "check the model with `onnx.checker.check_model(model, full_check=True)`",
            ));
        };
        let elements = shape
            .iter()
            .try_fold(1u64, |product, &dim| product.checked_mul(dim as u64));
        match elements {
            Some(1..=MAX_ELEMENTS) => Ok(shape),
            _ => Err(refused(
                name,
                format!("tensor `{name}` has the shape {shape:?}, which is empty or too large"),
                "",
            )),
        }
    }

    /// Whether tensor `name` is the same for every input.
    pub(crate) fn is_constant(&self, name: &str) -> bool {
        self.constants.contains_key(name)
    }

    /// The constant tensor `name` as finite floats; `None` when it is not a constant.
    pub(crate) fn constant(&self, name: &str) -> Result<Option<ArrayD<f32>>, ConvertError> {
        let Some(tensor) = self.constants.get(name) else {
            return Ok(None);
        };
        let array: tract_ndarray::ArrayD<f32> = guarded(&format!("the constant `{name}` cannot be read"), || {
            let tensor = tensor.cast_to::<f32>()?;
            Ok(tensor.to_plain_array_view::<f32>()?.as_standard_layout().into_owned())
        })?;
        // Bounds of a Clip may be infinite; a NaN is never meant.
        match array.iter().any(|value| value.is_nan()) || tensor.datum_type() == DatumType::Bool {
            true => Err(refused(
                name,
                format!("the constant `{name}` holds values that are not numbers"),
                "train or export the model again",
            )),
            false => Ok(Some(array)),
        }
    }
}

/// The two innermost links of a chain of reasons: the outer ones speak of the runtime's own workings.
fn root_cause(problem: &TractError) -> String {
    let links: Vec<String> = problem.chain().map(ToString::to_string).collect();
    links[links.len().saturating_sub(2)..].join(": ")
}
