//! The converter that comes out of the library is the one that went in.

use opml_graph::SilentHost;
use opml_plugin_loader::{Kind, Plugins, SearchPath};

#[test]
fn the_converter_of_the_plugin() {
    let mut plugins = Plugins::new(SearchPath::standard());
    let description = plugins
        .load("llama", &SilentHost)
        .expect("the plugin was built with this test");
    assert_eq!(description.provides, [(Kind::Converter, "llama".to_owned())]);
    let there = plugins.converter("llama").expect("its converter");
    assert!(there.accepts(b"GGUF\x03\0\0\0", "model.gguf") && !there.accepts(b"", "model.onnx"));
}
