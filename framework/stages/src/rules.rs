//! What the contracts check, byte for byte: the twins of `contracts/src/stages`.

pub(crate) mod entry_memory;
mod graph;
mod instruction;
mod node;
mod node_claim;
mod node_inputs;
mod payload;
mod record_words;

pub use graph::GraphRules;
pub use instruction::InstructionRules;
pub use node::NodeRules;

use payload::Payload;
use record_words::RecordWords;
