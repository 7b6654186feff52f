//! A graph packed into one node, for pipelines without a `graph` stage (`specs/programs.md`, Whole-graph record).

use bytes::Bytes;
use opml_commit::{CHUNK_BYTES, MAX_VALUE_BYTES};
use opml_ops::{DType, Record, SCRATCH_BASE, Shape, Source, Value, WHOLE_GRAPH};
use thiserror::Error;

use crate::{Constant, Model, NodeLeaf};

const WEIGHTS_INPUT: usize = 1;

/// Why a model does not fit one record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WholeGraphError {
    /// Several carried values: a packed graph has one output, and that is what a pass hands on.
    #[error("the model carries {0} values; a pipeline without a graph stage has at most one")]
    Carry(usize),
    /// More than one output, or none.
    #[error("the model has {0} outputs; a pipeline without a graph stage has one")]
    Outputs(usize),
    /// Too many fed values for the slots.
    #[error("{0} inputs do not fit the ten slots that a packed graph leaves")]
    Inputs(usize),
    /// Constants, or locals and scratch, do not fit a slot.
    #[error("{what} of {bytes} bytes do not fit a slot")]
    Slot {
        /// What is too large.
        what: &'static str,
        /// Its size.
        bytes: u64,
    },
    /// The model was not validated.
    #[error("the model is not valid")]
    Invalid,
}

/// A graph as one record with its two constants.
#[derive(Clone, Debug)]
pub struct WholeGraph {
    /// The record, tag 2.
    pub record: Record,
    /// The packed node table, input 0.
    pub table: Constant,
    /// All constants, input 1.
    pub weights: Constant,
    /// The program of `[instruction]` claims.
    pub leaf: NodeLeaf,
}

fn aligned(bytes: u64) -> u64 {
    bytes.next_multiple_of(CHUNK_BYTES as u64)
}

fn byte_tensor(source: Source, index: u32, bytes: usize) -> Option<Value> {
    Some(Value {
        source: Some(source),
        index,
        dtype: DType::U8,
        shape: Shape::new(&[u32::try_from(bytes).ok()?]).ok()?,
    })
}

/// Packs a valid model.
pub fn pack_whole_graph(model: &Model) -> Result<WholeGraph, WholeGraphError> {
    let [port] = &model.outputs[..] else {
        return Err(WholeGraphError::Outputs(model.outputs.len()));
    };
    if model.output_height != 0 {
        return Err(WholeGraphError::Outputs(1 << model.output_height.min(31)));
    }
    let carried = model.carry.len();
    if carried > 1 {
        return Err(WholeGraphError::Carry(carried));
    }
    let entering = carried + model.feed.len();
    if entering > 10 {
        return Err(WholeGraphError::Inputs(entering));
    }
    let mut weights: Vec<u8> = Vec::new();
    let mut offsets = Vec::with_capacity(model.constants.len());
    for constant in &model.constants {
        offsets.push(u32::try_from(weights.len()).map_err(|_| too_large("constants", weights.len() as u64))?);
        weights.extend_from_slice(&constant.bytes);
        weights.resize(aligned(weights.len() as u64) as usize, 0);
    }
    if weights.is_empty() {
        weights.resize(CHUNK_BYTES, 0);
    }
    let mut table: Vec<u8> = Vec::new();
    let mut local_end = u64::from(SCRATCH_BASE);
    let mut scratch = 0u32;
    for node in &model.nodes {
        let mut record = node.record.clone();
        for (input, constant) in node.constants.iter().enumerate() {
            if let Some(constant) = constant {
                record.set_input_index(input, *offsets.get(*constant).ok_or(WholeGraphError::Invalid)?);
            }
        }
        // In the packed table a carried value is the first of the fed ones: the machine tells them apart by slot alone.
        for input in 0..record.input_count() {
            match record.input(input) {
                Some(value) if value.source == Some(Source::Carry) => {
                    record.set_input_place(input, Source::Feed, value.index);
                }
                Some(value) if value.source == Some(Source::Feed) => {
                    record.set_input_place(input, Source::Feed, value.index.saturating_add(carried as u32));
                }
                _ => {}
            }
        }
        if let Some(output) = record.output() {
            record.set_output(Value {
                index: u32::try_from(local_end).map_err(|_| too_large("locals", local_end))?,
                ..output
            });
            local_end += aligned(u64::from(output.bytes()));
            scratch = scratch.max(record.scratch_bytes());
        }
        table.extend_from_slice(&record.to_bytes());
    }
    let locals_and_scratch = local_end - u64::from(SCRATCH_BASE) + u64::from(scratch);
    for (what, bytes) in [
        ("constants", weights.len() as u64),
        ("node records", table.len() as u64),
        ("locals", local_end + u64::from(scratch)),
    ] {
        if bytes > MAX_VALUE_BYTES {
            return Err(too_large(what, bytes));
        }
    }
    let mut record = Record::new(
        WHOLE_GRAPH,
        Value {
            source: None,
            index: 0,
            dtype: port.dtype,
            shape: port.shape,
        },
    );
    let packed = [table.len(), weights.len()];
    for bytes in packed {
        record.push_input(byte_tensor(Source::Constant, 0, bytes).ok_or(WholeGraphError::Invalid)?);
    }
    for (source, ports) in [(Source::Carry, &model.carry), (Source::Feed, &model.feed)] {
        for (index, port) in (0..).zip(ports) {
            record.push_input(Value {
                source: Some(source),
                index,
                dtype: port.dtype,
                shape: port.shape,
            });
        }
    }
    record.set_attribute(0, model.output_index);
    record.set_block_log2(
        model
            .nodes
            .get(model.output_index as usize)
            .ok_or(WholeGraphError::Invalid)?
            .record
            .block_log2(),
    );
    record.set_scratch_bytes(locals_and_scratch as u32);
    let (table, weights) = (Constant::new(Bytes::from(table)), Constant::new(Bytes::from(weights)));
    let mut constants = [opml_commit::Root::ZERO; opml_ops::MAX_INPUTS];
    constants[0] = table.root;
    constants[WEIGHTS_INPUT] = weights.root;
    let leaf = NodeLeaf::new(&record, constants);
    Ok(WholeGraph {
        record,
        table,
        weights,
        leaf,
    })
}

fn too_large(what: &'static str, bytes: u64) -> WholeGraphError {
    WholeGraphError::Slot { what, bytes }
}
