//! Plugins that were built against other interfaces than this program's.

mod interface;

use std::path::PathBuf;

use opml_commit::Root;
use opml_engine::VmError;
use opml_graph::SilentHost;
use opml_plugin_loader::{Kind, PluginError, Plugins, SearchPath, library_name};

type Loaded = Result<Vec<(Kind, String)>, PluginError>;

fn load(change: &str) -> (Plugins, PathBuf, Loaded) {
    let folder = interface::build(change);
    let name = format!("direct-{change}");
    let path = folder.join(library_name(&name)).canonicalize().expect("a path");
    let mut plugins = Plugins::new(SearchPath::new([folder]));
    let loaded = plugins.load(&name, &SilentHost).map(|plugin| plugin.provides.clone());
    (plugins, path, loaded)
}

fn check_that_it_works(change: &str) {
    let (plugins, _, loaded) = load(change);
    assert_eq!(loaded, Ok(vec![(Kind::Vm, "still".to_owned())]));
    let vm = plugins.vm("still").expect("the machine");
    assert_eq!(vm.entry_root(&Root([5; 32])), Root([5; 32]));
    let witness = VmError::Witness {
        reason: "it never moves".into(),
    };
    assert_eq!(vm.replay(&[]), Err(witness));
    let message = |error: VmError| error.to_string();
    assert_eq!(
        vm.inspect(&[]).map_err(message),
        Err("plugin `direct` failed in `inspect`: codes may be new; do nothing".to_owned())
    );
    assert_eq!(
        vm.boot(&[]).map(|_| ()).map_err(message),
        Err("plugin `direct` failed in `boot` at boot: it never starts".to_owned())
    );
}

#[test]
fn the_same_interface_built_apart_is_compatible() {
    check_that_it_works("same");
}

#[test]
fn an_interface_with_more_at_its_ends_is_compatible() {
    check_that_it_works("newer");
}

#[test]
fn an_interface_with_less_at_its_ends_is_refused() {
    check_that_its_layout_is_refused("older", "expected `16`; found `15`");
}

#[test]
fn another_layout_is_refused() {
    check_that_its_layout_is_refused("layout", "expected `u8`; found `u32`");
}

fn check_that_its_layout_is_refused(change: &str, difference: &str) {
    let (_, path, loaded) = load(change);
    let message = format!(
        "{} was built for another plugin interface ({difference}); rebuild the plugin from this program's source",
        path.display()
    );
    assert_eq!(loaded.map_err(|error| error.to_string()), Err(message));
}

#[test]
fn another_version_is_refused() {
    let (_, path, loaded) = load("version");
    let message = format!(
        "{} was built for plugin interface 7.0.0, this program has {}; rebuild the plugin from this program's source",
        path.display(),
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(loaded.map_err(|error| error.to_string()), Err(message));
}
