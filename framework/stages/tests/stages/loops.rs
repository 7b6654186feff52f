//! Loops: what is refused, how they are entered, what a party keeps.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use opml_commit::{Root, keccak256, slot_root};
use opml_conformance::{LoopSample, ModelBuilder, Sample, fed_constants, iterated, nested, packable, two_bodies};
use opml_engine::{Claim, MemoryStore, Point, StageError, Store};
use opml_graph::{
    Body, BodyKind, CarryStart, Constant, ConstantFeed, EntryRule, Feed, LoopBody, LoopFeed, LoopHeader,
    LoopHeaderError, LoopModel, Model, Start, Work, validate_loop,
};
use opml_ops::DType;
use opml_stages::{Entry, EntryError, LoopRules, Pipeline, PipelineError};

use crate::bench::machinery;

const IN_A_LOOP: &[&str] = &["loop", "graph", "instruction"];
const IN_LOOPS: &[&str] = &["loop", "loop", "graph", "instruction"];

fn refusal(sample: &LoopSample, change: impl Fn(&mut LoopModel)) -> String {
    let mut model = (*sample.model).clone();
    change(&mut model);
    validate_loop(&model).expect_err("a changed loop").to_string()
}

fn first_body(model: &mut LoopModel) -> &mut LoopBody {
    &mut model.outermost.bodies[0]
}

fn graph(build: impl FnOnce(&mut ModelBuilder), height: u32, index: u32) -> Arc<Model> {
    let mut builder = ModelBuilder::new("other", 1);
    build(&mut builder);
    Arc::new(builder.build(height, index).model)
}

#[test]
fn loops_that_are_not_well_made_are_named() {
    let sample = iterated(1);
    assert_eq!(
        refusal(&sample, |model| model.outermost.bodies.clear()),
        "the outermost loop: it has 0 bodies; a loop has 1 to 4"
    );
    assert_eq!(
        refusal(&sample, |model| first_body(model).passes = 0),
        "the outermost loop: body 0 has no passes"
    );
    assert_eq!(
        refusal(&sample, |model| first_body(model).passes = (1 << 32) + 1),
        "the outermost loop: it has 4294967297 passes; a loop has at most 4294967296"
    );
    assert_eq!(
        refusal(&sample, |model| {
            let inner = model.outermost.clone();
            model.outermost.bodies.push(LoopBody {
                passes: 2,
                work: Work::Loop(inner),
            });
        }),
        "the outermost loop: body 1 has not as many loops inside as the first one"
    );
    assert_eq!(
        refusal(&nested(1), |model| {
            if let Work::Loop(inner) = &mut first_body(model).work {
                inner.bodies[0].passes = 0;
            }
        }),
        "the loop that is body 0 of the outermost one: body 0 has no passes"
    );
    assert_eq!(
        refusal(&sample, |model| model.output = 1),
        "the output is carried value 1, but there are 1"
    );
}

#[test]
fn bodies_that_do_not_hand_on_what_they_take_are_named() {
    let with_body = |work: Arc<Model>| {
        refusal(&iterated(2), |model| {
            model.outermost.bodies.push(LoopBody {
                passes: 1,
                work: Work::Graph(Arc::clone(&work)),
            });
        })
    };
    let other_size = graph(
        |model| {
            let carried = model.carry(DType::I8, &[1, 150]);
            model.clamp(carried);
        },
        0,
        0,
    );
    assert_eq!(
        with_body(other_size),
        "graph `other`: it takes carried value 0 as i8 [1, 150], the loop carries i8 [1, 160]"
    );
    let other_output = graph(
        |model| {
            let carried = model.carry(DType::I8, &[1, 160]);
            model.matmul(carried, 150);
        },
        0,
        0,
    );
    assert_eq!(
        with_body(other_output),
        "graph `other`: it gives carried value 0 as i8 [1, 150], the loop carries i8 [1, 160]"
    );
    let carries_nothing = graph(
        |model| {
            let fed = model.feed(DType::I8, &[1, 160]);
            model.clamp(fed);
        },
        0,
        0,
    );
    assert_eq!(
        with_body(carries_nothing),
        "graph `other`: it carries 0 values; a loop's body carries 1 to 65536"
    );
    let two = graph(
        |model| {
            let carried = [0; 2].map(|_| model.carry(DType::I8, &[1, 160]));
            model.clamp(carried[0]);
            model.clamp(carried[1]);
        },
        1,
        0,
    );
    assert_eq!(
        with_body(two),
        "graph `other`: it carries 2 values, the loop's first graph 1"
    );
    let in_another_block = graph(
        |model| {
            let carried = model.carry(DType::I8, &[1, 160]);
            model.clamp(carried);
            model.clamp(carried);
        },
        1,
        0,
    );
    assert_eq!(
        with_body(in_another_block),
        "graph `other`: its output is 2 values in a block of height 1; what it carries is 1 in one of height 0"
    );
    let mut invalid = (*graph(
        |model| {
            let carried = model.carry(DType::I8, &[1, 160]);
            model.clamp(carried);
        },
        0,
        0,
    ))
    .clone();
    invalid.nodes.clear();
    assert_eq!(with_body(Arc::new(invalid)), "graph `other`: the model has no nodes");
}

