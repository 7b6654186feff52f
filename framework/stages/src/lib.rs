//! The loop, graph, node and instruction stages: what a party computes ([`LoopStage`], [`GraphStage`], [`NodeStage`],
//! [`InstructionStage`]), what the contracts check ([`LoopRules`], [`GraphRules`], [`NodeRules`], [`InstructionRules`]), and how a
//! model enters a pipeline ([`Entry`], [`Pipeline`]).
//!
//! What a party's store holds, beside values by the root of the slot that they begin:
//!
//! ```text
//! node program      record (1,024) ‖ 12 constant roots
//! block program     "opml.block" padded to 32 ‖ node leaf ‖ block_log2 u32 ‖ index u32
//! node inputs       12 slot roots
//! graph inputs      carry root ‖ feed root; also a loop's
//! vector root       its roots, when it is not its only one; absent ones at the end may be left out
//! block output      the block's bytes
//! ```

mod content;
mod entry;
mod graph;
mod instruction;
mod loop_entry;
mod node;
mod output_fault;
mod pass_loop;
mod pipeline;
mod pipeline_error;
mod rules;
mod scratch;
mod workload;

pub use content::{StoredBlock, StoredNode};
pub use entry::{Entry, EntryError};
pub use graph::{GraphStage, run_node};
pub use instruction::{InstructionSketch, InstructionStage, SketchedStep, Surveyed};
pub use node::NodeStage;
pub use opml_engine::evaluate_lie;
pub use pass_loop::{LoopStage, PassWatch};
pub use pipeline::{Machinery, Pipeline};
pub use pipeline_error::PipelineError;
pub use rules::{GraphRules, InstructionRules, LoopRules, NodeRules};
pub use workload::Workload;
