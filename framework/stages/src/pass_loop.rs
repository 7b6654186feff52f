//! The loop stage: a part is a pass, the trace is the vector of carries.

mod carry;
mod checkpoints;
mod padded;
mod program;
mod stage;
mod trace;
mod work;

pub use stage::{LoopStage, PassWatch};

const KIND: &str = "loop";
