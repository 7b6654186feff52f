//! Every honest/lying pairing at every place of small counters: the honest side always wins.

use crate::setup::{self, Setup};
use opml_engine::counter::word_of;
use opml_engine::{Choice, Claim, Fault, FaultPart, MemoryStore, Party, Stuck, Winner, evaluate_lie, rehearse};

fn output_fault(path: &[u64]) -> Fault {
    Fault {
        path: path.to_vec(),
        part: FaultPart::Output { byte: 2 },
    }
}

/// Every path of part indices, and every prefix of one, below the given counts.
fn every_path(counts: &[u64]) -> Vec<Vec<u64>> {
    let mut paths = vec![vec![]];
    let mut row: Vec<Vec<u64>> = vec![vec![]];
    for count in counts {
        row = row
            .iter()
            .flat_map(|path| (0..*count).map(move |part| [&path[..], &[part]].concat()))
            .collect();
        paths.extend(row.iter().cloned());
    }
    paths
}

fn defender_lies(setup: &Setup, arity: u64, fault: &Fault) {
    let (mine, his) = (MemoryStore::default(), MemoryStore::default());
    setup.program.put(&mine);
    setup.program.put(&his);
    let first = setup.stages[0].as_ref();
    let inputs = word_of(setup.value);
    let output =
        evaluate_lie(first, &setup.program.root(), &inputs, &mine, fault).expect("odd multipliers mask nothing");
    let claim = Claim {
        program: setup.program.root(),
        inputs,
        output,
    };
    let party = |store, fault| Party {
        stages: &setup.stages,
        store,
        fault,
        choice: Choice::Compare,
    };
    let game = setup.game(&claim, arity);
    let played = rehearse(game, claim, &party(&mine, Some(fault.clone())), &party(&his, None));
    assert_eq!(played.winner, Winner::Challenger, "{fault:?} {played:?}");
    assert!(
        played.stuck.is_none(),
        "the liar plays to the last step: {fault:?} {played:?}"
    );
}

fn challenger_lies(setup: &Setup, arity: u64, fault: Option<Fault>, choice: Choice) {
    let (mine, his) = (MemoryStore::default(), MemoryStore::default());
    setup.program.put(&mine);
    setup.program.put(&his);
    let inputs = word_of(setup.value);
    let claim = Claim {
        program: setup.program.root(),
        inputs,
        output: word_of(setup.program.run(setup.value)),
    };
    let defender = Party {
        stages: &setup.stages,
        store: &mine,
        fault: None,
        choice: Choice::Compare,
    };
    let challenger = Party {
        stages: &setup.stages,
        store: &his,
        fault,
        choice,
    };
    let played = rehearse(setup.game(&claim, arity), claim, &defender, &challenger);
    assert_eq!(played.winner, Winner::Defender, "{played:?}");
    assert!(
        !matches!(played.stuck, Some(Stuck::Stage(_))),
        "nobody is unable to compute: {played:?}"
    );
}

#[test]
fn a_lying_defender_loses_wherever_the_lie_is() {
    for setup in setup::all() {
        for arity in [2, 4, 16] {
            for path in every_path(&setup.counts) {
                defender_lies(&setup, arity, &output_fault(&path));
            }
        }
    }
}

#[test]
fn a_lie_about_the_machines_program_loses() {
    let setup = setup::looped(5, 6);
    for arity in [2, 4, 16] {
        for step in 0..6 {
            for byte in [7, 15, 23] {
                let fault = Fault {
                    path: vec![3, step],
                    part: FaultPart::Scratch { byte },
                };
                let store = MemoryStore::default();
                setup.program.put(&store);
                let inputs = word_of(setup.value);
                let lie = evaluate_lie(setup.stages[0].as_ref(), &setup.program.root(), &inputs, &store, &fault);
                if lie.is_ok() {
                    defender_lies(&setup, arity, &fault);
                } else {
                    assert!(
                        step >= 4,
                        "only late changes can be masked or end in a fault: step {step}, byte {byte}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_lying_challenger_loses_wherever_he_heads() {
    for setup in setup::all() {
        for arity in [2, 4, 16] {
            for path in every_path(&setup.counts) {
                challenger_lies(&setup, arity, Some(output_fault(&path)), Choice::Compare);
                challenger_lies(&setup, arity, None, Choice::Steer(path));
            }
        }
    }
}

#[test]
fn a_challenger_without_a_case_loses() {
    for setup in setup::all() {
        challenger_lies(&setup, 4, None, Choice::Compare);
    }
}

#[test]
fn a_masked_or_impossible_lie_is_named() {
    let setup = setup::machine(4);
    let store = MemoryStore::default();
    setup.program.put(&store);
    let lie = |path: &[u64], part| {
        let fault = Fault {
            path: path.to_vec(),
            part,
        };
        let stage = setup.stages[0].as_ref();
        evaluate_lie(stage, &setup.program.root(), &word_of(setup.value), &store, &fault)
            .expect_err("no output to claim")
            .to_string()
    };
    let masked = lie(&[3], FaultPart::Scratch { byte: 0 });
    assert!(masked.contains("masked"), "{masked}");
    let beyond = lie(&[4], FaultPart::Output { byte: 0 });
    assert!(beyond.contains("4 steps, 0 to 3"), "{beyond}");
    let endless = lie(&[1], FaultPart::Scratch { byte: 16 });
    assert!(endless.contains("has not halted"), "{endless}");
    let early = lie(&[2], FaultPart::Scratch { byte: 23 });
    assert!(early.contains("exit code 1"), "{early}");
    let deep = lie(&[1, 1], FaultPart::Output { byte: 0 });
    assert!(deep.contains("below the machine"), "{deep}");
}
