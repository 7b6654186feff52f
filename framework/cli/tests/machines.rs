//! A spec gives the same result and the same verdict in every machine that the guest is built for (`vms/guest/machines`).

mod program;

use program::{folder, opml_run, root, variant};
use serde_json::Value;

/// Plays `mnist` as committed but for its machine and the step of the lie, which every machine has, and gives the report.
fn play(machine: &str) -> Value {
    let folder = folder();
    let changes = [
        ("plugins: [onnx, dnn, mips]", format!("plugins: [onnx, dnn, {machine}]")),
        ("{ instruction: 6000 }", "{ instruction: 5500 }".into()),
        ("instruction: { vm: mips }", format!("instruction: {{ vm: {machine} }}")),
    ];
    let changes = changes.each_ref().map(|(from, to)| (*from, to.as_str()));
    let spec = variant(folder.path(), "mnist", &changes);
    let ended = opml_run(folder.path(), &[&spec, "--report", "report.json"]);
    assert_eq!(ended.code, 0, "{machine}: {}{}", ended.stdout, ended.stderr);
    let text = std::fs::read_to_string(folder.path().join("report.json")).expect("the report");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn every_machine_gives_the_same_result_and_verdict() {
    let machines = std::fs::read_to_string(root().join("vms/guest/machines")).expect("the guest's machines");
    let machines: Vec<&str> = machines.lines().filter_map(|line| line.split(' ').next()).collect();
    let reports: Vec<Value> = machines.iter().map(|machine| play(machine)).collect();
    for (machine, report) in machines.iter().zip(&reports) {
        assert_eq!(report["dispute"]["verdict"], "challenger", "{machine}");
        assert_eq!(
            report["dispute"]["final_step"]["path"],
            serde_json::json!([3, 5500]),
            "{machine}"
        );
        assert_eq!(report["vm"]["name"], *machine);
        for part in ["root", "true_root", "values"] {
            assert_eq!(
                report["output"][part], reports[0]["output"][part],
                "{part} in {machine}"
            );
        }
    }
    let steps: Vec<u64> = reports
        .iter()
        .filter_map(|report| report["vm"]["steps"].as_u64())
        .collect();
    assert_eq!(steps.len(), machines.len());
    assert!(
        machines.len() > 1 && steps[0] != steps[1],
        "{steps:?}: two machines of two kinds"
    );
}
