//! A lie at every pass, node and block, and at sampled steps, in every pipeline: whoever lies loses by the last move, and an honest
//! defender is never without one.

use std::sync::Arc;

use bytes::Bytes;
use opml_conformance::{
    LoopSample, Noise, Pairing, Sample, challenger_lies, defender_lies, fed_constants, iterated, layered, nested,
    one_pass, packable, places, probed, shared_inputs, two_bodies,
};
use opml_engine::{Choice, Fault, FaultPart, MoveError, StageError, Stuck};
use opml_graph::SilentHost;
use opml_mips::Mips;
use opml_native::{Native, guest_images};
use opml_stages::{Machinery, Pipeline, Workload};

fn machinery() -> Machinery {
    Machinery {
        compute: Arc::new(Native),
        threads: 1,
        vm: Arc::new(Mips),
        image: guest_images()
            .into_iter()
            .find(|image| image.vm == "mips")
            .expect("its image"),
        host: Arc::new(SilentHost),
        watch: None,
    }
}

struct Case {
    kinds: &'static [&'static str],
    workload: Workload,
    values: Vec<Bytes>,
}

impl Case {
    fn graph(kinds: &'static [&'static str], sample: Sample) -> Case {
        Case {
            kinds,
            workload: Arc::new(sample.model).into(),
            values: sample.feed,
        }
    }

    fn of_loop(kinds: &'static [&'static str], sample: LoopSample) -> Case {
        Case {
            kinds,
            workload: sample.model.into(),
            values: sample.values,
        }
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::new(self.kinds, self.workload.clone(), &machinery()).expect("the samples enter")
    }

    /// Plays every lie of the defender, with payloads damaged on the way, and of the challenger, and a challenge at every place.
    fn check(&self, arity: u64, steps: u64) {
        let pipeline = self.pipeline();
        let honest = Pairing::new(&pipeline, &self.values, arity);
        let mut noise = Noise::new(arity);
        // By whether the lie is about a step: how many could be told, and how many there are.
        let mut told = [[0, 0]; 2];
        for place in places(self.kinds, &self.workload, steps, arity) {
            let [lies, all] = &mut told[usize::from(place.is_step)];
            let tries = if place.is_step { 24 } else { 4 };
            *all += 1;
            let rules = probed(&pipeline.rules, 6, noise.number());
            let pairing = Pairing {
                rules,
                ..Pairing::new(&pipeline, &self.values, arity)
            };
            // A lie may be masked, or lie past a run's end: then another one is tried.
            let lie = (0..tries)
                .map(|_| place.lie(&mut noise))
                .find(|lie| match defender_lies(&pairing, lie) {
                    Ok(_) => true,
                    Err(StageError::Fault { .. }) => false,
                    Err(other) => panic!("{:?}: {lie:?}: {other}", self.kinds),
                });
            *lies += usize::from(lie.is_some());
            let lie = lie.unwrap_or_else(|| place.lie(&mut noise));
            challenger_lies(&honest, Some(lie), Choice::Compare);
            challenger_lies(&honest, None, Choice::Steer(place.path));
        }
        let [[lies, all], steps] = told;
        assert!(lies * 2 >= all && steps[0] > 0, "{told:?} of {:?}", self.kinds);
    }

    /// A lie that reaches the output whatever it is computed through: about the output itself.
    fn check_with_all_damage(&self, path: &[u64], byte: u64) {
        let pipeline = self.pipeline();
        let rules = probed(&pipeline.rules, 400, 9);
        let pairing = Pairing {
            rules,
            ..Pairing::new(&pipeline, &self.values, 4)
        };
        let lie = Fault {
            path: path.to_vec(),
            part: FaultPart::Output { byte },
        };
        defender_lies(&pairing, &lie).expect("it can be told");
    }
}

#[test]
fn one_stage() {
    Case::graph(&["instruction"], layered(1)).check(16, 12);
}

#[test]
fn graph_and_instruction() {
    Case::graph(&["graph", "instruction"], layered(2)).check(4, 2);
    Case::graph(&["graph", "instruction"], shared_inputs(2)).check(2, 2);
}

#[test]
fn graph_node_and_instruction() {
    Case::graph(&["graph", "node", "instruction"], layered(3)).check(16, 1);
}

#[test]
fn a_loop_over_graphs() {
    const KINDS: &[&str] = &["loop", "graph", "instruction"];
    Case::of_loop(KINDS, iterated(4)).check(2, 1);
    Case::of_loop(KINDS, one_pass(5)).check(16, 1);
    Case::of_loop(KINDS, two_bodies(6)).check(4, 1);
}

#[test]
fn a_loop_over_graphs_to_blocks() {
    const KINDS: &[&str] = &["loop", "graph", "node", "instruction"];
    Case::of_loop(KINDS, iterated(7)).check(4, 1);
    Case::of_loop(KINDS, two_bodies(8)).check(16, 1);
}

#[test]
fn loops_in_loops() {
    const KINDS: &[&str] = &["loop", "loop", "graph", "instruction"];
    Case::of_loop(KINDS, nested(9)).check(4, 1);
    Case::of_loop(KINDS, fed_constants(10)).check(2, 1);
}

#[test]
fn a_loop_over_packed_graphs() {
    Case::of_loop(&["loop", "instruction"], packable(11)).check(4, 4);
}

#[test]
fn damage_to_every_payload_of_a_loop() {
    Case::of_loop(&["loop", "graph", "node", "instruction"], two_bodies(12)).check_with_all_damage(&[3], 153);
    Case::of_loop(&["loop", "loop", "graph", "instruction"], nested(13)).check_with_all_damage(&[1, 2], 299);
    Case::of_loop(&["loop", "instruction"], packable(14)).check_with_all_damage(&[3], 59);
}

#[test]
fn a_pass_that_does_not_exist_cannot_be_named() {
    let case = Case::of_loop(&["loop", "graph", "instruction"], iterated(15));
    let pipeline = case.pipeline();
    for (arity, part) in [(2, 5), (2, 7), (4, 6), (16, 5), (16, 7)] {
        let pairing = Pairing::new(&pipeline, &case.values, arity);
        let played = challenger_lies(&pairing, None, Choice::Steer(vec![part]));
        assert!(
            matches!(
                played.stuck,
                Some(Stuck::Move(MoveError::PartOutOfRange { count: 5, .. }))
            ),
            "{played:?}"
        );
    }
}

#[test]
fn lies_of_loops_that_cannot_be_told_are_named() {
    let case = Case::of_loop(&["loop", "loop", "graph", "instruction"], nested(16));
    let pipeline = case.pipeline();
    let pairing = Pairing::new(&pipeline, &case.values, 4);
    for (path, byte, expected) in [
        (
            &[2][..],
            0,
            "the planted fault names part 2 of the loop stage, which has 2, 0 to 1",
        ),
        (
            &[1, 3],
            0,
            "the planted fault names part 3 of the loop stage, which has 3, 0 to 2",
        ),
        (
            &[0],
            450,
            "the planted fault names byte 450 of what pass 0 hands on, which has 450",
        ),
        (
            &[],
            150,
            "the planted fault names byte 150 of the loop's output, which has 150",
        ),
    ] {
        let lie = Fault {
            path: path.to_vec(),
            part: FaultPart::Output { byte },
        };
        let refused = defender_lies(&pairing, &lie).expect_err("it cannot be told");
        assert_eq!(refused.to_string(), expected);
    }
}
