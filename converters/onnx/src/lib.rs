//! The ONNX converter.
