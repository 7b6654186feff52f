//! The graph, node and instruction stages: what a party computes ([`GraphStage`], [`NodeStage`], [`InstructionStage`]), what
//! the contracts check ([`GraphRules`], [`NodeRules`], [`InstructionRules`]), and how a model enters a pipeline ([`Entry`],
//! [`Pipeline`]).
//!
//! What a party's store holds, beside values by the root of the slot that they begin:
//!
//! ```text
//! node program      record (1,024) ‖ 12 constant roots
//! block program     "opml.block" padded to 32 ‖ node leaf ‖ block_log2 u32 ‖ index u32
//! node inputs       12 slot roots                graph inputs   carry root ‖ feed root
//! vector root       its roots, when there are two or more
//! block output      the block's bytes
//! ```

mod content;
mod entry;
mod graph;
mod instruction;
mod node;
mod output_fault;
mod pipeline;
mod pipeline_error;
mod rules;

pub use content::{StoredBlock, StoredNode};
pub use entry::{Entry, EntryError};
pub use graph::GraphStage;
pub use instruction::InstructionStage;
pub use node::NodeStage;
pub use opml_engine::evaluate_lie;
pub use pipeline::{Machinery, Pipeline};
pub use pipeline_error::PipelineError;
pub use rules::{GraphRules, InstructionRules, NodeRules};
