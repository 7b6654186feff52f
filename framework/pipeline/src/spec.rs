use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chain::ChainSchema;
use crate::{ChainSpec, LoopSpec, PartiesSpec, Seconds, Wei};

/// What to run: a model, an input, the stages of its dispute, the game, the chain and the parties.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The version of this format: 1.
    pub version: u32,
    /// A name for reports and files: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Plugins by name (searched on the plugin path) or by path of their library.
    pub plugins: Vec<String>,
    /// The model and how it becomes a model file.
    pub model: ModelSpec,
    /// The request's input: a `.png`, `.npy` or `.json` file, numbers in place, or a list of such, one a value of the request.
    pub input: InputSpec,
    /// The stages of a dispute, outermost first; the last one is `instruction`.
    pub stages: Vec<StageSpec>,
    /// The game's parameters.
    #[serde(default)]
    pub game: GameSpec,
    /// The chain: `embedded`, or a node's `{ rpc: … }`.
    #[serde(default)]
    #[schemars(with = "ChainSchema")]
    pub chain: ChainSpec,
    /// Who is honest, who lies and where.
    #[serde(default)]
    pub parties: PartiesSpec,
}

/// The model and how it becomes a model file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// The converter's name: `onnx`, … When absent, the one that accepts the source.
    #[serde(skip_serializing)]
    pub converter: Option<String>,
    /// The model's source, relative to the spec.
    #[serde(skip_serializing)]
    pub source: PathBuf,
    /// Makes an integer model of a float one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantize: Option<QuantizeSpec>,
    /// Dimensions of inputs that the source leaves open, by the input's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shapes: BTreeMap<String, Vec<u32>>,
    /// Sizes of dimensions that the source names by a symbol.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, u32>,
    /// Inputs that are constants: one number for all elements, or all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, ValuesSpec>,
    /// Inputs that a request gives as small integers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, IntegersSpec>,
    /// The outputs that count, when the source has more, and how they are given; a task has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<OutputsSpec>,
    /// How much text a language model reads and writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<GenerateSpec>,
}

/// How much text is read and written, in tokens.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateSpec {
    /// The longest prompt, a multiple of `batch`.
    pub prompt: u32,
    /// How many tokens are written after it.
    pub tokens: u32,
    /// Prompt tokens that one pass works through; 16 unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// How tokens are drawn; the likeliest is taken if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<SamplingSpec>,
}

/// How a language model's tokens are drawn, from `input.seed` and their place.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SamplingSpec {
    /// What logits are divided by, above 0; 1 unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// How many of the likeliest tokens are drawn from; 40 unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Of those, the fewest likeliest whose shares reach this, above 0 and at most 1; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f32>,
}

/// Integers that stand for real numbers: real = scale · (integer − zero point).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegersSpec {
    /// `u8` or `i8`.
    #[serde(rename = "type")]
    pub dtype: String,
    /// The real number of one unit.
    pub scale: f64,
    /// The integer that stands for 0.
    #[serde(default)]
    pub zero_point: i32,
}

/// Outputs by name, or also how each is given.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OutputsSpec {
    /// As they are.
    Names(Vec<String>),
    /// Each in a form of its own.
    Forms(BTreeMap<String, FormSpec>),
}

/// How an output is given.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FormSpec {
    /// Where along an axis its greatest elements lie.
    ArgMax(ArgMaxSpec),
    /// As integers.
    Integers(IntegersSpec),
}

/// Where the greatest elements lie.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArgMaxSpec {
    /// The axis, counted from the end when it is negative.
    pub argmax: i64,
}

/// An input's constant numbers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ValuesSpec {
    /// A truth value for all elements.
    Flag(bool),
    /// One number for all elements.
    Number(f64),
    /// Each element's, in row-major order.
    Numbers(Vec<f64>),
}

