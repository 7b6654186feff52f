//! A plan foretells what a dispute then takes, and holds clocks against measured work.

mod program;

use std::path::Path;

use program::{Ended, folder, opml_run, variant};
use serde_json::Value;
use tempfile::TempDir;

/// Gas may differ from what was planned by this share of it.
const TOLERANCE: f64 = 0.01;

fn read(folder: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(name)).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

fn planned(spec: &str, changes: &[(&str, &str)]) -> (TempDir, Value) {
    let folder = folder();
    let file = variant(folder.path(), spec, changes);
    let ended = opml_run(folder.path(), &["plan", &file, "-q", "--report", "plan.json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let plan = read(folder.path(), "plan.json");
    (folder, plan)
}

fn played(spec: &str, changes: &[(&str, &str)]) -> Value {
    let folder = folder();
    let file = variant(folder.path(), spec, changes);
    let ended = opml_run(folder.path(), &[&file, "-q", "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    read(folder.path(), "report.json")
}

/// The measures of a play that a plan has, too.
struct Measured {
    rounds: u64,
    transactions: u64,
    gas: u64,
    payout: u64,
    at_64: u64,
}

fn measured(report: &Value) -> Measured {
    let number = |value: &Value| value.as_u64().expect("a number");
    let transactions = report["transactions"].as_array().expect("transactions");
    let moves = report["dispute"]["moves"].as_array().expect("moves");
    let first = transactions.iter().position(|sent| sent["action"] == "challenge");
    let first = first.expect("a challenge");
    let last = moves.iter().map(|made| number(&made["transaction"])).max();
    let last = last.expect("moves") as usize;
    let sum = |part: &[Value]| part.iter().map(|sent| number(&sent["gas"])).sum();
    let fought = &transactions[first..=last];
    let gas = sum(fought);
    assert_eq!(
        gas,
        number(&report["dispute"]["gas_total"]),
        "the moves name their transactions"
    );
    let at_64 = fought
        .iter()
        .map(|sent| number(&sent["gas"]).max(21_000 + 64 * number(&sent["calldata_bytes"])));
    Measured {
        rounds: number(&report["dispute"]["rounds"]),
        transactions: (transactions.len() - first) as u64,
        gas,
        payout: sum(&transactions[last + 1..]),
        at_64: at_64.sum(),
    }
}

fn near(what: &str, planned: &Value, measured: u64) {
    let planned = planned.as_u64().expect("a number") as f64;
    let off = planned / measured as f64 - 1.0;
    println!("{what}: {:+.2} %", off * 100.0);
    assert!(off.abs() <= TOLERANCE, "{what}: {planned} planned, {measured} measured");
}

/// The plan's line for this arity is what the play took.
fn agree(what: &str, plan: &Value, arity: u64, report: &Value) {
    let lines = plan["arities"].as_array().expect("a line an arity");
    let line = lines.iter().find(|line| line["arity"] == arity).expect("every arity");
    let measured = measured(report);
    assert_eq!(line["rounds"], measured.rounds, "{what}");
    assert_eq!(line["transactions"], measured.transactions, "{what}");
    near(&format!("{what}: gas"), &line["gas"], measured.gas);
    near(&format!("{what}: payout"), &line["payout_gas"], measured.payout);
    near(&format!("{what}: gas at 64 a byte"), &line["gas_at_64"], measured.at_64);
    let paid = |key: &str| line[key].as_u64().expect("a number");
    assert_eq!(paid("proposer_gas") + paid("challenger_gas"), paid("gas"), "{what}");
}

#[test]
fn every_arity_takes_what_was_planned() {
    for spec in ["mnist", "life"] {
        let (_, plan) = planned(spec, &[]);
        for arity in (1..=8).map(|power| 1u64 << power) {
            let report = played(spec, &[("arity: 16", &format!("arity: {arity}"))]);
            agree(&format!("{spec} at {arity}"), &plan, arity, &report);
        }
    }
}

#[test]
fn every_pipeline_takes_what_was_planned() {
    for spec in [
        "mnist-cnn",
        "mnist-node",
        "mnist-float",
        "mnist-single-stage",
        "mnist-false-challenge",
        "mnist-batch",
        "counter-loops",
        "tiled-matmul",
    ] {
        let (_, plan) = planned(spec, &[]);
        agree(spec, &plan, 16, &played(spec, &[]));
    }
}

#[test]
fn the_other_machine_takes_what_was_planned() {
    let riscv = [
        ("plugins: [onnx, dnn, mips]", "plugins: [onnx, dnn, riscv]"),
        ("vm: mips", "vm: riscv"),
        ("instruction: 6000", "instruction: 5500"),
    ];
    let (_, plan) = planned("mnist", &riscv);
    agree("mnist on riscv", &plan, 16, &played("mnist", &riscv));
}

/// Without a lie, the plan is for one in the dearest work; a party who then lies just there pays what was planned.
#[test]
fn an_honest_spec_is_planned_for_its_dearest_work() {
    let (_, plan) = planned("mnist-honest", &[]);
    assert_eq!(plan["place"][0], 2, "the widest layer");
    let lie = format!(
        "proposer: {{ lies: {{ at: [{{ graph: 2 }}, {{ instruction: {} }}], part: output, byte: 1 }} }}",
        plan["place"][1]
    );
    let report = played("mnist-honest", &[("proposer: honest", &lie)]);
    agree("the dearest work", &plan, 16, &report);
}

#[test]
fn a_lie_told_above_the_machine_is_planned_to_the_last_step() {
    let above = [("{ graph: 3 }, { instruction: 6000 }", "{ graph: 3 }")];
    let (_, plan) = planned("mnist", &above);
    agree("a lie about a node", &plan, 16, &played("mnist", &above));
}

#[test]
fn the_plan_is_told_with_its_clocks() {
    let folder = folder();
    let file = variant(folder.path(), "mnist", &[("clock: 1h", "clock: 1h, unit: 10m")]);
    let Ended { code, stdout, stderr } = opml_run(folder.path(), &["plan", &file]);
    assert_eq!(code, 0, "{stderr}");
    for line in [
        "mnist  [graph, instruction]: a dispute that ends at node 3 `fc2`, instruction 6,000",
        "  a result is final 1d after it was posted; a game delays that by at most 4h, each further one by at most 40m more",
    ] {
        assert!(stdout.lines().any(|told| told == line), "{stdout}");
    }
    let own: Vec<&str> = stdout.lines().filter(|line| line.starts_with('→')).collect();
    assert!(matches!(own[..], [line] if line.contains(" 16 ")), "{stdout}");
}

#[test]
fn what_cannot_be_planned_is_said() {
    for (changes, said) in [
        (
            ("instruction: 6000", "instruction: 6000000"),
            "error: parties.proposer.lies: it names step 6000000, but the program has 6212 steps, 0 to 6211\n",
        ),
        (
            ("{ graph: 3 }", "{ graph: 99 }"),
            "error: parties.proposer.lies: it names part 99 of the graph stage, which has 4, 0 to 3\n",
        ),
    ] {
        let folder = folder();
        let file = variant(folder.path(), "mnist", &[changes]);
        let ended = opml_run(folder.path(), &["plan", &file, "-q"]);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(ended.stderr.starts_with(said), "{}", ended.stderr);
    }
}
