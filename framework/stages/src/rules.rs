//! What the contracts check, byte for byte: the twins of `contracts/src/stages`.

pub(crate) mod entry_memory;
mod graph;
mod instruction;
mod node;
mod node_claim;
mod node_inputs;
mod pass_loop;
mod payload;
mod record_words;

pub use graph::GraphRules;
pub use instruction::InstructionRules;
pub use node::NodeRules;
pub use pass_loop::LoopRules;

use payload::Payload;
use record_words::RecordWords;
