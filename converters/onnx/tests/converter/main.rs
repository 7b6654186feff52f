//! The converter as its users call it.

mod bounds;
mod constant_work;
mod cut_values;
mod digits;
mod execution;
mod golden;
mod imports;
mod integer_chains;
mod malformed;
mod onnx_files;
mod operators;
mod refusals;