#[test]
fn requests_and_feeds_that_do_not_fit_are_named() {
    let sample = two_bodies(3);
    assert_eq!(
        refusal(&sample, |model| {
            model.starts.pop();
        }),
        "the request: 2 starts are given for 3 carried values"
    );
    assert_eq!(
        refusal(&sample, |model| {
            model.starts[1] = CarryStart::Constant(Constant::new(Bytes::from_static(b"short")));
        }),
        "the request: carried value 1 `carry 1` starts as a constant of 5 bytes, but has 150"
    );
    assert_eq!(
        refusal(&sample, |model| model.feed = LoopFeed::Request(2)),
        "the request: nothing reads value 1"
    );
    assert_eq!(
        refusal(&sample, |model| model.feed = LoopFeed::Request(0)),
        "the request: value 0 is read in two ways, as `carry 2` and otherwise"
    );
    assert_eq!(
        refusal(&sample, |model| model.starts[0] = CarryStart::Request(1 << 20)),
        "the request: it would have 1048577 values; a request has at most 65536"
    );
    assert_eq!(
        refusal(&sample, |model| model.feed = LoopFeed::None),
        "the feed: graph `reads` is fed 2 values, but nothing is fed"
    );
    assert_eq!(
        refusal(&iterated(3), |model| model.feed = LoopFeed::Request(0)),
        "the feed: no graph is fed anything: say that nothing is fed"
    );
    assert_eq!(
        refusal(&sample, |model| first_body(model).passes = 1 << 17),
        "the feed: a request feeds at most the first 65536 passes, not 131072"
    );
    let constants = fed_constants(3);
    assert_eq!(
        refusal(&constants, |model| model.feed = LoopFeed::Constant(Vec::new())),
        "the feed: 0 passes are fed, there are 3"
    );
    let changed = |change: fn(&mut Vec<ConstantFeed>)| {
        refusal(&constants, |model| {
            if let LoopFeed::Constant(passes) = &mut model.feed {
                change(passes);
            }
        })
    };
    assert_eq!(
        changed(|passes| passes[1] = ConstantFeed::None),
        "the feed: pass 1: what is fed does not fit"
    );
    assert_eq!(
        changed(|passes| passes[0] = ConstantFeed::Passes(vec![ConstantFeed::None; 2])),
        "the feed: pass 0.0: what is fed does not fit"
    );
    assert_eq!(
        changed(|passes| passes[1] = ConstantFeed::Passes(vec![ConstantFeed::None])),
        "the feed: pass 1: 1 passes are fed, there are 2"
    );
    let uneven = refusal(&constants, |model| {
        let Work::Loop(rests) = model.outermost.bodies[1].work.clone() else {
            return;
        };
        if let Work::Loop(reads) = &mut first_body(model).work {
            reads.bodies.extend(rests.bodies);
        }
        model.feed = LoopFeed::Request(1);
    });
    assert_eq!(
        uneven,
        "the feed: a request feeds all passes of a loop inside a loop alike; its bodies differ in what they are fed"
    );
}

#[test]
fn pipelines_and_loops_must_match() {
    let refused = |kinds: &[&str], model: &Arc<LoopModel>| match Pipeline::new(kinds, Arc::clone(model), &machinery()) {
        Err(PipelineError::Entry(error)) => error.to_string(),
        other => panic!("{kinds:?}: {:?}", other.err()),
    };
    let (one, two) = (iterated(4).model, nested(4).model);
    let mismatch = "the pipeline has 2 loop stages, the model 1 loops one inside another; they must be as many";
    assert_eq!(refused(IN_LOOPS, &one), mismatch);
    assert_eq!(
        refused(&["graph", "instruction"], &two),
        "the pipeline has 0 loop stages, the model 2 loops one inside another; they must be as many"
    );
    assert_eq!(
        refused(&["loop", "node", "instruction"], &one),
        "[loop, node, instruction] is no pipeline; use [instruction], [graph, instruction] or [graph, node, instruction], \
         after a loop for each loop of the model"
    );
    let mut deep = one.outermost.clone();
    (0..6).for_each(|_| deep = deep.clone().repeated(1));
    let deep = Arc::new(LoopModel {
        outermost: deep,
        ..(*one).clone()
    });
    let mut kinds = vec!["loop"; 7];
    kinds.extend(["graph", "instruction"]);
    assert_eq!(refused(&kinds, &deep), "a pipeline has at most 8 stages, not 9");
    assert!(
        refused(&["loop", "loop", "instruction"], &two).contains("a pipeline without a graph stage has"),
        "three values do not fit one record's output"
    );
    let graph = opml_conformance::layered(4).model;
    assert!(matches!(Entry::new(&graph, IN_A_LOOP), Err(EntryError::Pipeline(_))));
}

