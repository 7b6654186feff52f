//! Whether the peers are on this machine.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The Python that has Unicorn: `OPML_PEERS_PYTHON`, or that of `target/python-peers` (see `./test`).
pub(crate) fn python() -> Option<OsString> {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python-peers/bin/python");
    let python = std::env::var_os("OPML_PEERS_PYTHON").unwrap_or_else(|| own().into());
    let mut trial = Command::new(&python);
    trial.args(["-c", "import unicorn"]);
    answers(trial).then_some(python).or_else(|| absent("Unicorn"))
}

/// The folder of the Python peers.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// QEMU's user-mode emulator.
pub(crate) fn qemu() -> Option<&'static str> {
    let mut trial = Command::new("qemu-mipsel");
    trial.arg("--version");
    answers(trial)
        .then_some("qemu-mipsel")
        .or_else(|| absent("qemu-mipsel"))
}

fn answers(mut command: Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Says that a peer is absent, past the test harness, which would hide it; panics where `OPML_PEERS=1` says that it must be there.
fn absent<T>(peer: &str) -> Option<T> {
    let required = std::env::var_os("OPML_PEERS").is_some_and(|value| value == "1");
    assert!(!required, "OPML_PEERS is 1 and {peer} is not here");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("SKIP {test}: {peer} is not here; NOTHING was compared. ./test installs it.\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}
