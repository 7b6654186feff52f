//! The backend that comes out of the library is the one that went in.

use opml_conformance::compute_suite;
use opml_graph::SilentHost;
use opml_plugin_loader::{Kind, Plugins, SearchPath};

#[test]
fn the_backend_of_the_plugin() {
    let mut plugins = Plugins::new(SearchPath::standard());
    let description = plugins
        .load("dnn", &SilentHost)
        .expect("the plugin was built with this test");
    assert_eq!(description.provides, [(Kind::Compute, "native".to_owned())]);
    let compute = plugins.compute("native").expect("its backend");
    compute_suite(&*compute);
    let (there, here) = (compute.guest_images(), opml_native::guest_images());
    assert_eq!(there.len(), here.len());
    for (there, here) in there.iter().zip(&here) {
        assert_eq!(
            (&there.vm, there.root, &there.bytes),
            (&here.vm, here.root, &here.bytes)
        );
    }
}
