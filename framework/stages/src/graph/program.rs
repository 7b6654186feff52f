use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use opml_commit::{Root, VectorTree};
use opml_engine::{StageError, Store};
use opml_graph::{ComputeBackend, GraphHeader, Model, Node};
use opml_ops::{MAX_INPUTS, Record};

use super::KIND;
use super::lives::{Lives, Read};

/// A model as the stage runs it.
pub(super) struct GraphProgram {
    pub(super) model: Arc<Model>,
    pub(super) header: GraphHeader,
    pub(super) program: Root,
    pub(super) table: VectorTree,
    pub(super) lives: Lives,
    /// Zeros, as many as any node's output starts as.
    zeros: OnceLock<Bytes>,
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
        let output = output_nodes(&header);
        GraphProgram {
            program: header.program(),
            lives: Lives::of(&model, output),
            zeros: OnceLock::new(),
            header,
            table,
            model,
            compute,
            threads: threads.max(1),
        }
    }

    /// The nodes of the output block.
    pub(super) fn output_nodes(&self) -> Range<usize> {
        output_nodes(&self.header)
    }

    /// The carried values and locals that a node reads, one for each input that does.
    pub(super) fn reads(&self, node: usize) -> impl Iterator<Item = Read> {
        (0..MAX_INPUTS).filter_map(move |input| Read::of(&self.model, node, input))
    }

    /// So many zeros, at most as many as any node's output starts as.
    pub(super) fn zeros(&self, size: usize) -> Bytes {
        let zeros = self.zeros.get_or_init(|| Bytes::from(vec![0; self.lives.most_initial]));
        zeros.slice(..size.min(zeros.len()))
    }

    /// Why a node could not be computed.
    pub(super) fn failed(&self, node: usize, reason: String) -> StageError {
        let name = self.model.nodes.get(node).map_or("", |node| &node.name);
        StageError::Compute {
            what: format!("node {node} `{name}`"),
            reason,
        }
    }

    /// Whether a node's inputs have the bytes that its record states.
    pub(super) fn check_sizes(&self, node: usize, inputs: &[Bytes]) -> Result<(), StageError> {
        check_sizes(&self.node(node)?.record, inputs).map_err(|reason| self.failed(node, reason))
    }

    /// Computes a node natively over inputs of the right sizes, into an output that begins as `output_initial` says.
    pub(super) fn compute_into(&self, node: usize, inputs: &[Bytes], output: &mut [u8]) -> Result<(), StageError> {
        let record = &self.node(node)?.record;
        let ran = run_into(self.compute.as_ref(), self.threads, record, inputs, output);
        ran.map_err(|reason| self.failed(node, reason))
    }

    pub(super) fn node(&self, node: usize) -> Result<&Node, StageError> {
        self.model.nodes.get(node).ok_or_else(|| StageError::Point {
            stage: KIND,
            reason: format!("node {node} does not exist; there are {}", self.model.nodes.len()),
        })
    }

    /// The bytes of a node's output, computed natively.
    pub(super) fn compute(&self, node: usize, inputs: &[Bytes]) -> Result<Bytes, StageError> {
        let record = &self.node(node)?.record;
        let ran = run_node(self.compute.as_ref(), self.threads, record, inputs);
        ran.map_err(|reason| self.failed(node, reason))
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

/// The output of one node, computed natively; an error says why there is none.
pub fn run_node(
    compute: &dyn ComputeBackend,
    threads: usize,
    record: &Record,
    inputs: &[Bytes],
) -> Result<Bytes, String> {
    check_sizes(record, inputs)?;
    let mut output = vec![0; record.output_bytes() as usize];
    if let Some(initial) = record.output_initial() {
        match inputs.get(initial) {
            Some(bytes) if bytes.len() == output.len() => output.copy_from_slice(bytes),
            _ => return Err(not_its_start(initial)),
        }
    }
    run_into(compute, threads, record, inputs, &mut output)?;
    Ok(Bytes::from(output))
}

/// Runs one node natively over inputs of the right sizes, into an output that begins as `output_initial` says.
fn run_into(
    compute: &dyn ComputeBackend,
    threads: usize,
    record: &Record,
    inputs: &[Bytes],
    output: &mut [u8],
) -> Result<(), String> {
    let inputs: Vec<&[u8]> = inputs.iter().map(|bytes| bytes.as_ref()).collect();
    let ran = compute.run_node(record, &inputs, output, threads);
    ran.map_err(|error| error.to_string())
}

/// Whether inputs have the bytes that a record states.
fn check_sizes(record: &Record, inputs: &[Bytes]) -> Result<(), String> {
    for (input, bytes) in inputs.iter().enumerate() {
        let stated = record.input_bytes(input) as usize;
        if bytes.len() != stated {
            return Err(format!(
                "input {input} has {} bytes, the record says {stated}",
                bytes.len()
            ));
        }
    }
    Ok(())
}

/// Why an output has nothing to start from.
pub(super) fn not_its_start(input: usize) -> String {
    format!("the output cannot start as input {input}")
}

fn output_nodes(header: &GraphHeader) -> Range<usize> {
    let width = 1usize.checked_shl(header.output_height).unwrap_or(0);
    let first = (header.output_index as usize).saturating_mul(width);
    first..first.saturating_add(width)
}
