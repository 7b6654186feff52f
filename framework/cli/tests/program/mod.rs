//! Runs the real program in a folder of its own.

#![allow(dead_code, reason = "every test file uses some of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a run left.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the project's root")
}

/// A folder to run in.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Runs `opml-run` with these arguments in `folder`.
pub(crate) fn opml_run(folder: &Path, arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_opml-run"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ended {
        code: output.status.code().expect("an exit code"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The committed spec of this name, its paths made absolute, with `from` replaced by `to`, as a file in `folder`.
pub(crate) fn variant(folder: &Path, name: &str, changes: &[(&str, &str)]) -> String {
    let text = std::fs::read_to_string(root().join(format!("specs/pipelines/{name}.yaml"))).expect("a committed spec");
    let mut text = text.replace("../..", &root().to_string_lossy());
    for (from, to) in changes {
        assert!(text.contains(from), "{name} no longer says {from}");
        text = text.replacen(from, to, 1);
    }
    std::fs::write(folder.join("spec.yaml"), text).expect("a writable folder");
    "spec.yaml".into()
}

/// All files below `folder`, by name.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}
