//! Files that are no plugins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use opml_graph::{Host, LogLevel, SilentHost};
use opml_plugin_loader::{PluginError, Plugins, SearchPath, library_name};

/// The message of loading the file at `path`.
fn refusal(path: &Path) -> String {
    let mut plugins = Plugins::new(SearchPath::new([]));
    let loaded = plugins.load(path.to_str().expect("a path in UTF-8"), &SilentHost);
    let message = loaded.expect_err("it is no plugin").to_string();
    assert_eq!(plugins.describe(), []);
    message
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("its path");
    (folder, path)
}

#[test]
fn a_missing_name_is_told_where_it_was_looked_for_and_how_to_build_it() {
    let mut plugins = Plugins::new(SearchPath::new(["/nowhere/a".into(), "/nowhere/b".into()]));
    let error = plugins.load("my-format", &SilentHost).expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "plugin `my-format` was not found in /nowhere/a, /nowhere/b; build it with \
         `cargo build -p opml-plugin-my-format`, or name its folder in OPML_PLUGIN_DIR"
    );
}

#[test]
fn a_name_is_plain() {
    for name in ["", "Mips", "mi ps", "m\u{ef}ps", "a;b", ".."] {
        let mut plugins = Plugins::new(SearchPath::new([]));
        let error = plugins.load(name, &SilentHost).expect_err("it is no name");
        assert_eq!(error, PluginError::Name { name: name.into() });
    }
}

#[test]
fn a_missing_file() {
    let (_guard, folder) = folder();
    let path = folder.join("libabsent.so");
    assert_eq!(refusal(&path), format!("there is no plugin at {}", path.display()));
}

#[test]
fn a_folder() {
    let (_guard, folder) = folder();
    let message = format!("{} is not a file; name the plugin's library itself", folder.display());
    assert_eq!(refusal(&folder), message);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn an_empty_file_and_a_file_of_junk() {
    let (_guard, folder) = folder();
    let junk: Vec<u8> = (0..100_000u32)
        .map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for (name, bytes, reason) in [
        ("empty.so", &[][..], "file too short"),
        ("junk.so", &junk, "invalid ELF header"),
    ] {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("the file is written");
        let message = format!("{} cannot be loaded as a library: {reason}", path.display());
        assert_eq!(refusal(&path), message);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_truncated_plugin() {
    let (_guard, folder) = folder();
    let path = folder.join("half.so");
    let whole = fs::read(SearchPath::standard().locate("sample").expect("the sample is built")).expect("its bytes");
    for kept in [65, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..kept]).expect("the file is written");
        let message = format!(
            "{} cannot be loaded as a library: it is cut short: {kept} bytes of {}",
            path.display(),
            whole.len()
        );
        assert_eq!(refusal(&path), message);
    }
}

#[test]
fn a_library_that_is_no_plugin() {
    let (_guard, folder) = folder();
    let source = folder.join("plain.rs");
    fs::write(&source, "#[unsafe(no_mangle)] pub extern \"C\" fn plain() {}").expect("the source is written");
    let path = folder.join(library_name("plain"));
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(compiler)
        .args(["--edition", "2024", "--crate-type", "cdylib", "-o"])
        .args([&path, &source])
        .status()
        .expect("the compiler runs");
    assert!(status.success());
    let message = format!(
        "{} is a library but no plugin: it exports no root module (a plugin calls `opml_plugin_export::plugin!`)",
        path.display()
    );
    assert_eq!(refusal(&path), message);
}

#[test]
fn details_are_logged_for_those_who_look_for_a_fault_only() {
    #[derive(Default)]
    struct Noting(Mutex<Vec<(LogLevel, String)>>);

    impl Host for Noting {
        fn log(&self, level: LogLevel, message: &str) {
            self.0.lock().expect("no other thread").push((level, message.into()));
        }

        fn progress(&self, _: &str, _: u64, _: u64) {}

        fn cancelled(&self) -> bool {
            false
        }

        fn threads(&self) -> usize {
            1
        }
    }

    let (_guard, folder) = folder();
    let path = folder.join("junk.so");
    fs::write(&path, "junk").expect("the file is written");
    let host = Noting::default();
    let mut plugins = Plugins::new(SearchPath::new([]));
    plugins
        .load(path.to_str().expect("UTF-8"), &host)
        .expect_err("it is no library");
    let noted = host.0.into_inner().expect("no other thread");
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].0, LogLevel::Debug);
    assert!(noted[0].1.contains("Could not open library"), "{}", noted[0].1);
}
