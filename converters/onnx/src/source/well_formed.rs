//! What the runtime takes for granted of a graph: names are defined once and before use, tensors have the sizes that they
//! announce, operators are known, and no constant expression grows without bound.

use std::collections::{BTreeMap, BTreeSet};

use opml_graph::ConvertError;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};

use super::tensors::{self, MAX_ELEMENTS};
use crate::error::refused;
use crate::lower::{self, Growth};

const OPERATOR_SETS: std::ops::RangeInclusive<i64> = 7..=25;

/// Checks a model; fixes a leading dimension of an input that is left open to 1; gives its graph.
pub(super) fn check(model: &mut ModelProto) -> Result<GraphProto, ConvertError> {
    let export_again = "check the file with `onnx.checker.check_model`, or export it again";
    let Some(graph) = &mut model.graph else {
        return Err(refused("", "the file holds no ONNX graph", export_again));
    };
    let versions = model.opset_import.iter().filter(|set| is_standard(&set.domain));
    let Some(version) = versions.map(|set| set.version).max() else {
        return Err(refused("", "the file states no operator set version", export_again));
    };
    if !OPERATOR_SETS.contains(&version) {
        return Err(refused(
            "",
            format!("operator set version {version} is not supported"),
            "export with operator set version 13 to 17",
        ));
    }
    if !model.functions.is_empty() || !graph.sparse_initializer.is_empty() {
        return Err(refused(
            "",
            "functions and sparse tensors inside a model are not supported",
            "export with plain operators and dense weights",
        ));
    }
    let mut known = Known::default();
    for tensor in &graph.initializer {
        let elements = check_tensor(&tensor.name, tensor)?;
        known.define(&tensor.name, Some(elements))?;
    }
    let initializers: BTreeSet<String> = graph.initializer.iter().map(|tensor| tensor.name.clone()).collect();
    for input in graph
        .input
        .iter_mut()
        .filter(|input| !initializers.contains(&input.name))
    {
        check_input(input)?;
        known.define(&input.name, None)?;
    }
    for node in &graph.node {
        check_node(node, &mut known)?;
    }
    for output in &graph.output {
        known.get(&output.name, "the graph's output")?;
    }
    if graph.node.is_empty() || graph.output.is_empty() {
        return Err(refused("", "the graph has no nodes or no outputs", export_again));
    }
    Ok(graph.clone())
}

/// Tensors by name; a constant with an upper bound of its elements.
#[derive(Default)]
struct Known(BTreeMap<String, Option<u64>>);

impl Known {
    fn define(&mut self, name: &str, constant: Option<u64>) -> Result<(), ConvertError> {
        match self.0.insert(name.to_owned(), constant) {
            None => Ok(()),
            Some(_) => Err(refused(
                name,
                format!("the tensor `{name}` is defined twice"),
                "export the model again",
            )),
        }
    }

    fn get(&self, name: &str, by: &str) -> Result<Option<u64>, ConvertError> {
        self.0.get(name).copied().ok_or_else(|| {
            refused(
                name,
                format!("{by} reads the tensor `{name}`, which nothing before it defines"),
                "export the model again",
            )
        })
    }
}

fn check_node(node: &NodeProto, known: &mut Known) -> Result<(), ConvertError> {
    let name = lower::node_name(node);
    let operator = lower::supported(node).ok_or_else(|| lower::unsupported(node))?;
    let mut bound = Some(0u64);
    let mut factor = Some(1u64);
    for input in node.input.iter().filter(|input| !input.is_empty()) {
        let elements = known.get(input, &format!("node `{name}`"))?;
        bound = bound.zip(elements).map(|(sum, elements)| sum.saturating_add(elements));
        factor = factor
            .zip(elements)
            .map(|(product, elements)| product.saturating_mul(elements.max(1)));
    }
    for tensor in node.attribute.iter().flat_map(|attribute| &attribute.t) {
        let elements = check_tensor(&name, tensor)?;
        bound = bound.map(|sum| sum.saturating_add(elements));
    }
    let constant = match operator.growth {
        Growth::Sum => bound,
        Growth::Product => factor,
        Growth::Shape => Some(64),
        Growth::Unbounded => bound.map(|_| u64::MAX),
    };
    if constant.is_some_and(|elements| elements > MAX_ELEMENTS) {
        return Err(refused(
            &name,
            format!("node `{name}` computes a constant that may be too large"),
            "fold constants when exporting (onnx-simplifier does it)",
        ));
    }
    if constant.is_none() && !operator.is_computed() {
        return Err(lower::unsupported(node));
    }
    for output in node.output.iter().filter(|output| !output.is_empty()) {
        known.define(output, constant)?;
    }
    Ok(())
}

fn check_tensor(name: &str, tensor: &TensorProto) -> Result<u64, ConvertError> {
    tensors::check(tensor)
        .map_err(|reason| refused(name, format!("the tensor `{name}` {reason}"), "export the model again"))
}

fn check_input(input: &mut ValueInfoProto) -> Result<(), ConvertError> {
    use tract_onnx::pb::tensor_proto::DataType;
    use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Size};

    let name = input.name.clone();
    let fixed = "export with fixed sizes, for one sample";
    let Some(Value::TensorType(tensor)) = input.r#type.as_mut().and_then(|kind| kind.value.as_mut()) else {
        return Err(refused(&name, format!("the input `{name}` is not a tensor"), fixed));
    };
    if tensor.elem_type != DataType::Float as i32 {
        return Err(refused(
            &name,
            format!("the input `{name}` must hold 32-bit floats"),
            "export a float model; the converter quantises it",
        ));
    }
    let Some(shape) = &mut tensor.shape else {
        return Err(refused(&name, format!("the input `{name}` has no shape"), fixed));
    };
    let mut dims = Vec::with_capacity(shape.dim.len());
    for (axis, dim) in shape.dim.iter_mut().enumerate() {
        match (&dim.value, axis) {
            (Some(Size::DimValue(size)), _) => dims.push(*size),
            // Samples are converted one at a time: an open batch is a batch of one.
            (_, 0) => {
                *dim = Dimension {
                    value: Some(Size::DimValue(1)),
                    ..dim.clone()
                };
                dims.push(1);
            }
            (_, axis) => {
                let message = format!("dimension {axis} of the input `{name}` is not fixed");
                return Err(refused(&name, message, fixed));
            }
        }
    }
    match tensors::elements(dims.iter().copied()) {
        Some(elements) if elements > 0 => Ok(()),
        _ => Err(refused(
            &name,
            format!("the input `{name}` has the impossible dimensions {dims:?}"),
            fixed,
        )),
    }
}

fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}
