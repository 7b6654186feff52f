use bytes::Bytes;
use opml_commit::{Root, height_of};
use opml_engine::{StageError, Store};
use opml_graph::{ComputeBackend, block_count};
use opml_ops::Source;

use super::KIND;
use crate::content::{StoredBlock, StoredNode, node_inputs_of, value};
use crate::graph::run_node;

/// A node claim's program and inputs, as found in the store.
pub(super) struct NodeWork {
    pub(super) leaf: Root,
    pub(super) inputs: Root,
    pub(super) node: StoredNode,
    /// Blocks of the output.
    pub(super) count: u32,
}

impl NodeWork {
    pub(super) fn find(program: &Root, inputs: &Root, store: &dyn Store) -> Result<NodeWork, StageError> {
        let node = StoredNode::get(store, program)?;
        let count = block_count(node.record.output_bytes(), node.record.block_log2()).filter(|count| *count > 0);
        let count = count.ok_or_else(|| StageError::Program {
            stage: KIND,
            reason: format!(
                "an output of {} bytes has no blocks of 2^{} bytes",
                node.record.output_bytes(),
                node.record.block_log2()
            ),
        })?;
        Ok(NodeWork {
            leaf: *program,
            inputs: *inputs,
            node,
            count,
        })
    }

    /// The true output, computed natively.
    pub(super) fn compute(
        &self,
        compute: &dyn ComputeBackend,
        threads: usize,
        store: &dyn Store,
    ) -> Result<Bytes, StageError> {
        let slots = node_inputs_of(store, &self.inputs)?;
        let record = &self.node.record;
        let sizes = (0..record.input_count()).map(|input| record.input_bytes(input) as usize);
        let inputs = slots.iter().zip(sizes).map(|(root, size)| value(store, root, size));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        run_node(compute, threads, record, &inputs).map_err(|reason| StageError::Compute {
            what: format!("the node {}", self.leaf),
            reason,
        })
    }

    pub(super) fn block_log2(&self) -> u8 {
        self.node.record.block_log2() as u8
    }

    /// Height of one block's tree.
    pub(super) fn block_height(&self) -> u8 {
        self.block_log2() - 7
    }

    /// Height of the tree over the blocks.
    pub(super) fn trace_height(&self) -> u8 {
        height_of(u64::from(self.count))
    }

    /// The bytes of the output that block `index` holds.
    pub(super) fn range(&self, index: u64) -> std::ops::Range<usize> {
        let end = self.node.record.output_bytes() as usize;
        let first = (index as usize).saturating_mul(1 << self.block_log2()).min(end);
        first..first.saturating_add(1 << self.block_log2()).min(end)
    }

    /// Puts block `index`'s program in the store and gives it.
    pub(super) fn block_program(&self, index: u64, store: &dyn Store) -> Root {
        let block = StoredBlock {
            leaf: self.leaf,
            block_log2: u32::from(self.block_log2()),
            index: index as u32,
        };
        block.put(store)
    }

    /// The roots of the constant inputs, in slot order.
    pub(super) fn constant_roots(&self) -> impl Iterator<Item = &Root> {
        let constants = self.node.constants.iter().enumerate();
        constants
            .filter(|(input, _)| {
                let value = self.node.record.input(*input);
                value.and_then(|value| value.source) == Some(Source::Constant)
            })
            .map(|(_, root)| root)
    }
}
