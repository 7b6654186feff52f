use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, chunk_zero, slot_root};
use opml_engine::Store;
use opml_graph::{Model, WholeGraph, WholeGraphError, pack_whole_graph};
use opml_ops::{MAX_INPUTS, Source};
use thiserror::Error;

use crate::content::{StoredNode, put_graph_inputs, put_node_inputs, put_vector};

/// Why a model does not enter a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EntryError {
    /// The stages are no pipeline of this crate.
    #[error("[{0}] is no pipeline; use [instruction], [graph, instruction] or [graph, node, instruction]")]
    Pipeline(String),
    /// A task has one output value.
    #[error("the model has {0} outputs; a task has one")]
    Outputs(usize),
    /// A task has no carry.
    #[error("the model carries values from pass to pass; a task without a loop has none")]
    Carry,
    /// The graph does not fit one record.
    #[error("the model does not fit one machine run: {0}")]
    Packed(#[from] WholeGraphError),
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
    /// The model as one record, when there is no graph stage.
    packed: Option<WholeGraph>,
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
                packed: None,
            }),
            ["instruction"] => {
                let packed = pack_whole_graph(model)?;
                let constants = [packed.table.root.0, packed.weights.root.0].concat();
                Ok(Entry {
                    header: [&packed.record.to_bytes()[..], &constants].concat(),
                    program: packed.leaf.root,
                    values,
                    packed: Some(packed),
                })
            }
            _ => Err(EntryError::Pipeline(kinds.join(", "))),
        }
    }

    /// The bytes that the service's `enter` takes: the 52-byte graph header, or record ‖ constant roots in slot order.
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
        let Some(packed) = &self.packed else {
            let feed = put_vector(store, &roots);
            return Ok(put_graph_inputs(store, &Root::ZERO, &feed));
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
