use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, chunk_zero, slot_root};
use opml_engine::Store;
use opml_graph::{EntryRuleError, LoopModel, Model, WholeGraph, WholeGraphError, pack_whole_graph};
use opml_ops::{MAX_INPUTS, Source};
use thiserror::Error;

use crate::content::{StoredNode, put_graph_inputs, put_node_inputs, put_vector};
use crate::loop_entry::LoopEntry;

/// The most stages that the service allows.
const MAX_STAGES: usize = 8;

/// Why a model does not enter a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EntryError {
    /// The stages are no pipeline of this crate.
    #[error(
        "[{0}] is no pipeline; use [instruction], [graph, instruction] or [graph, node, instruction], after a loop for each loop of the model"
    )]
    Pipeline(String),
    /// More stages than the service allows.
    #[error("a pipeline has at most {MAX_STAGES} stages, not {0}")]
    Stages(usize),
    /// Not one loop stage for each loop.
    #[error("the pipeline has {stages} loop stages, the model {loops} loops one inside another; they must be as many")]
    Loops {
        /// Loop stages.
        stages: usize,
        /// Loops one inside another.
        loops: usize,
    },
    /// A task has one output value.
    #[error("the model has {0} outputs; a task has one")]
    Outputs(usize),
    /// A task has no carry.
    #[error("the model carries values from pass to pass; a task without a loop has none")]
    Carry,
    /// The graph does not fit one record.
    #[error("the model does not fit one machine run: {0}")]
    Packed(#[from] WholeGraphError),
    /// The request does not enter the loop.
    #[error(transparent)]
    Rule(#[from] EntryRuleError),
    /// Too few or too many values in the request.
    #[error("the request has {given} values, the model takes {expected}")]
    Values {
        /// What the model takes.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// A value of the wrong size.
    #[error("input {input} `{name}` has {given} bytes, the model takes {expected}")]
    Value {
        /// Which.
        input: usize,
        /// Its name.
        name: String,
        /// What the model takes.
        expected: usize,
        /// What was given.
        given: usize,
    },
}

/// How a task enters a pipeline: the claim that a request makes of a model.
#[derive(Clone, Debug)]
pub struct Entry {
    header: Vec<u8>,
    program: Root,
    /// Name and bytes of every value of a request.
    values: Vec<(String, usize)>,
    way: Way,
}

/// What the first stage takes.
#[derive(Clone, Debug)]
enum Way {
    /// Vectors: the values are the feed.
    Graph,
    /// Slots of the model as one record.
    Record(Box<WholeGraph>),
    /// A loop's carry and feed.
    Loop(Arc<LoopEntry>),
}

impl Entry {
    /// The entry of a valid model into the pipeline `kinds`, outermost first.
    pub fn new(model: &Model, kinds: &[&str]) -> Result<Entry, EntryError> {
        if model.output_height != 0 || model.outputs.len() != 1 {
            return Err(EntryError::Outputs(model.outputs.len()));
        }
        if !model.carry.is_empty() {
            return Err(EntryError::Carry);
        }
        let values = model.feed.iter().map(|port| (port.name.clone(), port.bytes() as usize));
        let values = values.collect();
        match kinds {
            ["graph", "instruction"] | ["graph", "node", "instruction"] => Ok(Entry {
                header: model.header().to_bytes().to_vec(),
                program: model.program(),
                values,
                way: Way::Graph,
            }),
            ["instruction"] => {
                let packed = pack_whole_graph(model)?;
                let constants = [packed.table.root.0, packed.weights.root.0].concat();
                Ok(Entry {
                    header: [&packed.record.to_bytes()[..], &constants].concat(),
                    program: packed.leaf.root,
                    values,
                    way: Way::Record(Box::new(packed)),
                })
            }
            _ => Err(EntryError::Pipeline(kinds.join(", "))),
        }
    }

    /// The entry of a valid loop into the pipeline `kinds`, outermost first.
    pub fn of_loop(model: Arc<LoopModel>, kinds: &[&str]) -> Result<Entry, EntryError> {
        let stages = kinds.iter().take_while(|kind| **kind == "loop").count();
        let packed = match &kinds[stages..] {
            ["graph", "instruction"] | ["graph", "node", "instruction"] => false,
            ["instruction"] => true,
            _ => return Err(EntryError::Pipeline(kinds.join(", "))),
        };
        let loops = model.outermost.depth();
        if stages != loops {
            return Err(EntryError::Loops { stages, loops });
        }
        if kinds.len() > MAX_STAGES {
            return Err(EntryError::Stages(kinds.len()));
        }
        let values = model.request().into_iter().flatten();
        let values = values.map(|port| (port.name.clone(), port.bytes() as usize)).collect();
        let entry = LoopEntry::new(model, packed)?;
        Ok(Entry {
            header: entry.header(),
            program: entry.program(),
            values,
            way: Way::Loop(Arc::new(entry)),
        })
    }

    /// The bytes that the service's `enter` takes: loop header ‖ entry rule, the 52-byte graph header, or record ‖ constant roots
    /// in slot order.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The program of every task's claim.
    pub fn program(&self) -> Root {
        self.program
    }

    /// Puts a request's values, and all that the first stage needs to know of the program and its inputs, in the store; gives
    /// the inputs' root, so that the claim is `{program, inputs, output}`.
    pub fn request(&self, values: &[Bytes], store: &dyn Store) -> Result<Root, EntryError> {
        if values.len() != self.values.len() {
            return Err(EntryError::Values {
                expected: self.values.len(),
                given: values.len(),
            });
        }
        let mut roots = Vec::with_capacity(values.len());
        for (input, (bytes, (name, expected))) in values.iter().zip(&self.values).enumerate() {
            if bytes.len() != *expected {
                return Err(EntryError::Value {
                    input,
                    name: name.clone(),
                    expected: *expected,
                    given: bytes.len(),
                });
            }
            let root = slot_root(bytes);
            store.put(root, bytes.clone());
            roots.push(root);
        }
        let packed = match &self.way {
            Way::Graph => {
                let feed = put_vector(store, &roots);
                return Ok(put_graph_inputs(store, &Root::ZERO, &feed));
            }
            Way::Loop(entry) => return entry.request(&roots, store),
            Way::Record(packed) => packed,
        };
        for constant in [&packed.table, &packed.weights] {
            store.put(constant.root, constant.bytes.clone());
        }
        let node = StoredNode {
            record: packed.record.clone(),
            constants: packed.leaf.constants,
        };
        node.put(store);
        let mut slots = [chunk_zero(SLOT_HEIGHT); MAX_INPUTS];
        for (input, slot) in slots.iter_mut().enumerate().take(packed.record.input_count()) {
            let value = packed.record.input(input);
            let feed = value.filter(|value| value.source == Some(Source::Feed));
            *slot = feed
                .and_then(|value| roots.get(value.index as usize).copied())
                .unwrap_or(packed.leaf.constants[input]);
        }
        Ok(put_node_inputs(store, &slots))
    }
}
