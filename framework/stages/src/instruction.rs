//! The machine stage: a part is one instruction.

mod progress;
mod stage;
mod trace;
mod work;

pub use stage::InstructionStage;

const KIND: &str = "instruction";
