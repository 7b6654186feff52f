use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, VectorTree};
use opml_engine::{StageError, Store};
use opml_graph::{ComputeBackend, GraphHeader, Model, Node};
use opml_ops::Record;

use super::KIND;

/// A model as the stage runs it.
pub(super) struct GraphProgram {
    pub(super) model: Arc<Model>,
    pub(super) header: GraphHeader,
    pub(super) program: Root,
    pub(super) table: VectorTree,
    compute: Arc<dyn ComputeBackend>,
    threads: usize,
}

impl GraphProgram {
    pub(super) fn new(model: Arc<Model>, compute: Arc<dyn ComputeBackend>, threads: usize) -> GraphProgram {
        let table = model.node_table();
        let header = GraphHeader {
            node_table_root: table.root(),
            ..model.header()
        };
        GraphProgram {
            program: header.program(),
            header,
            table,
            model,
            compute,
            threads: threads.max(1),
        }
    }

    /// The nodes of the output block.
    pub(super) fn output_nodes(&self) -> std::ops::Range<usize> {
        let width = 1usize.checked_shl(self.header.output_height).unwrap_or(0);
        let first = (self.header.output_index as usize).saturating_mul(width);
        first..first.saturating_add(width)
    }

    pub(super) fn node(&self, node: usize) -> Result<&Node, StageError> {
        self.model.nodes.get(node).ok_or_else(|| StageError::Point {
            stage: KIND,
            reason: format!("node {node} does not exist; there are {}", self.model.nodes.len()),
        })
    }

    /// The bytes of a node's output, computed natively.
    pub(super) fn compute(&self, node: usize, inputs: &[Bytes]) -> Result<Bytes, StageError> {
        let Node { name, record, .. } = self.node(node)?;
        run_node(self.compute.as_ref(), self.threads, record, inputs, || {
            format!("node {node} `{name}`")
        })
    }

    /// Puts a node's constants in the store.
    pub(super) fn put_constants(&self, node: usize, store: &dyn Store) -> Result<(), StageError> {
        for constant in self.node(node)?.constants.iter().flatten() {
            if let Some(constant) = self.model.constants.get(*constant) {
                store.put(constant.root, constant.bytes.clone());
            }
        }
        Ok(())
    }
}

/// Runs one node natively.
pub(crate) fn run_node(
    compute: &dyn ComputeBackend,
    threads: usize,
    record: &Record,
    inputs: &[Bytes],
    what: impl Fn() -> String,
) -> Result<Bytes, StageError> {
    let failed = |reason: String| StageError::Compute { what: what(), reason };
    for (input, bytes) in inputs.iter().enumerate() {
        let stated = record.input_bytes(input) as usize;
        if bytes.len() != stated {
            return Err(failed(format!(
                "input {input} has {} bytes, the record says {stated}",
                bytes.len()
            )));
        }
    }
    let mut output = vec![0; record.output_bytes() as usize];
    if let Some(initial) = record.output_initial() {
        match inputs.get(initial) {
            Some(bytes) if bytes.len() == output.len() => output.copy_from_slice(bytes),
            _ => return Err(failed(format!("the output cannot start as input {initial}"))),
        }
    }
    let inputs: Vec<&[u8]> = inputs.iter().map(|bytes| bytes.as_ref()).collect();
    let ran = compute.run_node(record, &inputs, &mut output, threads);
    ran.map_err(|error| failed(error.to_string()))?;
    Ok(Bytes::from(output))
}
