//! A finished play is judged again: the same verdict, every move in words, and whatever was altered is named.

mod program;

use std::path::Path;

use program::{Ended, folder, opml_run, variant};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with the report of a committed spec in it.
fn played(spec: &str) -> (TempDir, Value) {
    let folder = folder();
    let file = variant(folder.path(), spec, &[]);
    let ended = opml_run(folder.path(), &[&file, "-q", "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let text = std::fs::read_to_string(folder.path().join("report.json")).expect("the report");
    (folder, serde_json::from_str(&text).expect("JSON"))
}

fn judged(folder: &Path, report: &Value) -> Ended {
    std::fs::write(folder.join("altered.json"), report.to_string()).expect("a writable folder");
    opml_run(folder, &["replay", "altered.json"])
}

/// What is said of a report with a change.
fn altered(folder: &Path, report: &Value, change: impl FnOnce(&mut Value)) -> String {
    let mut report = report.clone();
    change(&mut report);
    let ended = judged(folder, &report);
    assert_eq!(ended.code, 2, "{}{}", ended.stdout, ended.stderr);
    ended.stderr
}

#[test]
fn every_move_is_told_and_the_verdict_is_the_same() {
    for (spec, says) in [
        (
            "mnist-node",
            &[
                "says that root 3 is the first wrong one: what is disputed is node 3",
                "proves what node 3, a `conv2d_i8` was computed from",
                "opens the node stage: blocks 0 … 12",
                "the machine executes step 290,000 again",
                "→ the game is over: the challenger is right (by execution)",
                "→ the challenger is owed 0.575 ether more",
                "the same verdict: the result is false",
            ][..],
        ),
        (
            "mnist-false-challenge",
            &[
                "→ the game is over: the proposer is right (by execution)",
                "the window is over and no game is open: the result becomes final",
                "→ the proposer is owed 1.085 ether more",
                "the same verdict: the challenge failed",
            ],
        ),
        (
            "mnist-honest",
            &["the same verdict: nobody challenged the result, and it became final"],
        ),
        (
            "counter-loops",
            &["what is disputed is pass 1", "the same verdict: the result is false"],
        ),
    ] {
        let (folder, report) = played(spec);
        let ended = judged(folder.path(), &report);
        assert_eq!(ended.code, 0, "{spec}: {}", ended.stderr);
        for words in says {
            assert!(
                ended.stdout.contains(words),
                "{spec} does not say `{words}`:\n{}",
                ended.stdout
            );
        }
    }
}

#[test]
fn every_transaction_that_is_altered_is_named() {
    let (folder, report) = played("mnist");
    let transactions = report["transcript"]["transactions"].as_array().expect("transactions");
    for (number, transaction) in transactions.iter().enumerate() {
        let data = transaction["data"].as_str().expect("data").to_string();
        // The last digit of a word that means something: of what an open, a reveal or a step carries, the end may be padding.
        let place = data.len() / 2;
        let digit = if &data[place..=place] == "0" { "1" } else { "0" };
        let said = altered(folder.path(), &report, |report| {
            let other = format!("{}{digit}{}", &data[..place], &data[place + 1..]);
            report["transcript"]["transactions"][number]["data"] = other.into();
        });
        assert!(said.starts_with("error: altered.json: "), "{said}");
        let gas = transaction["gas"].as_u64().expect("gas");
        let said = altered(folder.path(), &report, |report| {
            report["transcript"]["transactions"][number]["gas"] = (gas + 1).into();
        });
        let (action, by) = (&transaction["action"], &transaction["by"]);
        assert_eq!(
            said,
            format!(
                "error: altered.json: transaction {number}, `{}` by the {}: it takes {gas} gas, the report says {}\n",
                action.as_str().expect("a name"),
                by.as_str().expect("a role"),
                gas + 1
            )
        );
    }
}

#[test]
fn verdicts_outputs_contracts_and_files_that_are_not_right_are_named() {
    let (folder, report) = played("mnist");
    let said = |change: fn(&mut Value)| altered(folder.path(), &report, change);
    assert_eq!(
        said(|report| report["dispute"]["verdict"] = "defender".into()),
        "error: altered.json: the report's verdict is `defender`, but its transactions lead to `challenger`\n"
    );
    assert_eq!(
        said(|report| report["dispute"]["by_timeout"] = true.into()),
        "error: altered.json: the report's verdict is `challenger` by the clock, but its transactions lead to `challenger`\n"
    );
    assert!(
        said(|report| report["output"]["root"] = "0x00".into())
            .starts_with("error: altered.json: the report says output 0x00 (final: false), but ")
    );
    let hash = said(|report| report["transcript"]["contracts"]["machine mips"]["code_hash"] = "0x12".into());
    assert!(
        hash.starts_with("error: altered.json: the contract `machine mips` was 0x12, this program's is 0x"),
        "{hash}"
    );
    let missing = said(|report| {
        report.as_object_mut().expect("a report").remove("transcript");
    });
    assert!(
        missing.starts_with("error: altered.json has no transcript"),
        "{missing}"
    );
    let step = said(|report| {
        let moves = report["transcript"]["transactions"]
            .as_array_mut()
            .expect("transactions");
        let step = moves
            .iter()
            .position(|made| made["action"] == "multicall")
            .expect("a batch");
        moves.remove(step);
    });
    assert!(step.contains("the contract refuses it: NotThePosition("), "{step}");
    std::fs::write(folder.path().join("altered.json"), "{").expect("a writable folder");
    let ended = opml_run(folder.path(), &["replay", "altered.json"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .starts_with("error: altered.json is no report of this program: "),
        "{}",
        ended.stderr
    );
    assert_eq!(opml_run(folder.path(), &["replay", "nowhere.json"]).code, 2);
}
