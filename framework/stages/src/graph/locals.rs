use std::sync::OnceLock;

use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, chunk_zero, slot_root};
use opml_engine::{Fault, Stage, StageError, Store};
use opml_ops::{ALIAS, GAP, MAX_INPUTS, Source};

use super::program::GraphProgram;
use super::{KIND, stage::output_node};
use crate::content::{StoredNode, graph_inputs_of, put_node_inputs, value, vector};
use crate::output_fault::{first_part, flipped, output_byte};

/// A node's output. It is hashed when its root is first asked for.
struct Local {
    bytes: Bytes,
    root: OnceLock<Root>,
    /// An alias has its input's root.
    alias: bool,
}

/// All nodes' outputs, for one claim's inputs.
pub(super) struct Locals {
    locals: Vec<Local>,
    /// The carry's root and roots.
    pub(super) carry: (Root, Vec<Root>),
    /// The feed's root and roots.
    pub(super) feed: (Root, Vec<Root>),
}

impl Locals {
    /// Runs the graph over a claim's inputs. With a fault, the named node's output is the liar's, and what follows is computed
    /// from it; `next` runs nodes whose fault lies deeper.
    pub(super) fn run(
        graph: &GraphProgram,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
        next: &dyn Stage,
    ) -> Result<Locals, StageError> {
        let (carry, feed) = graph_inputs_of(store, inputs)?;
        let mut locals = Locals {
            locals: Vec::with_capacity(graph.model.nodes.len()),
            carry: (carry, vector(store, &carry, graph.model.carry.len())?),
            feed: (feed, vector(store, &feed, graph.model.feed.len())?),
        };
        let fault = fault.map(|fault| place(graph, fault)).transpose()?;
        for node in 0..graph.model.nodes.len() {
            let mut local = locals.true_local(graph, node, store)?;
            if let Some(fault) = fault.as_ref().and_then(|fault| fault.within(node as u64)) {
                local = locals.false_local(graph, node, local, store, &fault, next)?;
            }
            locals.locals.push(local);
        }
        Ok(locals)
    }

    fn true_local(&self, graph: &GraphProgram, node: usize, store: &dyn Store) -> Result<Local, StageError> {
        let record = &graph.node(node)?.record;
        let (bytes, alias) = match record.tag() {
            GAP => (Bytes::new(), false),
            ALIAS => (self.input_bytes(graph, node, 0, store)?, true),
            _ => (graph.compute(node, &self.inputs_bytes(graph, node, store)?)?, false),
        };
        Ok(Local {
            bytes,
            root: OnceLock::new(),
            alias,
        })
    }

    fn false_local(
        &self,
        graph: &GraphProgram,
        node: usize,
        truth: Local,
        store: &dyn Store,
        fault: &Fault,
        next: &dyn Stage,
    ) -> Result<Local, StageError> {
        let name = || format!("node {node} `{}`", graph.model.nodes[node].name);
        let own = |bytes: Vec<u8>| Local {
            bytes: Bytes::from(bytes),
            root: OnceLock::new(),
            alias: false,
        };
        if fault.path.is_empty() {
            let byte = output_byte(&name(), &fault.part, truth.bytes.len())?;
            return Ok(own(flipped(&truth.bytes, byte)));
        }
        if matches!(graph.node(node)?.record.tag(), GAP | ALIAS) {
            return Err(StageError::Fault {
                reason: format!("goes below {}, which is decided in the graph stage", name()),
            });
        }
        let (program, inputs) = self.prime(graph, node, store)?;
        let root = next.evaluate(&program, &inputs, store, Some(fault))?;
        Ok(own(value(store, &root, truth.bytes.len())?.to_vec()))
    }

    /// The same locals, in which the outputs are said to be those of the block `claimed`; unchanged when the store lacks them.
    pub(super) fn with_outputs(
        mut self,
        graph: &GraphProgram,
        claimed: &Root,
        store: &dyn Store,
    ) -> Result<Locals, Box<Locals>> {
        let nodes = graph.output_nodes();
        let Ok(roots) = vector(store, claimed, nodes.len()) else {
            return Err(Box::new(self));
        };
        for (node, root) in nodes.zip(roots) {
            let own = self.root(graph, node);
            let Some(local) = self.locals.get_mut(node).filter(|_| own != root) else {
                continue;
            };
            let Ok(bytes) = value(store, &root, local.bytes.len()) else {
                return Err(Box::new(self));
            };
            *local = Local {
                bytes,
                root: OnceLock::new(),
                alias: false,
            };
        }
        Ok(self)
    }

