//! The peer, in a process of its own.

use std::process::Command;

use crate::kernels::{Kernel, image_path, input};

/// A Python that has Unicorn: `$OPML_PYTHON`, or the one on the path.
pub(crate) fn find() -> Option<String> {
    let python = std::env::var("OPML_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&python).args(["-c", "import unicorn"]).output().ok()?;
    found.status.success().then_some(python)
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
