use opml_commit::{Root, SLOT_HEIGHT, chunk_zero};
use opml_engine::{StageError, Store};
use opml_graph::{Constant, Loop, LoopHeader, Work, pack_whole_graph};
use opml_ops::{MAX_INPUTS, Source};

use crate::EntryError;
use crate::content::{StoredNode, put_graph_inputs, put_node_inputs, vector};

/// One loop as the stage runs it.
pub(super) struct LoopProgram {
    pub(super) header: LoopHeader,
    /// The packed header, which begins every payload.
    pub(super) bytes: Vec<u8>,
    pub(super) program: Root,
    /// Bytes of each carried value.
    pub(super) sizes: Vec<usize>,
    bodies: Vec<Body>,
}

/// A pass's work, as far as this stage must know it.
enum Body {
    /// A graph or a loop, which the next stage knows by its program.
    Vectors(Root),
    /// A packed graph.
    Packed(Box<PackedGraph>),
}

/// A graph as one record, whose slots this stage fills.
pub(super) struct PackedGraph {
    pub(super) node: StoredNode,
    constants: [Constant; 2],
    feed_count: usize,
}

impl LoopProgram {
    /// `header` is the loop's: for the outermost one, with its entry rule and output.
    pub(super) fn new(passes: &Loop, header: LoopHeader, packed: bool) -> Result<LoopProgram, EntryError> {
        let bodies = passes
            .bodies
            .iter()
            .zip(&header.bodies)
            .map(|(body, described)| match &body.work {
                Work::Graph(model) if packed => Ok(Body::Packed(Box::new(PackedGraph::new(model)?))),
                _ => Ok(Body::Vectors(described.program)),
            });
        Ok(LoopProgram {
            bodies: bodies.collect::<Result<_, EntryError>>()?,
            bytes: header.to_bytes(),
            program: header.program(),
            sizes: passes.carry().iter().map(|port| port.bytes() as usize).collect(),
            header,
        })
    }

    /// The program that a pass runs, where that is one of the next stage.
    pub(super) fn body(&self, pass: u64) -> Result<Root, StageError> {
        match self.header.body_of(pass).and_then(|body| self.bodies.get(body)) {
            Some(Body::Vectors(program)) => Ok(*program),
            _ => Err(self.no_pass(pass)),
        }
    }

    fn no_pass(&self, pass: u64) -> StageError {
        StageError::Point {
            stage: super::KIND,
            reason: format!("pass {pass} does not exist; there are {}", self.header.passes()),
        }
    }

    /// The packed graph that a pass runs, if it runs one.
    pub(super) fn packed(&self, pass: u64) -> Option<&PackedGraph> {
        match self.bodies.get(self.header.body_of(pass)?)? {
            Body::Packed(graph) => Some(graph),
            Body::Vectors(_) => None,
        }
    }

    /// Puts what the claim of a pass needs in the store, but for the values; gives its program and inputs.
    pub(super) fn prime(
        &self,
        pass: u64,
        carry: &Root,
        feed: &Root,
        store: &dyn Store,
    ) -> Result<(Root, Root), StageError> {
        let body = self.header.body_of(pass).and_then(|body| self.bodies.get(body));
        match body {
            None => Err(self.no_pass(pass)),
            Some(Body::Vectors(program)) => Ok((*program, put_graph_inputs(store, carry, feed))),
            Some(Body::Packed(graph)) => graph.prime(carry, feed, store),
        }
    }
}

impl PackedGraph {
    fn new(model: &opml_graph::Model) -> Result<PackedGraph, EntryError> {
        let packed = pack_whole_graph(model)?;
        Ok(PackedGraph {
            node: StoredNode {
                record: packed.record,
                constants: packed.leaf.constants,
            },
            constants: [packed.table, packed.weights],
            feed_count: model.feed.len(),
        })
    }

    /// The roots of the values that a pass is fed.
    pub(super) fn fed(&self, feed: &Root, store: &dyn Store) -> Result<Vec<Root>, StageError> {
        vector(store, feed, self.feed_count)
    }

    /// The root of what the record reads as input `input`; `None` when that is neither carried nor fed.
    pub(super) fn entering(&self, input: usize, carry: &Root, fed: &[Root]) -> Option<Root> {
        let value = self.node.record.input(input)?;
        match value.source? {
            Source::Carry => Some(*carry),
            Source::Feed => fed.get(value.index as usize).copied(),
            Source::Constant | Source::Local => None,
        }
    }

    fn prime(&self, carry: &Root, feed: &Root, store: &dyn Store) -> Result<(Root, Root), StageError> {
        let fed = self.fed(feed, store)?;
        for constant in &self.constants {
            store.put(constant.root, constant.bytes.clone());
        }
        let mut slots = [chunk_zero(SLOT_HEIGHT); MAX_INPUTS];
        for (input, slot) in slots.iter_mut().enumerate().take(self.node.record.input_count()) {
            *slot = self.entering(input, carry, &fed).unwrap_or(self.node.constants[input]);
        }
        Ok((self.node.put(store), put_node_inputs(store, &slots)))
    }
}
