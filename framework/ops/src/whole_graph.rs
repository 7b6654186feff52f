//! A whole graph packed into one node (`specs/programs.md`): node table and constants are inputs, locals lie in scratch.

use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::typed;
use crate::{AdmitError, DType, GAP, MAX_INPUTS, RECORD_BYTES, Record, RunError, Shape, Source, Value, WHOLE_GRAPH};

/// The node table, the constants; feeds follow.
const TABLE: usize = 0;
const CONSTANTS: usize = 1;
const FEEDS: usize = 2;
/// Locals lie in slot 2 from here on; a node's output index counts from the slot's first byte.
pub const SCRATCH_BASE: u32 = 1 << 20;
/// Locals and the scratch after them begin at multiples of a chunk.
const CHUNK: usize = 128;

/// A whole graph as its record describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WholeGraph {
    nodes: u32,
    output_local: u32,
    output: Value,
}

/// What a whole graph needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeGraphNeeds {
    /// Bytes of locals and scratch: the least `scratch_bytes` of its record.
    pub scratch_bytes: u64,
    /// The cost of all nodes.
    pub work_units: u64,
}

impl Kernel for WholeGraph {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        let given = record.input_count();
        if given < FEEDS {
            return Err(AdmitError::InputCount { expected: FEEDS, given });
        }
        let table = typed(record, TABLE, DType::U8)?;
        typed(record, CONSTANTS, DType::U8)?;
        let nodes = table.elements() / RECORD_BYTES as u32;
        if table.elements() % RECORD_BYTES as u32 != 0 {
            return Err(AdmitError::InputShape {
                input: TABLE,
                expected: crate::signature::shape(&[(nodes + 1).saturating_mul(RECORD_BYTES as u32)])?,
                given: table,
            });
        }
        let output_local = record.attribute(0);
        if output_local >= nodes {
            return Err(AdmitError::Attribute {
                place: 0,
                name: "output local",
                value: output_local as i32,
                rule: "a node of the table",
            });
        }
        let output = record.output().ok_or(AdmitError::Window)?;
        Ok(WholeGraph {
            nodes,
            output_local,
            output,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.output.dtype, self.output.shape)
    }

    fn work_units(&self) -> u64 {
        BASE_UNITS * (1 + u64::from(self.nodes))
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let graph = Packed::new(inputs)?;
        let locals_end = graph.locals_end();
        for node in 0..self.nodes {
            graph.run_node(node, scratch, locals_end)?;
        }
        let reference = RunError::Reference {
            node: self.output_local,
        };
        let (first, end) = graph.local(self.output_local).ok_or(reference)?;
        let local = scratch
            .get(first..end)
            .and_then(|local| local.get(start..)?.get(..output.len()));
        output.copy_from_slice(local.ok_or(reference)?);
        Ok(())
    }
}

/// Checks every node of a whole graph: admitted, no reference to what it cannot read, output as the record states.
///
/// `table` is the record's input 0. The record's own `scratch_bytes` is not looked at.
pub fn admit_whole_graph(record: &Record, table: &[u8]) -> Result<WholeGraphNeeds, RunError> {
    let plan = WholeGraph::plan(record)?;
    let graph = Packed { table, inputs: &[] };
    let locals_end = graph.locals_end();
    let mut scratch = 0u64;
    let mut work_units = BASE_UNITS;
    for node in 0..plan.nodes {
        let packed = graph.record(node).ok_or(RunError::Reference { node })?;
        work_units += BASE_UNITS;
        if packed.tag() == GAP {
            continue;
        }
        let admitted = if packed.tag() == WHOLE_GRAPH {
            Err(AdmitError::Tag(WHOLE_GRAPH))
        } else {
            crate::admit(&packed)
        };
        admitted.map_err(|error| RunError::Node { node, error })?;
        scratch = scratch.max(u64::from(packed.scratch_bytes()));
        work_units = work_units.saturating_add(crate::work_units(&packed));
        if packed.output_initial().is_some() {
            work_units = work_units.saturating_add(u64::from(packed.output_bytes()));
        }
        let reference = RunError::Reference { node };
        let (first, end) = graph.local(node).ok_or(reference)?;
        if !first.is_multiple_of(CHUNK) {
            return Err(reference);
        }
        for input in (0..packed.input_count()).filter_map(|input| packed.input(input)) {
            let readable = match input.source {
                Some(Source::Constant) => {
                    let end = u64::from(input.index) + u64::from(input.bytes());
                    input.index.is_multiple_of(CHUNK as u32) && end <= u64::from(record.input_bytes(CONSTANTS))
                }
                Some(Source::Feed) => {
                    let feed = record.input(FEEDS.saturating_add(input.index as usize));
                    feed.is_some_and(|feed| (feed.dtype, feed.bytes()) == (input.dtype, input.bytes()))
                }
                Some(Source::Local) => {
                    let described = graph.record(input.index).and_then(|earlier| earlier.output());
                    let same =
                        described.is_some_and(|local| (local.dtype, local.bytes()) == (input.dtype, input.bytes()));
                    let apart = graph
                        .local(input.index)
                        .is_some_and(|(from, to)| to <= first || end <= from);
                    input.index < node && same && apart
                }
                Some(Source::Carry) | None => false,
            };
            if !readable {
                return Err(reference);
            }
        }
    }
    // A gap has no local, whatever its record says of an output.
    let output = graph.local(plan.output_local).and(graph.record(plan.output_local));
    let output = output.and_then(|node| node.output());
    if output.map(|local| (local.dtype, local.shape)) != Some(plan.output()) {
        return Err(RunError::Reference {
            node: plan.output_local,
        });
    }
    Ok(WholeGraphNeeds {
        scratch_bytes: locals_end as u64 + scratch,
        work_units,
    })
}

