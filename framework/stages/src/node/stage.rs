use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, slot_root};
use opml_engine::{Claim, Fault, Stage, StageError, Store, Trace};
use opml_graph::ComputeBackend;

use super::KIND;
use super::trace::NodeTrace;
use super::work::NodeWork;
use crate::content::{content, sized, value};
use crate::output_fault::{first_part, flipped, output_byte};

/// The node stage as a party computes it: the output is recomputed natively, on a compute backend.
pub struct NodeStage {
    compute: Arc<dyn ComputeBackend>,
    threads: usize,
    next: Arc<dyn Stage>,
}

impl NodeStage {
    /// The stage; `next` runs the block in which a fault lies deeper.
    pub fn new(compute: Arc<dyn ComputeBackend>, threads: usize, next: Arc<dyn Stage>) -> NodeStage {
        NodeStage {
            compute,
            threads: threads.max(1),
            next,
        }
    }

    fn output(&self, work: &NodeWork, store: &dyn Store, fault: Option<&Fault>) -> Result<Bytes, StageError> {
        let truth = work.compute(self.compute.as_ref(), self.threads, store)?;
        let Some(fault) = fault else {
            return Ok(truth);
        };
        let Some(block) = first_part(KIND, fault, u64::from(work.count))? else {
            let byte = output_byte("the node's output", &fault.part, truth.len())?;
            return Ok(Bytes::from(flipped(&truth, byte)));
        };
        let range = work.range(block);
        if fault.path.len() == 1 {
            let byte = output_byte(&format!("block {block}"), &fault.part, range.len())?;
            return Ok(Bytes::from(flipped(&truth, range.start + byte)));
        }
        let program = work.block_program(block, store);
        let root = self
            .next
            .evaluate(&program, &work.inputs, store, fault.within(block).as_ref())?;
        let own = sized(content(store, "the block", &root)?, range.len());
        let mut output = truth.to_vec();
        output[range].copy_from_slice(&own);
        Ok(Bytes::from(output))
    }

    /// The output of a party whose lie was told above: the claimed one if it is hers; else, for a challenger, his own false one,
    /// and when the lie does not show here, the true one.
    fn insisted(&self, work: &NodeWork, claimed: &Root, store: &dyn Store, fault: &Fault) -> Result<Bytes, StageError> {
        let size = work.node.record.output_bytes() as usize;
        match value(store, claimed, size) {
            Err(StageError::Missing { .. }) => self
                .output(work, store, Some(fault))
                .or_else(|_| self.output(work, store, None)),
            held => held,
        }
    }
}

impl Stage for NodeStage {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn evaluate(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Root, StageError> {
        let work = NodeWork::find(program, inputs, store)?;
        let output = self.output(&work, store, fault)?;
        let root = slot_root(&output);
        store.put(root, output);
        Ok(root)
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let work = NodeWork::find(&claim.program, &claim.inputs, store)?;
        let output = match fault.filter(|fault| fault.path.is_empty()) {
            None => self.output(&work, store, fault)?,
            Some(fault) => self.insisted(&work, &claim.output, store, fault)?,
        };
        Ok(Box::new(NodeTrace::new(work, output, claim)))
    }
}
