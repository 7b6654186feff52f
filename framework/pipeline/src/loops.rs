use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Seconds;

/// The loop stage: what follows it is done again and again, each pass from the carry of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoopSpec {
    /// How often. When absent, as often as the model file says, through all its graphs.
    pub passes: Option<NonZeroU32>,
    /// Which of the graph's inputs are carried from pass to pass; the others are fed, in every pass with new values of the request.
    /// Innermost loop only.
    #[serde(default)]
    pub carry: Vec<CarrySpec>,
    /// The output of the graph of which every pass writes one row of the result. Innermost loop only.
    pub collect: Option<String>,
    /// The carried input whose last value is the result, when there are several. Innermost loop only.
    pub output: Option<String>,
    /// Overrides the game's clock in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub clock: Option<Seconds>,
    /// Overrides the game's unit in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub unit: Option<Seconds>,
}

/// A value that passes hand on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarrySpec {
    /// The graph's input that takes it.
    pub input: String,
    /// The graph's output that becomes it; when absent, the only output, or for a value that the graph itself carries, its own.
    pub from: Option<String>,
    /// What it is before the first pass.
    #[serde(default)]
    pub start: StartSpec,
}

/// What a carried value is before the first pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartSpec {
    /// A value of the request.
    #[default]
    Request,
    /// Zeros.
    Zero,
}