/// How a float model is quantised.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantizeSpec {
    /// `int8`: every value in 8 bits, weights per channel, 32-bit sums. `int8-products`: products and convolutions so, the rest in f32.
    /// Language models: `int8-blocks` or `int4-blocks`, weights by blocks of 32.
    pub scheme: String,
    /// An `.npy` file of sample inputs, one a row, relative to the spec. Schemes in blocks take none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<PathBuf>,
    /// How ranges are taken from the samples: `minmax` (the default), `percentile`, or, for `int8-products`, `mse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// A request's input.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum InputSpec {
    /// A file, relative to the spec.
    File(PathBuf),
    /// Real numbers in row-major order.
    Inline(Vec<f64>),
    /// A text that a language model goes on with.
    Prompt(PromptSpec),
    /// Several values: first those that a loop starts with, then those that it feeds, pass by pass.
    Several(Vec<InputSpec>),
}

/// A text for a language model.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptSpec {
    /// The text.
    pub prompt: String,
    /// Whether it is what a user says in a chat, to be put as the model expects it.
    #[serde(default)]
    pub chat: bool,
    /// What tokens are drawn from, for a model that draws them; 0 if absent.
    #[serde(default)]
    pub seed: Option<u32>,
}

/// One stage of a dispute.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageSpec {
    /// A part is one pass over what follows.
    Loop(LoopSpec),
    /// A part is one node of the graph.
    Graph(GraphSpec),
    /// A part is one block of a node's output.
    Node(NodeSpec),
    /// A part is one machine instruction.
    Instruction(InstructionSpec),
}

/// The graph stage.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphSpec {
    /// The compute backend's name.
    #[serde(default = "native")]
    pub backend: String,
    /// Threads: a number or `auto`.
    #[serde(default)]
    pub threads: Threads,
    /// Overrides the game's clock in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub clock: Option<Seconds>,
    /// Overrides the game's unit in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub unit: Option<Seconds>,
}

/// The node stage.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeSpec {
    /// Overrides the game's clock in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub clock: Option<Seconds>,
    /// Overrides the game's unit in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub unit: Option<Seconds>,
}

/// The machine stage.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructionSpec {
    /// The virtual machine's name: `mips`, …
    pub vm: String,
    /// Overrides the game's clock in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub clock: Option<Seconds>,
    /// Overrides the game's unit in this stage.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub unit: Option<Seconds>,
}

fn native() -> String {
    "native".into()
}

/// How many threads native work may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Threads {
    /// Exactly so many.
    Count(std::num::NonZeroUsize),
    /// `auto`: as many as the machine has.
    #[default]
    #[serde(deserialize_with = "auto")]
    Auto,
}

fn auto<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "auto" => Ok(()),
        other => Err(serde::de::Error::custom(format!(
            "`{other}` is neither a number nor `auto`"
        ))),
    }
}

/// The game's parameters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GameSpec {
    /// Children shown in one move: a power of two, 2 … 256.
    pub arity: u16,
    /// How long a result can be challenged.
    #[schemars(with = "String")]
    pub window: Seconds,
    /// Each side's time to think, in every stage.
    #[schemars(with = "String")]
    pub clock: Seconds,
    /// What each further game on the task adds to that: three times one re-execution on the smallest machine that parties use. The clock, when
    /// absent. `opml-run plan` checks it.
    #[schemars(with = "Option<String>")]
    pub unit: Option<Seconds>,
    /// What the requester pays.
    #[schemars(with = "String")]
    pub fee: Wei,
    /// What the parties stake.
    pub bonds: BondsSpec,
}

impl Default for GameSpec {
    fn default() -> Self {
        GameSpec {
            arity: 16,
            window: Seconds(86_400),
            clock: Seconds(3_600),
            unit: None,
            fee: Wei(10_000_000_000_000_000),
            bonds: BondsSpec::default(),
        }
    }
}

/// What the parties stake.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BondsSpec {
    /// With a result.
    #[schemars(with = "String")]
    pub proposer: Wei,
    /// With a challenge.
    #[schemars(with = "String")]
    pub challenger: Wei,
}

impl Default for BondsSpec {
    fn default() -> Self {
        BondsSpec {
            proposer: Wei(1_000_000_000_000_000_000),
            challenger: Wei(100_000_000_000_000_000),
        }
    }
}