#[test]
fn headers_and_rules_are_read_as_they_are_written() {
    let body = |kind, passes| Body {
        kind,
        program: keccak256(&[passes as u8]),
        passes,
    };
    let header = LoopHeader {
        entry_rule: keccak256(b"rule"),
        carry_count: 1,
        output: Some(0),
        bodies: vec![body(BodyKind::Vectors, 3), body(BodyKind::Node, 5)],
    };
    let bytes = header.to_bytes();
    assert_eq!(bytes.len(), 41 + 2 * 41);
    assert_eq!(
        LoopHeader::read(&[&bytes[..], &[7]].concat()),
        Ok((header.clone(), &[7][..]))
    );
    assert_eq!((0..9).map(|pass| header.body_of(pass)).collect::<Vec<_>>(), {
        let mut bodies = vec![Some(0); 3];
        bodies.extend([Some(1); 5]);
        bodies.push(None);
        bodies
    });
    for cut in 0..bytes.len() {
        let refused = LoopHeader::read(&bytes[..cut]);
        assert!(
            matches!(refused, Err(LoopHeaderError::Short { left, .. }) if left == cut),
            "{refused:?}"
        );
    }
    let refused = |change: fn(&mut LoopHeader)| {
        let mut changed = header.clone();
        change(&mut changed);
        LoopHeader::read(&changed.to_bytes())
            .expect_err("no header")
            .to_string()
    };
    assert_eq!(
        refused(|header| header.carry_count = 0),
        "a loop carries 1 to 65536 values, not 0"
    );
    assert_eq!(
        refused(|header| header.output = Some(1)),
        "the output is carried value 1, but there are 1"
    );
    assert_eq!(
        refused(|header| header.bodies.clear()),
        "a loop has 1 to 4 bodies, not 0"
    );
    assert_eq!(
        refused(|header| header.carry_count = 2),
        "a body that is one node carries one value, not 2"
    );
    assert_eq!(refused(|header| header.bodies[1].passes = 0), "body 1 has no passes");
    assert_eq!(
        refused(|header| header.bodies[0].passes = u64::MAX),
        "a loop has at most 4294967296 passes, not 18446744073709551620"
    );
    let mut kind = bytes.clone();
    kind[41] = 2;
    assert_eq!(LoopHeader::read(&kind), Err(LoopHeaderError::Kind(2)));

    let rule = EntryRule {
        starts: vec![Start::Request(3)],
        feed: Feed::Request {
            first: 1,
            shapes: vec![vec![2, 3], vec![]],
        },
    };
    let header = LoopHeader {
        entry_rule: rule.hash(),
        ..header
    };
    assert_eq!(EntryRule::read(&header, &rule.to_bytes()), Ok(rule));
}

/// A feed of request values is the vectors that the rule says, told one by one.
#[test]
fn what_passes_are_fed_is_committed_to_as_nested_vectors() {
    let sample = nested(5);
    let entry = Entry::of_loop(Arc::clone(&sample.model), IN_LOOPS).expect("it enters");
    let roots: Vec<Root> = sample.values.iter().map(|value| slot_root(value)).collect();
    let pair = |left: &Root, right: &Root| opml_commit::node(left, right);
    let carry = pair(&pair(&roots[0], &roots[1]), &pair(&roots[2], &Root::ZERO));
    let passes = |first: usize| {
        let tail = pair(&roots[first + 2], &Root::ZERO);
        pair(&pair(&roots[first], &roots[first + 1]), &tail)
    };
    let feed = pair(&passes(3), &passes(6));
    let expected = (entry.program(), pair(&carry, &feed));
    assert_eq!(LoopRules::enter(entry.header(), &roots), Ok(expected));
    let names: Vec<String> = sample
        .model
        .request()
        .into_iter()
        .flatten()
        .map(|port| port.name)
        .collect();
    assert_eq!(
        names,
        [
            "carry 0",
            "carry 1",
            "carry 2",
            "feed 0 of pass 0.0",
            "feed 0 of pass 0.1",
            "feed 0 of pass 0.2",
            "feed 0 of pass 1.0",
            "feed 0 of pass 1.1",
            "feed 0 of pass 1.2"
        ]
    );
}