/// The inputs of a whole graph.
struct Packed<'a> {
    table: &'a [u8],
    inputs: &'a [&'a [u8]],
}

impl<'a> Packed<'a> {
    fn new(inputs: &'a [&'a [u8]]) -> Result<Self, RunError> {
        let table = inputs.first().ok_or(RunError::Reference { node: 0 })?;
        Ok(Packed { table, inputs })
    }

    fn bytes(&self, node: u32) -> Option<&'a [u8; RECORD_BYTES]> {
        let first = (node as usize).checked_mul(RECORD_BYTES)?;
        self.table.get(first..)?.first_chunk::<RECORD_BYTES>()
    }

    fn record(&self, node: u32) -> Option<Record> {
        Record::from_bytes(self.bytes(node)?).ok()
    }

    /// Where local `node` lies in the scratch; `None` for a gap.
    fn local(&self, node: u32) -> Option<(usize, usize)> {
        let (tag, index, bytes) = Record::tag_and_output(self.bytes(node)?);
        if tag == GAP {
            return None;
        }
        let first = index.checked_sub(SCRATCH_BASE)? as usize;
        Some((first, first.checked_add(bytes as usize)?))
    }

    /// The end of the last local, rounded up to a chunk.
    fn locals_end(&self) -> usize {
        let nodes = (self.table.len() / RECORD_BYTES) as u32;
        let ends = (0..nodes).filter_map(|node| self.local(node)).map(|(_, end)| end);
        ends.max()
            .unwrap_or(0)
            .checked_next_multiple_of(CHUNK)
            .unwrap_or(usize::MAX)
    }

    fn run_node(&self, node: u32, scratch: &mut [u8], locals_end: usize) -> Result<(), RunError> {
        let reference = RunError::Reference { node };
        let record = self.record(node).ok_or(reference)?;
        if record.tag() == GAP {
            return Ok(());
        }
        if record.tag() == WHOLE_GRAPH {
            return Err(RunError::Node {
                node,
                error: AdmitError::Tag(WHOLE_GRAPH),
            });
        }
        let (first, end) = self.local(node).ok_or(reference)?;
        let (locals, scratch) = scratch.split_at_mut_checked(locals_end).ok_or(reference)?;
        let (before, rest) = locals.split_at_mut_checked(first).ok_or(reference)?;
        let (output, after) = rest.split_at_mut_checked(end - first).ok_or(reference)?;
        let mut inputs: [&[u8]; MAX_INPUTS] = [&[]; MAX_INPUTS];
        for (place, slot) in inputs.iter_mut().enumerate().take(record.input_count()) {
            let input = record.input(place).ok_or(reference)?;
            let bytes = match input.source {
                Some(Source::Constant) => {
                    let constants = self.inputs.get(CONSTANTS).ok_or(reference)?;
                    constants.get(input.index as usize..)
                }
                Some(Source::Feed) => {
                    let slot = FEEDS.saturating_add(input.index as usize);
                    self.inputs.get(slot).copied()
                }
                Some(Source::Local) if input.index < node => match self.local(input.index) {
                    Some((from, to)) if to <= first => before.get(from..),
                    Some((from, _)) if from >= end => after.get(from - end..),
                    _ => None,
                },
                _ => None,
            };
            *slot = bytes
                .and_then(|bytes| bytes.get(..input.bytes() as usize))
                .ok_or(reference)?;
        }
        let inputs = inputs.get(..record.input_count()).unwrap_or(&[]);
        if let Some(initial) = record.output_initial() {
            let bytes = inputs.get(initial).and_then(|bytes| bytes.get(..output.len()));
            output.copy_from_slice(bytes.ok_or(reference)?);
        }
        crate::run(&record, inputs, output, 0, scratch).map_err(|error| match error {
            RunError::Admit(error) => RunError::Node { node, error },
            other => other,
        })
    }
}
