use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// The model's name.
    pub(crate) name: String,
    /// Values that passes of a loop hand on; their next ones are the outputs, in the same order.
    #[serde(default)]
    pub(crate) carry: Vec<PortText>,
    /// Values of a request.
    #[serde(default)]
    pub(crate) inputs: Vec<PortText>,
    #[serde(default)]
    pub(crate) constants: BTreeMap<String, ConstantText>,
    pub(crate) nodes: Vec<NodeText>,
    /// Names of nodes, inputs or carried values.
    pub(crate) outputs: Vec<String>,
}

/// A value that enters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortText {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) dtype: String,
    pub(crate) shape: Vec<u32>,
    /// With `zero_point`: real number = scale · (integer − zero point).
    pub(crate) scale: Option<f32>,
    #[serde(default)]
    pub(crate) zero_point: i32,
}

/// A constant tensor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConstantText {
    #[serde(rename = "type")]
    pub(crate) dtype: String,
    pub(crate) shape: Vec<u32>,
    /// All elements, row-major; one element stands for all.
    pub(crate) values: Option<Vec<i64>>,
    /// Or: elements from a stream of numbers that this seed begins.
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeText {
    pub(crate) name: String,
    pub(crate) operator: String,
    pub(crate) inputs: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, i64>,
    /// The output's dimensions; for `alias` only.
    pub(crate) shape: Option<Vec<u32>>,
}
