//! Graphs and models: records made into programs, validation, the model file, and the traits of compute backends and
//! converters (`specs/programs.md`, `specs/model-file.md`).

mod body_graph;
mod compute;
mod constant;
mod converter;
mod costs;
mod entry_rule;
mod host;
mod loop_check;
mod loop_header;
mod loop_model;
mod loop_note;
mod loop_request;
mod mapping;
mod model;
mod model_file;
mod model_file_form;
mod model_file_writer;
mod model_names;
mod model_set;
mod output_block;
mod program;
mod validate;
mod whole_graph;

pub use body_graph::{BodyGraph, BodyGraphError, Carried, body_graph};
pub use compute::{ComputeBackend, ComputeError, GuestImage};
pub use constant::Constant;
pub use converter::{ConvertError, Converter};
pub use costs::{CostError, MOST_STEPS, check_costs, check_packed_cost};
pub use entry_rule::{EntryRule, EntryRuleError, Feed, MAX_FED_PASSES, MAX_FEED_LEVELS, Start, VectorSink};
pub use host::{Host, LogLevel, SilentHost};
pub use loop_check::{LoopError, validate_loop};
pub use loop_header::{Body, BodyKind, LOOP_TAG, LoopHeader, LoopHeaderError, MAX_BODIES, MAX_CARRY, MAX_PASSES};
pub use loop_model::{CarryStart, ConstantFeed, Loop, LoopBody, LoopFeed, LoopModel, Work};
pub use loop_note::LoopNote;
pub use mapping::{open_model_file, open_model_set};
pub use model::{Model, Node, Port, Quantization};
pub use model_file::{FORMAT_VERSION, ModelFileError, read_model, read_model_set, verify_constants};
pub use model_file_writer::{write_model, write_model_set_to, write_model_set_with, write_model_to};
pub use model_set::ModelSet;
pub use output_block::append_outputs;
pub use program::{
    BLOCK_TAG, GRAPH_TAG, GraphHeader, NodeLeaf, block_count, block_program, graph_inputs, node_inputs, record_root,
    usual_block_log2,
};
pub use validate::{ValidateError, validate};
pub use whole_graph::{WholeGraph, WholeGraphError, pack_whole_graph};
