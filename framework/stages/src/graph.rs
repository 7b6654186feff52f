//! The graph stage: a part is a node, the trace is the vector of locals.

mod lives;
mod locals;
mod outputs;
mod program;
mod stage;
mod trace;

pub use program::run_node;
pub use stage::GraphStage;

const KIND: &str = "graph";
