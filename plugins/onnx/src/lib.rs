//! Plugin: the ONNX converter.

opml_plugin_export::plugin! {
    name: "onnx",
    description: "The ONNX converter",
    converters: [opml_onnx::OnnxConverter::new()],
}
