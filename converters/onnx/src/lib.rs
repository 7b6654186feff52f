//! The ONNX converter: reads a float ONNX model, quantises it to int8 by calibration samples, and writes a model file; and
//! runs the float model itself, as the reference.

mod calibration;
mod converter;
mod error;
mod float;
mod guard;
mod import;
mod inference;
mod lower;
mod options;
mod quantize;
mod reference;
mod source;

pub use converter::OnnxConverter;
