//! Plugin: the ONNX converter.
