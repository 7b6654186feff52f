use std::sync::Arc;

use opml_commit::Root;
use opml_engine::{Claim, Fault, Stage, StageError, Store, Trace};
use opml_graph::{ComputeBackend, Model, ValidateError, validate};

use super::KIND;
use super::locals::Locals;
use super::program::GraphProgram;
use super::trace::GraphTrace;
use crate::content::put_vector;

/// The graph stage as a party computes it: nodes run natively, on a compute backend.
pub struct GraphStage {
    graph: Arc<GraphProgram>,
    next: Arc<dyn Stage>,
}

impl GraphStage {
    /// The stage of one model. `next` runs the nodes in which a fault lies deeper. A model that honest roles would not touch is
    /// refused.
    pub fn new(
        model: Arc<Model>,
        compute: Arc<dyn ComputeBackend>,
        threads: usize,
        next: Arc<dyn Stage>,
    ) -> Result<GraphStage, ValidateError> {
        validate(&model)?;
        Ok(GraphStage {
            graph: Arc::new(GraphProgram::new(model, compute, threads)),
            next,
        })
    }

    fn locals(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Locals, StageError> {
        self.graph.check(program)?;
        Locals::run(&self.graph, inputs, store, fault, self.next.as_ref())
    }
}

/// The only output's node.
pub(super) fn output_node(graph: &GraphProgram) -> Result<u64, StageError> {
    match graph.header.output_height {
        0 => Ok(u64::from(graph.header.output_index)),
        _ => Err(StageError::Fault {
            reason: "names no node, and the graph has several outputs: say which node's".into(),
        }),
    }
}

impl Stage for GraphStage {
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
        let locals = self.locals(program, inputs, store, fault)?;
        let width = 1usize.checked_shl(self.graph.header.output_height).unwrap_or(0);
        let first = (self.graph.header.output_index as usize).saturating_mul(width);
        let roots: Vec<Root> = (first..first.saturating_add(width))
            .map(|node| {
                let root = locals.root(&self.graph, node);
                if !root.is_zero() {
                    store.put(root, locals.bytes(node));
                }
                root
            })
            .collect();
        Ok(put_vector(store, &roots))
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let locals = self.locals(&claim.program, &claim.inputs, store, fault)?;
        Ok(Box::new(GraphTrace::new(Arc::clone(&self.graph), locals, claim)))
    }
}
