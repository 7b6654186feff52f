//! Small loops over int8 graphs, with requests for them.

use std::sync::Arc;

use bytes::Bytes;
use opml_graph::{CarryStart, Constant, ConstantFeed, Loop, LoopBody, LoopFeed, LoopModel, Model, Work, validate_loop};
use opml_ops::DType;

use crate::{ModelBuilder, Noise};

/// A loop and a request's values for it.
#[derive(Clone, Debug)]
pub struct LoopSample {
    /// A valid loop.
    pub model: Arc<LoopModel>,
    /// The request's values.
    pub values: Vec<Bytes>,
}

impl LoopSample {
    /// A valid loop with random values.
    ///
    /// # Panics
    /// When the loop is not valid.
    pub fn new(model: LoopModel, seed: u64) -> LoopSample {
        validate_loop(&model).expect("a valid loop");
        let mut noise = Noise::new(seed);
        let request = model.request().into_iter().flatten();
        LoopSample {
            values: request
                .map(|port| Bytes::from(noise.bytes(port.bytes() as usize)))
                .collect(),
            model: Arc::new(model),
        }
    }
}

/// A network whose output is its next input: matmul, clamp. One carried value, nothing fed.
fn network(seed: u64) -> Arc<Model> {
    let mut model = ModelBuilder::new("network", seed);
    let state = model.carry(DType::I8, &[1, 160]);
    let product = model.matmul(state, 160);
    model.clamp(product);
    Arc::new(model.build(0, 1).model)
}

/// Three carried values: a copy of the sum before, a sum of what is fed, and a value that no pass changes.
fn sums(name: &str, seed: u64, fed: usize) -> Arc<Model> {
    let mut model = ModelBuilder::new(name, seed);
    let carried = [0; 3].map(|_| model.carry(DType::I8, &[150]));
    let mut sum = carried[1];
    for _ in 0..fed {
        let value = model.feed(DType::I8, &[150]);
        sum = model.add(sum, value);
    }
    sum = model.add(sum, carried[2]);
    sum = model.clamp(sum);
    while !model.nodes().is_multiple_of(4) {
        model.gap();
    }
    for value in [carried[1], sum, carried[2]] {
        model.alias(value, &[150]);
    }
    model.gap();
    let block = model.nodes() as u32 / 4 - 1;
    Arc::new(model.build(2, block).model)
}

fn constant(seed: u64) -> Constant {
    Constant::new(Bytes::from(Noise::new(seed).bytes(150)))
}

/// Five passes of a network.
pub fn iterated(seed: u64) -> LoopSample {
    LoopSample::new(LoopModel::nested(network(seed), &[5], 0), seed)
}

/// One pass, so that every tree is one leaf.
pub fn one_pass(seed: u64) -> LoopSample {
    LoopSample::new(LoopModel::nested(network(seed), &[1], 0), seed)
}

/// Two bodies as when a prompt is read and an answer written: two passes that are fed two values each, then three that are fed
/// nothing. What is carried starts as zeros, as a constant and as a value of the request; the output is the second of it.
pub fn two_bodies(seed: u64) -> LoopSample {
    let body = |passes, work| LoopBody {
        passes,
        work: Work::Graph(work),
    };
    let model = LoopModel {
        name: "two bodies".into(),
        outermost: Loop {
            bodies: vec![body(2, sums("reads", seed, 2)), body(3, sums("writes", seed + 1, 0))],
        },
        output: 1,
        starts: vec![
            CarryStart::Zero,
            CarryStart::Constant(constant(seed)),
            CarryStart::Request(0),
        ],
        feed: LoopFeed::Request(1),
    };
    LoopSample::new(model, seed)
}

/// Two passes over three passes over a graph that is fed one value.
pub fn nested(seed: u64) -> LoopSample {
    LoopSample::new(LoopModel::nested(sums("adds", seed, 1), &[2, 3], 1), seed)
}

/// Two passes of a loop that is fed constants, then one of another loop that is fed nothing.
pub fn fed_constants(seed: u64) -> LoopSample {
    let reads = Loop::over(sums("reads", seed, 1), 2);
    let rests = Loop::over(sums("rests", seed + 1, 0), 1);
    let body = |passes, work| LoopBody {
        passes,
        work: Work::Loop(work),
    };
    let fed = |seed| {
        ConstantFeed::Passes(
            [0, 1]
                .map(|pass| ConstantFeed::Values(vec![constant(seed + pass)]))
                .into(),
        )
    };
    let model = LoopModel {
        name: "fed constants".into(),
        outermost: Loop {
            bodies: vec![body(2, reads), body(1, rests)],
        },
        output: 1,
        starts: vec![CarryStart::Request(0), CarryStart::Request(0), CarryStart::Zero],
        feed: LoopFeed::Constant(vec![fed(seed), fed(seed + 2), ConstantFeed::None]),
    };
    LoopSample::new(model, seed)
}

/// Four passes of a graph with one carried value that is fed two: small enough to be packed into one record.
pub fn packable(seed: u64) -> LoopSample {
    let mut model = ModelBuilder::new("packable", seed);
    let state = model.carry(DType::I8, &[60]);
    let fed = [0; 2].map(|_| model.feed(DType::I8, &[60]));
    let sum = model.add(state, fed[1]);
    let sum = model.add(sum, fed[0]);
    model.clamp(sum);
    LoopSample::new(LoopModel::nested(Arc::new(model.build(0, 2).model), &[4], 0), seed)
}
