//! The float graph: what an ONNX model computes, in the few operations that can be quantised.

mod bounds;
mod conv2d;
mod fuse;
mod graph;
mod matmul;
mod max_pool2d;
mod run;

pub(crate) use bounds::Bounds;
pub(crate) use conv2d::Conv2d;
pub(crate) use fuse::fuse;
pub(crate) use graph::{FloatGraph, FloatNode, FloatTensor, Operation, TensorId};
pub(crate) use matmul::MatMul;
pub(crate) use max_pool2d::MaxPool2d;
pub(crate) use run::run;
