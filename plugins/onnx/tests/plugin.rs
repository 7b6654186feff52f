//! The converter that comes out of the library is the one that went in.

use std::fs;

use opml_graph::{ConvertError, Converter, SilentHost};
use opml_plugin_loader::{Kind, Plugins, SearchPath};

#[test]
fn the_converter_of_the_plugin() {
    let mut plugins = Plugins::new(SearchPath::standard());
    let description = plugins
        .load("onnx", &SilentHost)
        .expect("the plugin was built with this test");
    assert_eq!(description.provides, [(Kind::Converter, "onnx".to_owned())]);
    let there = plugins.converter("onnx").expect("its converter");
    let here = opml_onnx::OnnxConverter::new();
    assert!(there.accepts(b"", "digits.onnx") && !there.accepts(b"", "digits.png"));

    let folder = tempfile::tempdir().expect("a folder");
    let junk = folder.path().join("junk.onnx");
    fs::write(&junk, "junk").expect("the file is written");
    let refusal = |converter: &dyn Converter| -> ConvertError {
        let mut out = Vec::new();
        let options = r#"{"quantize": {"scheme": "int8", "calibration": "/nowhere.npy"}}"#;
        let refused = converter
            .convert(&junk, options, &mut out, &SilentHost)
            .expect_err("it is no model");
        assert!(out.is_empty());
        refused
    };
    let refused = refusal(&*there);
    assert_eq!(refused.code, 2);
    assert_eq!(refused, refusal(&here));
}
