//! The node stage: a part is one block of a node's output, the trace is the output's own tree.

mod stage;
mod trace;
mod work;

pub use stage::NodeStage;

const KIND: &str = "node";
