use std::sync::Arc;

use opml_commit::{Root, keccak256};

use crate::entry_rule::padded_root;
use crate::{
    Body, BodyKind, Constant, EntryRule, Feed, LoopHeader, Model, Port, Start, WholeGraphError, pack_whole_graph,
};

/// What a pass of a loop runs.
#[derive(Clone, Debug)]
pub enum Work {
    /// A graph.
    Graph(Arc<Model>),
    /// A loop inside this one.
    Loop(Loop),
}

/// Passes of the same work, one after another.
#[derive(Clone, Debug)]
pub struct LoopBody {
    /// How often.
    pub passes: u64,
    /// Of what.
    pub work: Work,
}

/// A loop: all passes of its first body, then those of the next one. What a pass computes is what the next one starts from.
#[derive(Clone, Debug)]
pub struct Loop {
    /// 1 … 4 of them. All are loops or all are graphs.
    pub bodies: Vec<LoopBody>,
}

/// What a carried value is before the first pass, with the content of constants.
#[derive(Clone, Debug)]
pub enum CarryStart {
    /// Zeros.
    Zero,
    /// That value of the request.
    Request(u32),
    /// A constant.
    Constant(Constant),
}

/// What one pass is fed, when that is constant.
#[derive(Clone, Debug)]
pub enum ConstantFeed {
    /// Nothing.
    None,
    /// A graph's fed values.
    Values(Vec<Constant>),
    /// By pass of the loop inside.
    Passes(Vec<ConstantFeed>),
}

/// Where what the passes are fed comes from.
#[derive(Clone, Debug)]
pub enum LoopFeed {
    /// Nothing is fed.
    None,
    /// Values of the request, from this one on, in the order of the passes.
    Request(u32),
    /// Constants, by pass of the outermost loop.
    Constant(Vec<ConstantFeed>),
}

/// Loops over graphs, with how a request enters them: a task's model. [`validate_loop`](crate::validate_loop) says whether it is
/// well made.
#[derive(Clone, Debug)]
pub struct LoopModel {
    /// A name for people.
    pub name: String,
    /// The outermost loop.
    pub outermost: Loop,
    /// The carried value that is the task's output.
    pub output: u32,
    /// By carried value.
    pub starts: Vec<CarryStart>,
    /// What the passes are fed.
    pub feed: LoopFeed,
}

impl Loop {
    /// Passes of one graph.
    pub fn over(model: Arc<Model>, passes: u64) -> Loop {
        Loop {
            bodies: vec![LoopBody {
                passes,
                work: Work::Graph(model),
            }],
        }
    }

    /// Passes of this loop.
    pub fn repeated(self, passes: u64) -> Loop {
        Loop {
            bodies: vec![LoopBody {
                passes,
                work: Work::Loop(self),
            }],
        }
    }

    /// Its passes; saturates.
    pub fn passes(&self) -> u64 {
        self.bodies.iter().fold(0, |sum, body| sum.saturating_add(body.passes))
    }

    /// Loops one inside another, this one among them, following the first bodies.
    pub fn depth(&self) -> usize {
        match self.bodies.first().map(|body| &body.work) {
            Some(Work::Loop(inner)) => 1 + inner.depth(),
            _ => 1,
        }
    }

    /// The graphs, in the order of the bodies; one that several bodies run comes several times.
    pub fn graphs(&self) -> Vec<&Arc<Model>> {
        let mut graphs = Vec::new();
        for body in &self.bodies {
            match &body.work {
                Work::Graph(model) => graphs.push(model),
                Work::Loop(inner) => graphs.extend(inner.graphs()),
            }
        }
        graphs
    }

    /// The loops that have `above` others around them, in the order of the bodies; 0 is this one.
    pub fn at_depth(&self, above: usize) -> Vec<&Loop> {
        if above == 0 {
            return vec![self];
        }
        let inner = self.bodies.iter().filter_map(|body| match &body.work {
            Work::Loop(inner) => Some(inner),
            Work::Graph(_) => None,
        });
        inner.flat_map(|inner| inner.at_depth(above - 1)).collect()
    }

    /// The carried values, as the first graph knows them.
    pub fn carry(&self) -> &[Port] {
        let graph = self.graphs().into_iter().next();
        graph.map(|model| model.carry.as_slice()).unwrap_or_default()
    }

