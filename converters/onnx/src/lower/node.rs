use opml_graph::ConvertError;
use tract_onnx::pb::NodeProto;

use super::attributes::Attributes;
use crate::error::refused;

/// The name a user knows a node by: its own, or its first output's when it has none.
pub(crate) fn node_name(node: &NodeProto) -> String {
    match (&node.name, node.output.first()) {
        (name, Some(output)) if name.is_empty() => output.clone(),
        (name, _) => name.clone(),
    }
}

/// A node of the ONNX graph.
pub(super) struct OnnxNode<'a> {
    pub(super) name: String,
    pub(super) attributes: Attributes<'a>,
    proto: &'a NodeProto,
}

impl<'a> OnnxNode<'a> {
    pub(super) fn new(proto: &'a NodeProto) -> OnnxNode<'a> {
        let name = node_name(proto);
        OnnxNode {
            attributes: Attributes::new(name.clone(), &proto.attribute),
            name,
            proto,
        }
    }

    /// Input `place`'s tensor; `None` when it is left out.
    pub(super) fn optional_input(&self, place: usize) -> Option<&'a str> {
        let name = self.proto.input.get(place).map(String::as_str);
        name.filter(|name| !name.is_empty())
    }

    /// Input `place`'s tensor.
    pub(super) fn input(&self, place: usize) -> Result<&'a str, ConvertError> {
        self.optional_input(place)
            .ok_or_else(|| self.refuse(&format!("lacks its input {place}"), "export the model again"))
    }

    /// The first output's tensor.
    pub(super) fn output(&self) -> Result<&'a str, ConvertError> {
        let name = self.proto.output.first().map(String::as_str);
        name.filter(|name| !name.is_empty())
            .ok_or_else(|| self.refuse("lacks its output", "export the model again"))
    }

    /// The refusal of this node: "node `…` (Operator) `reason`".
    pub(super) fn refuse(&self, reason: &str, help: &str) -> ConvertError {
        let message = format!("node `{}` ({}) {reason}", self.name, self.proto.op_type);
        refused(&self.name, message, help)
    }
}
