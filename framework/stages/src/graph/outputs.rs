//! A graph run for its outputs alone: values end with the node that reads them last, and what a node starts from is changed in place
//! where nothing else needs it.

use bytes::{Bytes, BytesMut};
use opml_engine::StageError;
use opml_ops::{ALIAS, GAP, Source};

use super::KIND;
use super::lives::Read;
use super::program::{GraphProgram, not_its_start};

/// The values of a run so far.
struct Values<'a> {
    graph: &'a GraphProgram,
    carry: Vec<Option<Bytes>>,
    feed: &'a [Option<Bytes>],
    locals: Vec<Option<Bytes>>,
}

/// The outputs of a graph by output node, computed natively; nothing of a gap.
pub(super) fn outputs(
    graph: &GraphProgram,
    carry: Vec<Option<Bytes>>,
    feed: &[Option<Bytes>],
) -> Result<Vec<Option<Bytes>>, StageError> {
    let mut values = Values {
        graph,
        carry,
        feed,
        locals: Vec::with_capacity(graph.model.nodes.len()),
    };
    for node in 0..graph.model.nodes.len() {
        let output = match graph.node(node)?.record.tag() {
            GAP => None,
            ALIAS => Some(values.input(node, 0)?),
            _ => Some(values.computed(node)?),
        };
        values.locals.push(output);
        for read in graph.reads(node) {
            if graph.lives.ends(read, node) {
                values.take(read);
            }
        }
    }
    let taken = graph.output_nodes().map(|node| values.take(Read::Local(node)));
    Ok(taken.collect())
}

impl Values<'_> {
    fn take(&mut self, read: Read) -> Option<Bytes> {
        match read {
            Read::Carry(value) => self.carry.get_mut(value)?.take(),
            Read::Local(local) => self.locals.get_mut(local)?.take(),
        }
    }

    fn input(&self, node: usize, input: usize) -> Result<Bytes, StageError> {
        let missing = || StageError::Program {
            stage: KIND,
            reason: format!("input {input} of node {node} does not exist"),
        };
        let at = self.graph.node(node)?;
        let described = at.record.input(input).ok_or_else(missing)?;
        let index = described.index as usize;
        let found = match described.source.ok_or_else(missing)? {
            Source::Constant => {
                let constant = at.constants.get(input).copied().flatten();
                constant.and_then(|constant| Some(self.graph.model.constants.get(constant)?.bytes.clone()))
            }
            Source::Feed => self.feed.get(index).cloned().flatten(),
            Source::Carry => self.carry.get(index).cloned().flatten(),
            Source::Local => self.locals.get(index).cloned().flatten(),
        };
        found.ok_or_else(missing)
    }

    fn computed(&mut self, node: usize) -> Result<Bytes, StageError> {
        let record = &self.graph.node(node)?.record;
        let inputs = (0..record.input_count()).map(|input| self.input(node, input));
        let mut inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        self.graph.check_sizes(node, &inputs)?;
        let mut output = match record.output_initial() {
            None => BytesMut::zeroed(record.output_bytes() as usize),
            Some(initial) => self.started(node, initial, &mut inputs)?,
        };
        self.graph.compute_into(node, &inputs, &mut output)?;
        Ok(output.freeze())
    }

    /// What the output starts as: input `initial` itself where it ends here, else a copy.
    fn started(&mut self, node: usize, initial: usize, inputs: &mut [Bytes]) -> Result<BytesMut, StageError> {
        let record = &self.graph.node(node)?.record;
        let size = record.output_bytes() as usize;
        let start = match inputs.get_mut(initial) {
            Some(start) if start.len() == size => start,
            _ => {
                return Err(self.graph.failed(node, not_its_start(initial)));
            }
        };
        let own = Read::of(&self.graph.model, node, initial).filter(|own| {
            let reads = self.graph.reads(node).filter(|read| read == own);
            self.graph.lives.ends(*own, node) && reads.count() == 1
        });
        let Some(own) = own else {
            return Ok(BytesMut::from(&start[..]));
        };
        // No operator reads the input that its output starts as; it is there by its size only.
        *start = self.graph.zeros(size);
        let bytes = self.take(own).unwrap_or_default();
        Ok(bytes
            .try_into_mut()
            .unwrap_or_else(|shared| BytesMut::from(&shared[..])))
    }
}
