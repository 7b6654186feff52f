use schemars::JsonSchema;
use serde::Deserialize;

/// Who takes part and how.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PartiesSpec {
    /// The server that posts the result.
    pub proposer: PartySpec,
    /// The verifier that checks it.
    pub challenger: PartySpec,
}

/// How a party behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartySpec {
    /// It computes and says what it computed.
    #[default]
    Honest,
    /// It takes no part.
    None,
    /// A fault is planted in its computation, and it stands by what follows.
    Lies(LieSpec),
}

/// Where a fault is planted and what it changes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LieSpec {
    /// The way to the part, one stage each, outermost first; it may end at any stage.
    pub at: Vec<StagePlace>,
    /// What is changed there.
    #[serde(default)]
    pub part: LiePart,
    /// Byte offset within an output or the scratch slot.
    #[serde(default)]
    pub byte: u64,
    /// The register's number, 1 … 31, with `part: register`.
    pub register: Option<u8>,
}

/// One part of one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StagePlace {
    /// A pass of a loop, by index.
    Loop(u64),
    /// A node of the graph, by index.
    Graph(u64),
    /// A block of the node's output, by index.
    Node(u64),
    /// An instruction of the run, by step.
    Instruction(u64),
}

impl StagePlace {
    /// The stage's kind and the part's index.
    pub fn parts(&self) -> (&'static str, u64) {
        match self {
            StagePlace::Loop(index) => ("loop", *index),
            StagePlace::Graph(index) => ("graph", *index),
            StagePlace::Node(index) => ("node", *index),
            StagePlace::Instruction(index) => ("instruction", *index),
        }
    }
}

/// What a planted fault changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiePart {
    /// A byte of the part's output.
    #[default]
    Output,
    /// A byte of the machine's stack and scratch.
    Scratch,
    /// A register of the machine.
    Register,
    /// The machine's next program counter.
    ProgramCounter,
}
