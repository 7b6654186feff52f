//! `opml-run analyse`: every node is run both ways, and the shorter disputes follow.

mod program;

use program::{folder, opml_run, variant};
use serde_json::Value;

fn analysed(spec: &str) -> (Value, String, String) {
    let folder = folder();
    let file = variant(folder.path(), spec, &[]);
    let ended = opml_run(
        folder.path(),
        &["analyse", &file, "--report", "analysis.json", "--plot", "analysis.svg"],
    );
    assert_eq!(ended.code, 0, "{spec}: {}{}", ended.stdout, ended.stderr);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    let report = serde_json::from_str(&read("analysis.json")).expect("JSON");
    (report, read("analysis.svg"), ended.stdout)
}

/// Leaves by stages.
fn leaves(report: &Value) -> Vec<(String, u64)> {
    let splits = report["splits"].as_array().expect("splits");
    let split = |split: &Value| {
        let stages = split["stages"].as_array().expect("stages");
        let stages: Vec<&str> = stages.iter().filter_map(Value::as_str).collect();
        (stages.join(" "), split["leaves"].as_u64().expect("leaves"))
    };
    splits.iter().map(split).collect()
}

#[test]
fn a_network_is_shorter_to_dispute_with_every_stage() {
    let (report, plot, printed) = analysed("mnist-cnn");
    let leaves = leaves(&report);
    let stages: Vec<&str> = leaves.iter().map(|(stages, _)| &stages[..]).collect();
    assert_eq!(stages, ["instruction", "graph instruction", "graph node instruction"]);
    assert!(
        leaves.is_sorted_by(|(_, before), (_, after)| before > after),
        "{leaves:?}"
    );
    let kinds = report["kinds"].as_array().expect("kinds");
    // One stage has as many steps as all nodes have.
    let number = |kind: &Value, of: &str| kind[of].as_u64().expect("a number");
    let steps: u64 = kinds
        .iter()
        .map(|kind| number(kind, "nodes") * number(kind, "steps"))
        .sum();
    assert_eq!(steps, leaves[0].1);
    assert!(
        kinds
            .iter()
            .all(|kind| kind["alpha"].as_f64().is_some_and(|alpha| alpha > 1.0))
    );
    assert_eq!(report["arities"].as_array().map(Vec::len), Some(8));
    assert!(plot.starts_with("<svg") && plot.contains("A dispute by arity"));
    assert!(printed.contains("conv2d_i8"), "{printed}");
}

#[test]
fn a_loop_multiplies_one_stage_only() {
    let (report, _, _) = analysed("life");
    let leaves = leaves(&report);
    let stages: Vec<&str> = leaves.iter().map(|(stages, _)| &stages[..]).collect();
    assert_eq!(
        stages,
        [
            "instruction",
            "loop instruction",
            "loop graph instruction",
            "loop graph node instruction"
        ]
    );
    assert_eq!(report["passes"], 24);
    let steps = |place: usize| report["splits"][place]["steps"].as_u64().expect("steps");
    assert_eq!(steps(0), 24 * steps(1));
}
