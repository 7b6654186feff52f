//! The peer, in a process of its own.

use std::process::Command;

use crate::kernels::{Kernel, image_path, input};

/// A Python that has Unicorn: `$OPML_PEERS_PYTHON`, what `./test` installed, or the one on the path.
pub(crate) fn find() -> Option<String> {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/python-peers/bin/python");
    let named = std::env::var("OPML_PEERS_PYTHON").ok();
    let has_unicorn = |python: &String| {
        let found = Command::new(python).args(["-c", "import unicorn"]).output();
        found.is_ok_and(|found| found.status.success())
    };
    let candidates = named.into_iter().chain([installed.into(), "python3".into()]);
    candidates.into_iter().find(has_unicorn)
}

/// Steps a second of Unicorn on a run of about `steps` steps.
pub(crate) fn speed(python: &str, kernel: &Kernel, steps: u64) -> f64 {
    let input_path = std::env::temp_dir().join(format!("opml-kernel-input-{}", std::process::id()));
    std::fs::write(&input_path, input()).expect("the input is written");
    let times = kernel.times(steps);
    let slot = |number| format!("{number}={}", input_path.display());
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/unicorn_speed.py"))
        .arg(image_path())
        .args(["--slot", &slot(4), "--slot", &slot(5)])
        .args(["--call", &kernel.number.to_string(), "--call", &times.to_string()])
        .output()
        .expect("Python runs");
    std::fs::remove_file(&input_path).expect("the input is removed");
    let line = String::from_utf8_lossy(&output.stdout);
    let seconds: f64 = line
        .split(' ')
        .next()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or_else(|| panic!("Unicorn failed: {}", String::from_utf8_lossy(&output.stderr)));
    kernel.steps(times) as f64 / seconds
}
