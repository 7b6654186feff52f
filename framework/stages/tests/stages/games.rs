//! Whole games: the verdict is right for every pairing.

use opml_conformance::{Noise, Pairing, Sample, challenger_lies, defender_lies, layered, one_clamp, shared_inputs};
use opml_engine::{Choice, Fault, FaultPart, StageError};
use opml_stages::Pipeline;

use crate::bench::{PIPELINES, pipeline};

fn fault(path: &[u64], part: FaultPart) -> Fault {
    Fault {
        path: path.to_vec(),
        part,
    }
}

/// Faults of all kinds at seeded places: paths of every length, steps spread over the whole run on a logarithmic scale.
fn faults(kinds: &[&str], sample: &Sample, seed: u64, count: usize) -> Vec<Fault> {
    let mut noise = Noise::new(seed);
    let nodes = sample.model.nodes.len() as u64;
    let one = |_| {
        let depth = noise.below(kinds.len() as u64 + 1) as usize;
        let node = noise.below(nodes);
        let bytes = sample.model.nodes[node as usize].record.output_bytes().max(1);
        let block = noise.below(u64::from(bytes.div_ceil(128)));
        let scale = 1 + noise.below(16);
        let step = noise.below(1 << scale);
        let path: Vec<u64> = kinds
            .iter()
            .take(depth)
            .map(|kind| match *kind {
                "graph" => node,
                "node" => block,
                _ => step,
            })
            .collect();
        let at_step = path.len() == kinds.len();
        let byte = match path.last() {
            Some(_) if path.len() > 1 && kinds.contains(&"node") => noise.below(44),
            Some(_) => noise.below(u64::from(bytes)),
            None => noise.below(100),
        };
        let part = match noise.below(5) {
            1 if at_step => FaultPart::Register {
                number: 1 + noise.below(31) as u8,
            },
            2 if at_step => FaultPart::ProgramCounter,
            3 if at_step => FaultPart::Scratch {
                byte: 0x10_0000 + noise.below(600),
            },
            _ => FaultPart::Output { byte },
        };
        fault(&path, part)
    };
    (0..count).map(one).collect()
}

fn check(kinds: &[&str], sample: &Sample, arity: u64, seed: u64, count: usize) {
    let pipeline: Pipeline = pipeline(kinds, sample);
    let pairing = Pairing::new(&pipeline, &sample.feed, arity);
    let mut played = 0;
    for fault in faults(kinds, sample, seed, count) {
        match defender_lies(&pairing, &fault) {
            Ok(_) => played += 1,
            Err(StageError::Fault { .. }) => {}
            Err(other) => panic!("{fault:?}: {other}"),
        }
        challenger_lies(&pairing, Some(fault.clone()), Choice::Compare);
        challenger_lies(&pairing, None, Choice::Steer(fault.path));
    }
    assert!(played * 4 >= count, "{played} of {count} lies could be told: {kinds:?}");
    challenger_lies(&pairing, None, Choice::Compare);
}

#[test]
fn one_stage() {
    check(PIPELINES[0], &layered(1), 16, 11, 12);
    check(PIPELINES[0], &shared_inputs(2), 2, 12, 6);
    check(PIPELINES[0], &one_clamp(3), 256, 13, 6);
}

#[test]
fn two_stages() {
    check(PIPELINES[1], &layered(1), 2, 21, 12);
    check(PIPELINES[1], &shared_inputs(2), 4, 22, 12);
    check(PIPELINES[1], &one_clamp(3), 16, 23, 6);
}

#[test]
fn three_stages() {
    check(PIPELINES[2], &layered(1), 4, 31, 12);
    check(PIPELINES[2], &shared_inputs(2), 16, 32, 12);
    check(PIPELINES[2], &one_clamp(3), 2, 33, 6);
}

#[test]
fn every_node_and_block_can_be_disputed() {
    for sample in [layered(5), shared_inputs(6)] {
        let pipeline = pipeline(PIPELINES[2], &sample);
        let pairing = Pairing::new(&pipeline, &sample.feed, 2);
        for (node, described) in (0..).zip(&sample.model.nodes) {
            let bytes = u64::from(described.record.output_bytes());
            let last = fault(
                &[node],
                FaultPart::Output {
                    byte: bytes.saturating_sub(1),
                },
            );
            match (defender_lies(&pairing, &last), bytes) {
                (Err(StageError::Fault { .. }), 0) => {}
                (played, _) => {
                    // A later clamp can mask the lie; nothing else is an error here.
                    if let Err(error) = played {
                        assert!(error.to_string().contains("masked"), "{error}");
                    }
                }
            }
            for block in 0..bytes.div_ceil(128) {
                challenger_lies(&pairing, None, Choice::Steer(vec![node, block, 40]));
            }
        }
    }
}

#[test]
fn a_game_takes_the_rounds_that_its_sizes_say() {
    let sample = layered(1);
    let pipeline = pipeline(PIPELINES[2], &sample);
    let pairing = Pairing::new(&pipeline, &sample.feed, 4);
    let lie = fault(&[3], FaultPart::Output { byte: 299 });
    let played = defender_lies(&pairing, &lie).expect("the sum is the output");
    let rounds = |stage| {
        let of_stage = played.moves.iter().filter(|made| made.stage == stage);
        of_stage.filter(|made| made.phase == opml_engine::Phase::Reject).count()
    };
    assert_eq!(rounds(0), 2, "5 nodes, a tree of 8, four at a time");
    assert_eq!(rounds(1), 1, "3 blocks, a tree of 4");
    assert!((3..=9).contains(&rounds(2)), "a block of 44 sums: {} rounds", rounds(2));
}
