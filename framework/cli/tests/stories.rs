//! Every committed spec gives the verdict that it names, through the real program, plugins and contracts.

mod program;

use program::{files, folder, opml_run, root, variant};
use serde_json::Value;

/// Plays a spec file and gives its report.
fn report(folder: &std::path::Path, spec: &str) -> Value {
    let ended = opml_run(folder, &[spec, "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{spec}: {}{}", ended.stdout, ended.stderr);
    assert!(!ended.stdout.contains('\u{1b}'), "no escape codes outside a terminal");
    let text = std::fs::read_to_string(folder.join("report.json")).expect("the report");
    serde_json::from_str(&text).expect("JSON")
}

fn committed(name: &str) -> Value {
    let folder = folder();
    let report = report(
        folder.path(),
        &root().join(format!("specs/pipelines/{name}.yaml")).to_string_lossy(),
    );
    assert_eq!(
        files(folder.path()),
        [format!("{name}.opml"), "report.json".to_string()]
    );
    report
}

fn path(report: &Value) -> Vec<u64> {
    let path = report["dispute"]["final_step"]["path"].as_array().expect("a path");
    path.iter().map(|part| part.as_u64().expect("a part")).collect()
}

fn gained(report: &Value, place: usize) -> i128 {
    report["parties"][place]["gained"]
        .as_str()
        .expect("wei")
        .parse()
        .expect("a number")
}

#[test]
fn a_cheating_server_is_convicted_in_two_stages() {
    let report = committed("mnist");
    assert_eq!(report["pipeline"], serde_json::json!(["graph", "instruction"]));
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(report["dispute"]["by_timeout"], false);
    assert_eq!(report["dispute"]["final_step"]["stage"], "instruction");
    assert_eq!(path(&report), [3, 6000]);
    assert_eq!(report["output"]["final"], false);
    assert_ne!(report["output"]["root"], report["output"]["true_root"]);
    let moves = report["dispute"]["moves"].as_array().expect("moves");
    let kinds: Vec<&str> = moves.iter().filter_map(|made| made["kind"].as_str()).collect();
    assert_eq!(kinds[..5], ["open", "reveal", "reject", "narrow", "open"]);
    assert_eq!(kinds.last(), Some(&"step"));
    let rounds = report["dispute"]["rounds"].as_u64().expect("rounds");
    assert_eq!(rounds as usize, kinds.iter().filter(|kind| **kind == "reveal").count());
    assert_eq!(gained(&report, 0), 0, "the fee goes back");
    assert_eq!(gained(&report, 1), -1_000_000_000_000_000_000, "the bond is lost");
    assert!(gained(&report, 2) > 0, "the challenger profits");
    for key in ["spec", "model", "native", "vm", "commitments", "chain"] {
        assert!(!report[key].is_null(), "the report has `{key}`");
    }
    assert_eq!(report["model"]["nodes"], 4);
    assert!(report["vm"]["steps"].as_u64() > Some(100_000));
}

#[test]
fn an_honest_server_is_accepted() {
    let report = committed("mnist-honest");
    assert!(report["dispute"].is_null());
    assert_eq!(report["output"]["final"], true);
    assert_eq!(report["output"]["root"], report["output"]["true_root"]);
    let values = report["output"]["values"].as_array().expect("values");
    let seven = values[7].as_f64();
    assert!(
        values
            .iter()
            .enumerate()
            .all(|(class, value)| class == 7 || value.as_f64() < seven),
        "the digit is a seven"
    );
    assert_eq!(
        (gained(&report, 0), gained(&report, 1)),
        (-10_000_000_000_000_000, 10_000_000_000_000_000),
        "the fee is earned"
    );
    assert!(
        report["commitments"]["happy_path_bytes"].as_u64() < Some(10_000),
        "inputs and outputs only"
    );
}

#[test]
fn a_lying_challenger_loses_its_bond() {
    let report = committed("mnist-false-challenge");
    assert_eq!(report["dispute"]["verdict"], "defender");
    assert_eq!(report["output"]["final"], true);
    assert!(gained(&report, 1) > 10_000_000_000_000_000, "more than the fee");
    assert_eq!(gained(&report, 2), -100_000_000_000_000_000);
}

#[test]
fn the_whole_inference_can_be_disputed_in_one_stage() {
    let report = committed("mnist-single-stage");
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(path(&report), [123_000]);
}

#[test]
fn a_convolutional_network_in_two_stages() {
    let report = committed("mnist-cnn");
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(path(&report), [6, 32_400]);
}

/// The network as it was trained: soft floats in the machine give the native output's very bits, and a contract executes one of their steps.
#[test]
fn a_float_network_down_to_one_instruction() {
    let report = committed("mnist-float");
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(path(&report), [2, 5, 60_000]);
    assert!(report["vm"]["steps"].as_u64().expect("the machine ran") > 10_000_000);
}

#[test]
fn a_convolutional_network_in_three_stages() {
    let report = committed("mnist-node");
    assert_eq!(report["pipeline"], serde_json::json!(["graph", "node", "instruction"]));
    assert_eq!(report["dispute"]["verdict"], "challenger");
    assert_eq!(path(&report), [3, 3, 290_000]);
    let stages = report["dispute"]["stages"].as_array().expect("stages");
    let kinds: Vec<&Value> = stages.iter().map(|stage| &stage["kind"]).collect();
    assert_eq!(kinds, ["graph", "node", "instruction"]);
}

#[test]
fn any_fault_can_be_planted_at_any_depth() {
    let faults: [(&str, &str, &str, &[u64]); 7] = [
        (
            "mnist",
            "at: [{ graph: 3 }, { instruction: 6000 }], part: output, byte: 4",
            "at: [{ graph: 2 }], byte: 9",
            &[2],
        ),
        (
            "mnist",
            "at: [{ graph: 3 }, { instruction: 6000 }], part: output, byte: 4",
            "at: [{ graph: 0 }], byte: 300",
            &[0],
        ),
        (
            "mnist",
            "at: [{ graph: 3 }, { instruction: 6000 }], part: output, byte: 4",
            "at: [{ graph: 1 }], byte: 350",
            &[1],
        ),
        (
            "mnist-node",
            "at: [{ graph: 3 }, { node: 3 }, { instruction: 290000 }], part: output, byte: 4",
            "at: [{ graph: 1 }, { node: 2 }], byte: 77",
            &[1, 2],
        ),
        (
            "mnist-node",
            "at: [{ graph: 3 }, { node: 3 }, { instruction: 290000 }], part: output, byte: 4",
            "at: [{ graph: 6 }], byte: 0",
            &[6, 0],
        ),
        (
            "mnist-single-stage",
            "part: scratch, byte: 1050500",
            "part: scratch, byte: 1050498",
            &[123_000],
        ),
        (
            "mnist-single-stage",
            "instruction: 123000 }], part: scratch, byte: 1050500",
            "instruction: 123585 }], part: output, byte: 1",
            &[123_585],
        ),
    ];
    for (spec, from, to, prefix) in faults {
        let folder = folder();
        let spec = variant(folder.path(), spec, &[(from, to)]);
        let report = report(folder.path(), &spec);
        assert_eq!(report["dispute"]["verdict"], "challenger", "{to}");
        assert_eq!(path(&report)[..prefix.len()], *prefix, "{to}");
    }
}

#[test]
fn every_committed_digit_is_read_right_by_both_networks() {
    let digits = root().join("examples/mnist/digits");
    for network in ["mlp.onnx", "cnn.onnx"] {
        let folder = folder();
        let mut read = 0;
        for entry in std::fs::read_dir(&digits).expect("the digits") {
            let picture = entry.expect("an entry").path();
            if picture.extension().is_none_or(|extension| extension != "png") {
                continue;
            }
            let name = picture.file_name().expect("a name").to_string_lossy().into_owned();
            let label: usize = name[..1].parse().expect("names begin with their label");
            let spec = variant(
                folder.path(),
                "mnist-honest",
                &[("seven.png", &format!("digits/{name}")), ("mlp.onnx", network)],
            );
            let report = report(folder.path(), &spec);
            let values: Vec<f64> = report["output"]["values"]
                .as_array()
                .expect("values")
                .iter()
                .filter_map(Value::as_f64)
                .collect();
            let greatest =
                (0..values.len()).fold(0, |best, class| if values[class] > values[best] { class } else { best });
            assert_eq!(greatest, label, "{network} on {name}");
            read += 1;
        }
        assert_eq!(read, 30, "three of each digit are committed");
    }
}

#[test]
fn two_runs_say_the_same_and_quiet_says_the_verdict() {
    let folder = folder();
    let spec = variant(folder.path(), "mnist", &[]);
    let first = opml_run(folder.path(), &[&spec, "--quiet", "--model-file", "a.opml"]);
    assert_eq!(
        (first.code, first.stdout.as_str()),
        (0, "mnist: rejected: the challenger proved it wrong\n"),
        "{}",
        first.stderr
    );
    assert_eq!(
        opml_run(folder.path(), &[&spec, "-q", "--model-file", "b.opml"]).code,
        0
    );
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a model file");
    assert_eq!(read("a.opml"), read("b.opml"), "same source, same bytes");
}

#[test]
fn a_challenger_that_takes_no_part_leaves_a_lie_standing() {
    let folder = folder();
    let spec = variant(folder.path(), "mnist", &[("challenger: honest", "challenger: none")]);
    let report = report(folder.path(), &spec);
    assert!(report["dispute"].is_null());
    assert_eq!(report["output"]["final"], true);
    assert_ne!(report["output"]["root"], report["output"]["true_root"]);
}
