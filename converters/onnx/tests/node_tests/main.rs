//! The node tests of the ONNX project (the PyPI package `onnx`): every single-node test over tensors of float, int8, uint8, int32, int64
//! and bool is converted, run, and compared with what ONNX says.
//!
//! `conformance/skipped.txt` names those that do not pass, each with its reason; a test that passes although it is listed, or fails
//! although it is not, is an error. `cargo test -p opml-onnx --test node_tests -- --nocapture` prints the table by operator.

mod case;
#[path = "../converter/execution.rs"]
mod execution;
mod verdict;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use case::Case;
use verdict::{Cuts, Verdict};

/// Where the package's node tests lie, if it is installed.
fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("OPML_ONNX_NODE_TESTS").map(PathBuf::from);
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python-onnx");
    let installed = || {
        let libraries = std::fs::read_dir(usual.join("lib")).ok()?;
        let packages =
            libraries.filter_map(|entry| Some(entry.ok()?.path().join("site-packages/onnx/backend/test/data/node")));
        packages.into_iter().find(|path| path.is_dir())
    };
    given.or_else(installed)
}

/// Names of tests that do not pass, with their reasons.
fn skipped() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/skipped.txt");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        let (name, reason) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("`{line}` gives no reason"));
        (name.to_string(), reason.trim().to_string())
    };
    lines.map(entry).collect()
}

/// The tests, if they are installed; they may be missing only where that was asked for.
fn cases() -> Option<Vec<(String, Case)>> {
    let Some(folder) = folder() else {
        assert_eq!(
            std::env::var("OPML_PEERS").as_deref(),
            Ok("0"),
            "the ONNX node tests are not installed: run `converters/onnx/conformance/install.sh`, or set OPML_PEERS=0"
        );
        println!("SKIP: the ONNX node tests are not installed");
        return None;
    };
    let entries = std::fs::read_dir(&folder).expect("the folder of node tests");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let case = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some((name, Case::read(path)?))
    };
    Some(paths.iter().filter_map(case).collect())
}

/// Values cut into parts of a few bytes change no bit of any output.
#[test]
fn cut_values_give_the_same() {
    let Some(cases) = cases() else {
        return;
    };
    let (mut wrong, mut cuts) = (Vec::new(), Cuts::default());
    for (name, case) in cases {
        if let Err(reason) = verdict::of_cuts(&case, &mut cuts) {
            wrong.push(format!("{name} {reason}"));
        }
    }
    println!(
        "{} models in parts are the same, {} cannot be cut",
        cuts.same, cuts.uncut
    );
    assert!(wrong.is_empty(), "{}\n{} differences", wrong.join("\n"), wrong.len());
    assert!(cuts.same > 600, "only {} models were cut", cuts.same);
}

#[test]
fn node_tests() {
    let Some(cases) = cases() else {
        return;
    };
    let skipped = skipped();
    let mut table: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let (mut wrong, mut eligible, mut beyond) = (Vec::new(), Vec::new(), 0);
    for (name, case) in cases {
        let verdict = verdict::of(&case);
        let row = table.entry(case.operator.clone()).or_default();
        row[1] += 1;
        row[0] += usize::from(matches!(verdict, Verdict::Passed));
        let reason = skipped.get(&name);
        beyond += usize::from(reason.is_some_and(|reason| reason.starts_with("beyond:")));
        match (verdict, reason) {
            (Verdict::Passed, None) | (Verdict::Failed(_), Some(_)) => {}
            (Verdict::Passed, Some(_)) => wrong.push(format!("{name} passes, but is listed as skipped")),
            (Verdict::Failed(reason), None) => wrong.push(format!("{name} {reason}")),
        }
        eligible.push(name);
    }
    let (passed, all) = table
        .values()
        .fold((0, 0), |(passed, all), row| (passed + row[0], all + row[1]));
    for (operator, [passed, all]) in &table {
        println!("{operator:<28} {passed:>3} of {all:>3}");
    }
    let share = passed as f64 / (all - beyond) as f64;
    println!(
        "{passed} of {all} node tests pass; {beyond} of the others are beyond static graphs: {:.1} % of the rest",
        100.0 * share
    );
    let stale = skipped.keys().filter(|name| !eligible.contains(name));
    wrong.extend(stale.map(|name| format!("{name} is listed as skipped, but there is no such test")));
    assert!(wrong.is_empty(), "{}\n{} differences", wrong.join("\n"), wrong.len());
    assert!(all > 900, "only {all} tests were found");
    assert!(share >= 0.95, "less than 95 % of the tests pass");
}
