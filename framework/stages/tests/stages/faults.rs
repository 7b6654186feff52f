//! Lies that cannot be told are named, with what exists.

use opml_conformance::{Pairing, defender_lies, layered, shared_inputs};
use opml_engine::{Fault, FaultPart, StageError};

use crate::bench::{PIPELINES, pipeline};

fn refusal(kinds: &[&str], path: &[u64], part: FaultPart) -> String {
    let sample = shared_inputs(1);
    let pipeline = pipeline(kinds, &sample);
    let fault = Fault {
        path: path.to_vec(),
        part,
    };
    match defender_lies(&Pairing::new(&pipeline, &sample.feed, 4), &fault) {
        Err(StageError::Fault { reason }) => reason,
        other => panic!("{fault:?} gave {other:?}"),
    }
}

fn names(reason: &str, words: &[&str]) {
    for word in words {
        assert!(reason.contains(word), "`{reason}` should say `{word}`");
    }
}

const OUTPUT: FaultPart = FaultPart::Output { byte: 0 };

#[test]
fn places_that_do_not_exist() {
    let beyond = FaultPart::Output { byte: 256 };
    names(
        &refusal(PIPELINES[1], &[4], OUTPUT),
        &["part 4", "graph", "which has 4, 0 to 3"],
    );
    names(
        &refusal(PIPELINES[1], &[2], beyond),
        &["byte 256", "node 2 `add`", "has 256"],
    );
    names(&refusal(PIPELINES[1], &[1], OUTPUT), &["node 1 `gap`", "has 0"]);
    names(&refusal(PIPELINES[1], &[1, 5], OUTPUT), &["below node 1 `gap`"]);
    names(&refusal(PIPELINES[2], &[2, 2], OUTPUT), &["part 2", "node", "has 2"]);
    names(
        &refusal(PIPELINES[2], &[2, 1], FaultPart::Output { byte: 128 }),
        &["byte 128 of block 1", "has 128"],
    );
    names(
        &refusal(PIPELINES[2], &[2, 1, 0], FaultPart::Output { byte: 128 }),
        &["byte 128 of the output", "has 128"],
    );
    names(
        &refusal(PIPELINES[0], &[1 << 40], OUTPUT),
        &["step 1099511627776", "0 to"],
    );
    names(&refusal(PIPELINES[0], &[1, 2], OUTPUT), &["below the machine"]);
}

#[test]
fn parts_that_only_the_machine_has() {
    names(
        &refusal(PIPELINES[1], &[2], FaultPart::ProgramCounter),
        &["only the machine", "ProgramCounter"],
    );
    names(
        &refusal(PIPELINES[2], &[2, 0], FaultPart::Register { number: 3 }),
        &["only the machine", "Register"],
    );
}

#[test]
fn masked_lies_and_machines_that_no_contract_accepts() {
    names(
        &refusal(PIPELINES[0], &[0], FaultPart::Register { number: 23 }),
        &["masked"],
    );
    let reason = refusal(PIPELINES[1], &[2, 9], FaultPart::ProgramCounter);
    assert!(
        ["exit code", "has not halted", "masked"]
            .iter()
            .any(|word| reason.contains(word)),
        "{reason}"
    );
}

#[test]
fn an_output_node_is_meant_when_no_part_is_named() {
    let sample = layered(1);
    let pipeline = pipeline(PIPELINES[1], &sample);
    let fault = Fault {
        path: vec![],
        part: FaultPart::Output { byte: 299 },
    };
    let played = defender_lies(&Pairing::new(&pipeline, &sample.feed, 4), &fault).expect("it can be told");
    assert!(
        played.moves.iter().all(|made| made.stage == 0),
        "an alias is decided in the graph stage"
    );
}
