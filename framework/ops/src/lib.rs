//! The definition of every operator: types, shapes, node records, the operator table (`specs/operators.md`).
//!
//! `no_std`, safe, scalar, without allocation. The guest is this crate compiled for the virtual machine; native kernels
//! must equal it bit for bit.
#![no_std]

mod add_i32;
mod add_i8;
mod admit;
mod alias;
mod clamp_i8;
mod conv2d_i8;
mod dtype;
mod kernel;
mod matmul_i8;
mod matmul_i8_i32;
mod max_pool2d_i8;
mod operator;
mod panels;
mod quantize_u8;
mod record;
mod requantize;
mod rows;
mod run_error;
mod select_rows;
mod shape;
mod signature;
mod update_rows;
mod whole_graph;
mod window;
mod words;

pub use admit::AdmitError;
pub use conv2d_i8::Conv2dI8;
pub use dtype::DType;
pub use kernel::{MAX_SCRATCH_BYTES, MAX_VALUE_BYTES};
pub use matmul_i8::MatMulI8;
pub use max_pool2d_i8::MaxPool2dI8;
pub use operator::{Operator, admit, output_initial_of, output_of, run, scratch_of, work_units};
pub use panels::{PANEL_DEPTH, PANEL_OUTPUTS, PANEL_ROW_BYTES, Panels};
pub use record::{
    ALIAS, ATTRIBUTE_WORDS, GAP, MAX_INPUTS, RECORD_BYTES, RECORD_VERSION, RECORD_WORDS, Record, RecordError, Source,
    Value, WHOLE_GRAPH,
};
pub use requantize::{Finish, requantize};
pub use run_error::RunError;
pub use shape::{MAX_RANK, Shape, ShapeError};
pub use whole_graph::{SCRATCH_BASE, WholeGraphNeeds, admit_whole_graph};
pub use window::Window;