    /// The header of this loop as the body of another one. `packed`: every graph is packed into one record.
    pub fn header(&self, packed: bool) -> Result<LoopHeader, WholeGraphError> {
        let body = |body: &LoopBody| {
            Ok(Body {
                kind: match (packed, &body.work) {
                    (true, Work::Graph(_)) => BodyKind::Node,
                    _ => BodyKind::Vectors,
                },
                program: match &body.work {
                    Work::Graph(model) if packed => pack_whole_graph(model)?.leaf.root,
                    Work::Graph(model) => model.program(),
                    Work::Loop(inner) => inner.header(packed)?.program(),
                },
                passes: body.passes,
            })
        };
        Ok(LoopHeader {
            entry_rule: keccak256(&[]),
            carry_count: self.carry().len() as u32,
            output: None,
            bodies: self.bodies.iter().map(body).collect::<Result<_, WholeGraphError>>()?,
        })
    }

    /// The nested vectors that one pass of `body` is fed, following the first bodies; empty when it is fed nothing.
    pub(crate) fn feed_shape(body: &LoopBody) -> Vec<u32> {
        match &body.work {
            Work::Graph(model) if model.feed.is_empty() => Vec::new(),
            Work::Graph(model) => vec![model.feed.len() as u32],
            Work::Loop(inner) => match inner.bodies.first().map(Loop::feed_shape) {
                Some(below) if !below.is_empty() => [&[inner.passes() as u32], &below[..]].concat(),
                _ => Vec::new(),
            },
        }
    }
}

impl LoopModel {
    /// `passes` of a graph, outermost first, in loops one inside another. Every carried value is a value of the request, in order, and
    /// so are, after them, the fed values of each pass.
    pub fn nested(model: Arc<Model>, passes: &[u64], output: u32) -> LoopModel {
        let mut passes = passes.iter().rev().copied();
        let innermost = Loop::over(Arc::clone(&model), passes.next().unwrap_or(0));
        let carried = model.carry.len() as u32;
        LoopModel {
            name: model.name.clone(),
            outermost: passes.fold(innermost, Loop::repeated),
            output,
            starts: (0..carried).map(CarryStart::Request).collect(),
            feed: match model.feed.is_empty() {
                true => LoopFeed::None,
                false => LoopFeed::Request(carried),
            },
        }
    }

    /// How a request enters.
    pub fn entry_rule(&self) -> EntryRule {
        let start = |start: &CarryStart| match start {
            CarryStart::Zero => Start::Zero,
            CarryStart::Request(index) => Start::Request(*index),
            CarryStart::Constant(constant) => Start::Constant(constant.root),
        };
        EntryRule {
            starts: self.starts.iter().map(start).collect(),
            feed: match &self.feed {
                LoopFeed::None => Feed::None,
                LoopFeed::Request(first) => Feed::Request {
                    first: *first,
                    shapes: self.outermost.bodies.iter().map(Loop::feed_shape).collect(),
                },
                LoopFeed::Constant(passes) => {
                    let leaves: Vec<Root> = passes.iter().map(ConstantFeed::root).collect();
                    Feed::Constant(padded_root(&leaves, self.outermost.passes()))
                }
            },
        }
    }

    /// The header of the outermost loop. `packed`: every graph is packed into one record.
    pub fn header(&self, packed: bool) -> Result<LoopHeader, WholeGraphError> {
        Ok(LoopHeader {
            entry_rule: self.entry_rule().hash(),
            output: Some(self.output),
            ..self.outermost.header(packed)?
        })
    }

    /// The task's output, as the first graph knows it.
    pub fn output_port(&self) -> Option<&Port> {
        self.outermost.carry().get(self.output as usize)
    }
}

impl ConstantFeed {
    /// Its root: a leaf of a feed.
    pub fn root(&self) -> Root {
        let roots: Vec<Root> = match self {
            ConstantFeed::None => return Root::ZERO,
            ConstantFeed::Values(values) => values.iter().map(|value| value.root).collect(),
            ConstantFeed::Passes(passes) => passes.iter().map(ConstantFeed::root).collect(),
        };
        padded_root(&roots, roots.len() as u64)
    }
}
