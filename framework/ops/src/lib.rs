//! The definition of every operator: types, shapes, node records, the operator table (`specs/operators.md`).
//!
//! `no_std`, safe, scalar, without allocation; integers, and binary32 with every rounding stated. The guest is this crate compiled for the virtual machine; native kernels
//! must equal it bit for bit.
#![no_std]

mod add_i32;
mod add_i8;
mod admit;
mod alias;
mod arg_extreme;
mod attend;
mod binary;
mod block_panels;
mod block_row;
mod cast;
mod clamp_i8;
mod concat;
mod conv2d_i8;
mod conv_f32;
mod conv_integer;
mod conv_transpose_f32;
mod convolution;
mod cumulate;
mod dequantize_linear;
mod dtype;
mod fixed;
mod fixed_normalize;
mod fixed_softmax;
mod fixed_unary;
mod float;
mod functions;
mod gather;
mod gather_elements;
mod gather_nd;
mod gru_f32;
mod interpolate;
mod kernel;
mod lines;
mod lookup;
mod lstm_f32;
mod matmul_blocks;
mod matmul_f32;
mod matmul_i8;
mod matmul_i8_i32;
mod matmul_integer;
mod max_pool2d_i8;
mod normalize;
mod operator;
mod order;
mod panels;
mod pool;
mod pool_place;
mod quantize_linear;
mod quantize_u8;
mod record;
mod recurrent;
mod reduce;
mod requantize;
mod rnn_f32;
mod rotary;
mod rows;
mod run_error;
mod scalar;
mod scatter;
mod scatter_elements;
mod scatter_nd;
mod select;
mod select_rows;
mod shape;
mod signature;
mod sliding;
mod softmax;
mod top_k;
mod unary;
mod update_rows;
mod view;
mod walk;
mod whole_graph;
mod window;
mod words;
mod zero_point;

pub use admit::AdmitError;
pub use attend::{Attend, weigh};
pub use binary::Binary;
pub use block_panels::{BLOCK_OUTPUTS, BlockPanels, BlockParts, CODE_BYTES, CODE_ROW_BYTES};
pub use block_row::quantize as quantize_block;
pub use conv_f32::ConvF32;
pub use conv_integer::ConvInteger;
pub use conv_transpose_f32::ConvTransposeF32;
pub use conv2d_i8::Conv2dI8;
pub use convolution::Convolution;
pub use dequantize_linear::DequantizeLinear;
pub use dtype::DType;
pub use functions::{
    Activation as ActivationFunction, Binary as BinaryFunction, FixedUnary as FixedUnaryFunction, Pool as PoolFunction,
    Reduce as ReduceFunction, Scatter as ScatterFunction, Unary as UnaryFunction,
};
pub use gather::Gather;
pub use kernel::{MAX_SCRATCH_BYTES, MAX_VALUE_BYTES};
pub use matmul_blocks::MatMulBlocks;
pub use matmul_f32::MatMulF32;
pub use matmul_i8::MatMulI8;
pub use matmul_integer::MatMulInteger;
pub use max_pool2d_i8::MaxPool2dI8;
pub use operator::{Operator, admit, output_initial_of, output_of, run, scratch_of, work_units};
pub use panels::{PANEL_DEPTH, PANEL_OUTPUTS, PANEL_ROW_BYTES, Panels};
pub use pool::Pool;
pub use quantize_linear::QuantizeLinear;
pub use record::{
    ALIAS, ATTRIBUTE_WORDS, GAP, MAX_INPUTS, RECORD_BYTES, RECORD_VERSION, RECORD_WORDS, Record, RecordError, Source,
    Value, WHOLE_GRAPH,
};
pub use requantize::{Finish, requantize};
pub use run_error::RunError;
pub use shape::{MAX_RANK, Shape, ShapeError};
pub use unary::Unary;
pub use view::{Axis as ViewAxis, View};
pub use whole_graph::{SCRATCH_BASE, WholeGraphNeeds, admit_whole_graph};
pub use window::Window;