/// The definition of a loop: its graph, again and again, by hand.
#[test]
fn a_loop_is_its_graph_again_and_again() {
    let sample = iterated(6);
    let output = evaluated(IN_A_LOOP, &sample);
    let Work::Graph(graph) = &sample.model.outermost.bodies[0].work else {
        panic!("a graph");
    };
    // The same nodes, fed what they carried.
    let mut once = (**graph).clone();
    once.feed = std::mem::take(&mut once.carry);
    for node in &mut once.nodes {
        for input in 0..node.record.input_count() {
            if node.record.input(input).and_then(|value| value.source) == Some(opml_ops::Source::Carry) {
                node.record.set_input_place(input, opml_ops::Source::Feed, 0);
            }
        }
    }
    let mut state = sample.values[0].clone();
    for _ in 0..5 {
        let one = Sample {
            model: once.clone(),
            carry: Vec::new(),
            feed: vec![state],
        };
        let pipeline = crate::bench::pipeline(&["graph", "instruction"], &one);
        let store = MemoryStore::default();
        let inputs = pipeline.entry.request(&one.feed, &store).expect("it fits");
        let root = pipeline.stages[0].evaluate(&pipeline.entry.program(), &inputs, &store, None);
        state = store.get(&root.expect("honest")).expect("it is held");
    }
    assert_eq!(output, state);
}

fn evaluated(kinds: &[&str], sample: &LoopSample) -> Bytes {
    let pipeline = Pipeline::new(kinds, Arc::clone(&sample.model), &machinery()).expect("it enters");
    let store = MemoryStore::default();
    let inputs = pipeline.entry.request(&sample.values, &store).expect("it fits");
    let root = pipeline.stages[0].evaluate(&pipeline.entry.program(), &inputs, &store, None);
    store.get(&root.expect("honest")).expect("it is held")
}

#[test]
fn every_pipeline_gives_the_same_output_of_a_loop() {
    let sample = packable(7);
    let outputs = [
        &["loop", "instruction"][..],
        IN_A_LOOP,
        &["loop", "graph", "node", "instruction"],
    ]
    .map(|kinds| evaluated(kinds, &sample));
    assert_eq!(outputs[0], outputs[1]);
    assert_eq!(outputs[1], outputs[2]);
}

/// A store that counts.
#[derive(Default)]
struct Counting {
    store: MemoryStore,
    puts: Mutex<usize>,
}

impl Store for Counting {
    fn get(&self, root: &Root) -> Option<Bytes> {
        self.store.get(root)
    }

    fn put(&self, root: Root, bytes: Bytes) {
        *self.puts.lock().expect("nobody panics") += 1;
        self.store.put(root, bytes);
    }
}

/// What passes leave does not pile up in a party's store: neither when a loop is run nor when its trace is made.
#[test]
fn a_long_loop_leaves_only_its_output() {
    let Work::Graph(graph) = iterated(8).model.outermost.bodies[0].work.clone() else {
        panic!("a graph");
    };
    let sample = LoopSample::new(LoopModel::nested(graph, &[300], 0), 8);
    let pipeline = Pipeline::new(IN_A_LOOP, Arc::clone(&sample.model), &machinery()).expect("it enters");
    let (store, program, stage) = (Counting::default(), pipeline.entry.program(), &pipeline.stages[0]);
    let inputs = pipeline.entry.request(&sample.values, &store).expect("it fits");
    let before = *store.puts.lock().expect("nobody panics");
    let output = stage.evaluate(&program, &inputs, &store, None).expect("honest");
    let claim = Claim {
        program,
        inputs,
        output,
    };
    let mut trace = stage.open(&claim, &store, None).expect("honest");
    assert_eq!(*store.puts.lock().expect("nobody panics"), before + 1, "the output");
    // Any pass is found again from the carries that are held.
    for pass in [0, 1, 16, 17, 150, 299] {
        trace.narrow(pass, &store).expect("honest");
        let leaf = trace.reveal(&[Point::Node { height: 0, index: pass }]).expect("a leaf");
        let mut next = pipeline.stages[1].evaluate(&Root::ZERO, &Root::ZERO, &store, None);
        assert!(
            matches!(next, Err(StageError::Program { .. })),
            "another program is refused"
        );
        let narrowed = trace.narrow(pass, &store).expect("honest");
        if let opml_engine::Verdict::Claim(part) = narrowed.verdict {
            next = pipeline.stages[1].evaluate(&part.program, &part.inputs, &store, None);
            assert_eq!(next.expect("honest"), leaf[0], "pass {pass}");
        }
    }
    assert!(trace.narrow(300, &store).is_err());
}

#[test]
fn loops_of_constants_start_from_them() {
    let sample = fed_constants(9);
    assert_eq!(sample.values.len(), 1, "everything else is constant");
    assert_eq!(evaluated(IN_LOOPS, &sample).len(), 150);
}