    fn input_bytes(
        &self,
        graph: &GraphProgram,
        node: usize,
        input: usize,
        store: &dyn Store,
    ) -> Result<Bytes, StageError> {
        let missing = || StageError::Program {
            stage: KIND,
            reason: format!("input {input} of node {node} does not exist"),
        };
        let described = graph.node(node)?.record.input(input).ok_or_else(missing)?;
        let index = described.index as usize;
        let size = described.bytes() as usize;
        let fetch = |roots: &[Root]| value(store, roots.get(index).ok_or_else(missing)?, size);
        match described.source.ok_or_else(missing)? {
            Source::Constant => {
                let constant = graph.node(node)?.constants.get(input).copied().flatten();
                let constant = constant.and_then(|constant| graph.model.constants.get(constant));
                Ok(constant.ok_or_else(missing)?.bytes.clone())
            }
            Source::Carry => fetch(&self.carry.1),
            Source::Feed => fetch(&self.feed.1),
            Source::Local => Ok(self.locals.get(index).ok_or_else(missing)?.bytes.clone()),
        }
    }

    fn inputs_bytes(&self, graph: &GraphProgram, node: usize, store: &dyn Store) -> Result<Vec<Bytes>, StageError> {
        (0..graph.node(node)?.record.input_count())
            .map(|input| self.input_bytes(graph, node, input, store))
            .collect()
    }

    /// The root of what node `node` reads as input `input`.
    pub(super) fn input_root(&self, graph: &GraphProgram, node: usize, input: usize) -> Root {
        let described = graph.model.nodes.get(node).and_then(|node| node.record.input(input));
        let found = described.and_then(|described| {
            let index = described.index as usize;
            match described.source? {
                Source::Constant => Some(graph.model.constant_roots(node)[input]),
                Source::Carry => self.carry.1.get(index).copied(),
                Source::Feed => self.feed.1.get(index).copied(),
                Source::Local => (index < node).then(|| self.root(graph, index)),
            }
        });
        found.unwrap_or(chunk_zero(SLOT_HEIGHT))
    }

    /// The root of local `node`; the zero word of a gap.
    pub(super) fn root(&self, graph: &GraphProgram, node: usize) -> Root {
        let Some(local) = self.locals.get(node) else {
            return Root::ZERO;
        };
        *local.root.get_or_init(|| match graph.model.nodes[node].record.tag() {
            GAP => Root::ZERO,
            _ if local.alias => self.input_root(graph, node, 0),
            _ => slot_root(&local.bytes),
        })
    }

    /// The bytes of local `node`.
    pub(super) fn bytes(&self, node: usize) -> Bytes {
        self.locals
            .get(node)
            .map(|local| local.bytes.clone())
            .unwrap_or_default()
    }

    /// Puts what the node's claim needs in the store: the program, the inputs, the constants and the values. Gives the claim's
    /// program and inputs.
    pub(super) fn prime(
        &self,
        graph: &GraphProgram,
        node: usize,
        store: &dyn Store,
    ) -> Result<(Root, Root), StageError> {
        let record = &graph.node(node)?.record;
        let stored = StoredNode {
            record: record.clone(),
            constants: graph.model.constant_roots(node),
        };
        graph.put_constants(node, store)?;
        let mut slots = [chunk_zero(SLOT_HEIGHT); MAX_INPUTS];
        for (input, slot) in slots.iter_mut().enumerate().take(record.input_count()) {
            *slot = self.input_root(graph, node, input);
            if let Some(described) = record.input(input).filter(|input| input.source == Some(Source::Local)) {
                store.put(*slot, self.bytes(described.index as usize));
            }
        }
        Ok((stored.put(store), put_node_inputs(store, &slots)))
    }
}

/// The fault with a path that names a node: a false output of the graph is one of its output node.
fn place(graph: &GraphProgram, fault: &Fault) -> Result<Fault, StageError> {
    match first_part(KIND, fault, graph.model.nodes.len() as u64)? {
        Some(_) => Ok(fault.clone()),
        None => Ok(Fault {
            path: vec![output_node(graph)?],
            part: fault.part,
        }),
    }
}
