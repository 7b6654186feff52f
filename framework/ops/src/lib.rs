//! The definition of every operator: types, shapes, node records, the operator table (`specs/operators.md`).
//!
//! `no_std`, safe, scalar, without allocation. The guest is this crate compiled for the virtual machine; native kernels
//! must equal it bit for bit.
#![no_std]

mod dtype;
mod record;
mod shape;

pub use dtype::DType;
pub use record::{
    ALIAS, ATTRIBUTE_WORDS, GAP, MAX_INPUTS, RECORD_BYTES, RECORD_VERSION, RECORD_WORDS, Record, RecordError, Source,
    Value, WHOLE_GRAPH,
};
pub use shape::{MAX_RANK, Shape, ShapeError};
