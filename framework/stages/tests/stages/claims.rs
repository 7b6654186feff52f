//! How tasks enter, what parties compute, and what the rules make of it.

use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, VectorTree, slot_root, vector_zero};
use opml_conformance::{layered, one_clamp, several_outputs, shared_inputs};
use opml_engine::{Claim, MemoryStore, Phase, Position, Stage, StageError, StageRules, Store, Verdict, moves};
use opml_graph::{ComputeBackend, graph_inputs};
use opml_native::Native;
use opml_ops::GAP;
use opml_stages::{
    Entry, EntryError, GraphRules, GraphStage, InstructionRules, InstructionStage, NodeRules, PipelineError,
};

use crate::bench::{PIPELINES, machinery, pipeline};

#[test]
fn every_pipeline_gives_the_same_output() {
    for sample in [layered(7), shared_inputs(8), one_clamp(9)] {
        let outputs = PIPELINES.map(|kinds| {
            let pipeline = pipeline(kinds, &sample);
            let store = MemoryStore::default();
            let inputs = pipeline.entry.request(&sample.feed, &store).expect("it fits");
            let root = pipeline.stages[0].evaluate(&pipeline.entry.program(), &inputs, &store, None);
            let root = root.expect("honest work succeeds");
            let bytes = store.get(&root).expect("the output is in the store");
            assert_eq!(slot_root(&bytes), root);
            assert_eq!(bytes.len() as u32, sample.model.outputs[0].bytes());
            root
        });
        assert_eq!(outputs, [outputs[0]; 3], "{}", sample.model.name);
    }
}

#[test]
fn tasks_enter_as_the_rules_say() {
    let sample = shared_inputs(1);
    let roots: Vec<Root> = sample.feed.iter().map(|value| slot_root(value)).collect();
    for kinds in PIPELINES {
        let entry = Entry::new(&sample.model, kinds).expect("it enters");
        let inputs = entry.request(&sample.feed, &MemoryStore::default()).expect("it fits");
        let enter = |request: &[Root]| match kinds[0] {
            "graph" => GraphRules::enter(entry.header(), request),
            _ => InstructionRules::enter(entry.header(), request),
        };
        assert_eq!(enter(&roots), Ok((entry.program(), inputs)), "{kinds:?}");
        assert!(enter(&roots[1..]).is_err(), "too few values");
        assert!(enter(&[&roots[..], &roots[..1]].concat()).is_err(), "too many values");
        for cut in [0, 1, 51, entry.header().len() - 1] {
            assert!(GraphRules::enter(&entry.header()[..cut], &roots).is_err());
            assert!(NodeRules::enter(&entry.header()[..cut], &roots).is_err());
        }
    }
}

#[test]
fn what_is_no_task_is_refused() {
    let entry = |sample: &opml_conformance::Sample, kinds: &[&str]| Entry::new(&sample.model, kinds).err();
    let sample = layered(1);
    for kinds in [
        &["node", "instruction"][..],
        &["graph"],
        &[],
        &["instruction", "graph"],
        &["graph", "loop", "instruction"],
    ] {
        assert_eq!(entry(&sample, kinds), Some(EntryError::Pipeline(kinds.join(", "))));
    }
    assert_eq!(entry(&several_outputs(1), PIPELINES[1]), Some(EntryError::Outputs(2)));
    let mut carrying = several_outputs(1).model;
    (carrying.output_height, carrying.output_index) = (0, 0);
    carrying.outputs.truncate(1);
    assert_eq!(Entry::new(&carrying, PIPELINES[1]).err(), Some(EntryError::Carry));

    let entry = Entry::new(&sample.model, PIPELINES[1]).expect("it enters");
    let store = MemoryStore::default();
    assert_eq!(
        entry.request(&[], &store),
        Err(EntryError::Values { expected: 1, given: 0 })
    );
    let refused = entry.request(&[Bytes::from(vec![0; 25])], &store);
    assert!(matches!(
        refused,
        Err(EntryError::Value {
            input: 0,
            expected: 24,
            given: 25,
            ..
        })
    ));

    let mut invalid = sample.model.clone();
    invalid.nodes.clear();
    let built = opml_stages::Pipeline::new(PIPELINES[1], Arc::new(invalid), &machinery());
    assert!(matches!(built.err(), Some(PipelineError::Invalid(_))));
}

#[test]
fn an_honest_party_does_not_defend_what_it_does_not_compute() {
    let sample = layered(2);
    for kinds in PIPELINES {
        let pipeline = pipeline(kinds, &sample);
        let store = MemoryStore::default();
        let claim = Claim {
            program: pipeline.entry.program(),
            inputs: pipeline.entry.request(&sample.feed, &store).expect("it fits"),
            output: vector_zero(9),
        };
        let mut trace = pipeline.stages[0]
            .open(&claim, &store, None)
            .expect("the work is known");
        let refused = trace.opening(4, &store);
        assert!(
            matches!(refused, Err(StageError::Output { claimed, .. }) if claimed == claim.output),
            "{refused:?}"
        );
    }
}

