//! Graphs and models: records made into programs, validation, the model file, and the traits of compute backends and
//! converters (`specs/programs.md`, `specs/model-file.md`).

mod compute;
mod converter;
mod host;
mod loop_body;
mod mapping;
mod model;
mod model_file;
mod model_names;
mod output_block;
mod program;
mod validate;
mod whole_graph;

pub use compute::{ComputeBackend, ComputeError, GuestImage};
pub use converter::{ConvertError, Converter};
pub use host::{Host, LogLevel, SilentHost};
pub use loop_body::{Carried, LoopBody, LoopBodyError, loop_body};
pub use mapping::open_model_file;
pub use model::{Constant, Model, Node, Port, Quantization};
pub use model_file::{FORMAT_VERSION, ModelFileError, read_model, verify_constants, write_model};
pub use output_block::append_outputs;
pub use program::{
    BLOCK_TAG, GRAPH_TAG, GraphHeader, NodeLeaf, block_count, block_program, graph_inputs, node_inputs, record_root,
    usual_block_log2,
};
pub use validate::{ValidateError, validate};
pub use whole_graph::{WholeGraph, WholeGraphError, pack_whole_graph};
