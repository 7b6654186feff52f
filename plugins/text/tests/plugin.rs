//! The converter that comes out of the library is the one that went in.

use opml_graph::SilentHost;
use opml_plugin_loader::{Kind, Plugins, SearchPath};

#[test]
fn the_converter_of_the_plugin() {
    let mut plugins = Plugins::new(SearchPath::standard());
    let description = plugins
        .load("text", &SilentHost)
        .expect("the plugin was built with this test");
    assert_eq!(description.provides, [(Kind::Converter, "text".to_owned())]);
    let there = plugins.converter("text").expect("its converter");
    assert!(there.accepts(b"", "life.graph.json") && !there.accepts(b"", "life.json"));
}