#[test]
fn missing_content_is_named() {
    let sample = layered(2);
    for kinds in PIPELINES {
        let pipeline = pipeline(kinds, &sample);
        let inputs = pipeline
            .entry
            .request(&sample.feed, &MemoryStore::default())
            .expect("it fits");
        let empty = MemoryStore::default();
        let refused = pipeline.stages[0].evaluate(&pipeline.entry.program(), &inputs, &empty, None);
        assert!(matches!(refused, Err(StageError::Missing { .. })), "{refused:?}");
    }
    let pipeline = pipeline(PIPELINES[1], &sample);
    let store = MemoryStore::default();
    let inputs = pipeline.entry.request(&sample.feed, &store).expect("it fits");
    let refused = pipeline.stages[0].evaluate(&Root::ZERO, &inputs, &store, None);
    assert!(matches!(refused, Err(StageError::Program { .. })), "{refused:?}");
}

/// A graph with a carry and two outputs, as a loop's pass would be: the graph stage opens and narrows every node.
#[test]
fn carries_and_several_outputs_are_proven() {
    let sample = several_outputs(4);
    let machinery = machinery();
    let next: Arc<dyn Stage> = Arc::new(InstructionStage::new(machinery.vm.clone(), machinery.image.clone()));
    let compute: Arc<dyn ComputeBackend> = Arc::new(Native);
    let stage = GraphStage::new(Arc::new(sample.model.clone()), compute, 1, Arc::clone(&next)).expect("a valid model");
    let store = MemoryStore::default();
    let vectors = [&sample.carry, &sample.feed].map(|values| {
        let roots: Vec<Root> = values.iter().map(|value| slot_root(value)).collect();
        roots
            .iter()
            .zip(values)
            .for_each(|(root, value)| store.put(*root, value.clone()));
        let root = VectorTree::new(roots.clone()).root();
        if roots.len() > 1 {
            store.put(root, roots.iter().flat_map(|root| root.0).collect::<Vec<u8>>().into());
        }
        root
    });
    let inputs = graph_inputs(&vectors[0], &vectors[1]);
    store.put(
        inputs,
        vectors.iter().flat_map(|root| root.0).collect::<Vec<u8>>().into(),
    );
    let program = sample.model.program();
    let output = stage.evaluate(&program, &inputs, &store, None).expect("honest");
    let claim = Claim {
        program,
        inputs,
        output,
    };
    let outputs = store.get(&output).expect("the block of outputs is in the store");
    assert_eq!(outputs.len(), 64);
    assert_eq!(
        outputs[32..],
        slot_root(&sample.carry[0]).0,
        "the carried value is passed on"
    );

    let mut trace = stage.open(&claim, &store, None).expect("honest");
    let opening = trace.opening(4, &store).expect("honest");
    let opened = GraphRules.open(4, &claim, &opening.payload).expect("legal");
    assert_eq!(opened, opening.opened);
    let begun = moves::open(&Position::start(0, claim.hash()), &opened).expect("legal");
    for part in 0..sample.model.nodes.len() as u64 {
        let narrowed = trace.narrow(part, &store).expect("honest");
        let own = trace
            .reveal(&[opml_engine::Point::Node { height: 0, index: part }])
            .expect("a leaf");
        let position = Position {
            phase: Phase::Narrow,
            lower: part,
            width: 1,
            disputed: own[0],
            ..begun
        };
        let verdict = GraphRules.narrow(&claim, &position, &narrowed.payload).expect("legal");
        assert_eq!(verdict, narrowed.verdict, "node {part}");
        if let Verdict::Claim(claim) = verdict {
            assert_eq!(
                next.evaluate(&claim.program, &claim.inputs, &store, None)
                    .expect("honest"),
                claim.output
            );
        } else {
            assert_eq!(verdict, Verdict::Defender);
            let wrong = Position {
                disputed: vector_zero(3),
                ..position
            };
            assert_eq!(
                GraphRules.narrow(&claim, &wrong, &narrowed.payload),
                Ok(Verdict::Challenger)
            );
        }
        let elsewhere = Position {
            lower: part ^ 1,
            ..position
        };
        assert!(
            GraphRules.narrow(&claim, &elsewhere, &narrowed.payload).is_err(),
            "node {part} elsewhere"
        );
    }
}

/// A liar cannot fill a gap: the graph stage decides it by the zero word.
#[test]
fn a_filled_gap_loses() {
    let sample = shared_inputs(3);
    let gap = sample
        .model
        .nodes
        .iter()
        .position(|node| node.record.tag() == GAP)
        .expect("there is one") as u64;
    let pipeline = pipeline(PIPELINES[1], &sample);
    let store = MemoryStore::default();
    let inputs = pipeline.entry.request(&sample.feed, &store).expect("it fits");
    let program = pipeline.entry.program();
    let output = pipeline.stages[0]
        .evaluate(&program, &inputs, &store, None)
        .expect("honest");
    let claim = Claim {
        program,
        inputs,
        output,
    };
    let mut trace = pipeline.stages[0].open(&claim, &store, None).expect("honest");
    let opened = trace.opening(2, &store).expect("honest").opened;
    let payload = trace.narrow(gap, &store).expect("honest").payload;
    let position = |disputed| Position {
        phase: Phase::Narrow,
        lower: gap,
        width: 1,
        disputed,
        ..moves::open(&Position::start(0, claim.hash()), &opened).expect("legal")
    };
    assert_eq!(
        GraphRules.narrow(&claim, &position(Root::ZERO), &payload),
        Ok(Verdict::Defender)
    );
    assert_eq!(
        GraphRules.narrow(&claim, &position(vector_zero(1)), &payload),
        Ok(Verdict::Challenger)
    );
}
