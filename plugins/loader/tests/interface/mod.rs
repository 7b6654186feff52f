//! Builds a plugin against changed copies of the interface, in a workspace of its own under the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A change to the interface and to the plugin that is built with it.
struct Change {
    /// The plugin is named `direct-<name>`.
    name: &'static str,
    version: &'static str,
    /// File, text in it, text instead.
    interface: &'static [(&'static str, &'static str, &'static str)],
    plugin: &'static [(&'static str, &'static str)],
}

const ABI_STABLE: &str = r#"{ version = "=0.11.3", default-features = false }"#;

const CHANGES: [Change; 5] = [
    Change {
        name: "same",
        version: env!("CARGO_PKG_VERSION"),
        interface: &[],
        plugin: &[],
    },
    Change {
        name: "older",
        version: env!("CARGO_PKG_VERSION"),
        interface: &[(
            "machine.rs",
            "    /// Bytes that dropping this machine would free, because no fork shares them; 0 when it cannot tell.
    fn own_bytes(&self) -> RResult<u64, Error> {
        RResult::ROk(0)
    }
",
            "",
        )],
        plugin: &[],
    },
    Change {
        name: "newer",
        version: env!("CARGO_PKG_VERSION"),
        interface: &[
            (
                "vm.rs",
                "-> RResult<MachineObject, Error>;",
                "-> RResult<MachineObject, Error>;\n\n    /// New.\n    fn added(&self) -> u32 {\n        7\n    }",
            ),
            (
                "plugin.rs",
                "RResult<RVec<ConverterObject>, Error>,",
                "RResult<RVec<ConverterObject>, Error>,\n    /// New.\n    pub added: u32,",
            ),
        ],
        plugin: &[("        converters,\n", "        converters,\n        added: 7,\n")],
    },
    Change {
        name: "layout",
        version: env!("CARGO_PKG_VERSION"),
        interface: &[("vm.rs", "pub exit_code: u8,", "pub exit_code: u32,")],
        plugin: &[],
    },
    Change {
        name: "version",
        version: "7.0.0",
        interface: &[],
        plugin: &[],
    },
];

/// The folder with the library `libopml_plugin_direct_<change>`, built.
pub(crate) fn build(name: &str) -> PathBuf {
    let change = CHANGES
        .iter()
        .find(|change| change.name == name)
        .expect("a change of this name");
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = temporary.parent().expect("the target directory");
    let loader = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = temporary.join("changed-interfaces").join(name);
    write_plugin(&loader.join("tests/fixtures/direct/lib.rs"), &folder, change);
    // A folder's own name, because cargo tells packages of one name in one target directory apart by it.
    write_interface(&loader.join("../abi/src"), &folder.join(format!("abi-{name}")), change);
    let lock = fs::read_to_string(loader.join("../../Cargo.lock")).expect("the lock file");
    write(&folder.join("Cargo.lock"), &lock);
    let status = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", target)
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the plugin with the changed interface is built");
    target.join("debug")
}

fn write_plugin(source: &Path, folder: &Path, change: &Change) {
    let mut code = fs::read_to_string(source).expect("the plugin's source");
    for (old, new) in change.plugin {
        code = replaced(&code, old, new);
    }
    write(&folder.join("src").join("lib.rs"), &code);
    let manifest = format!(
        r#"[package]
name = "opml-plugin-direct-{0}"
version = "0.0.1"
edition = "2024"

[workspace]

[lib]
crate-type = ["cdylib"]

[dependencies]
opml-plugin-abi = {{ path = "abi-{0}" }}
abi_stable = {ABI_STABLE}

[profile.dev]
debug = "line-tables-only"
"#,
        change.name
    );
    write(&folder.join("Cargo.toml"), &manifest);
}

fn write_interface(source: &Path, folder: &Path, change: &Change) {
    for entry in fs::read_dir(source).expect("the interface's source") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a file name")
            .to_owned();
        let mut code = fs::read_to_string(&path).expect("a source file");
        for (_, old, new) in change.interface.iter().filter(|(file, ..)| *file == name) {
            code = replaced(&code, old, new);
        }
        write(&folder.join("src").join(name), &code);
    }
    let manifest = format!(
        r#"[package]
name = "opml-plugin-abi"
version = "{}"
edition = "2024"

[lints.rust]
non_local_definitions = "allow"

[dependencies]
abi_stable = {ABI_STABLE}
"#,
        change.version
    );
    write(&folder.join("Cargo.toml"), &manifest);
}

fn replaced(code: &str, old: &str, new: &str) -> String {
    assert_eq!(code.matches(old).count(), 1, "`{old}` occurs once");
    code.replace(old, new)
}

/// Writes only what differs, so that nothing is built twice.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    fs::write(path, text).expect("the file is written");
}
