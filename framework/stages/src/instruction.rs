//! The machine stage: a part is one instruction.

mod progress;
mod sketch;
mod stage;
mod trace;
mod work;

pub use sketch::{InstructionSketch, SketchedStep, Surveyed};
pub use stage::InstructionStage;

const KIND: &str = "instruction";
