use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, slot_root};
use opml_engine::{Claim, Fault, Stage, StageError, Store, Trace};
use opml_graph::{ComputeBackend, Model, Port, ValidateError, validate};

use super::KIND;
use super::locals::Locals;
use super::outputs::outputs;
use super::program::GraphProgram;
use super::trace::GraphTrace;
use crate::content::{graph_inputs_of, put_vector, value, vector};

/// The graph stage as a party computes it: nodes run natively, on a compute backend.
pub struct GraphStage {
    graphs: Vec<Arc<GraphProgram>>,
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
        GraphStage::of_several(&[model], compute, threads, next)
    }

    /// The stage of several models: each claim names the program of one of them.
    pub fn of_several(
        models: &[Arc<Model>],
        compute: Arc<dyn ComputeBackend>,
        threads: usize,
        next: Arc<dyn Stage>,
    ) -> Result<GraphStage, ValidateError> {
        let graph = |model: &Arc<Model>| {
            validate(model)?;
            let graph = GraphProgram::new(Arc::clone(model), Arc::clone(&compute), threads);
            Ok(Arc::new(graph))
        };
        Ok(GraphStage {
            graphs: models.iter().map(graph).collect::<Result<_, _>>()?,
            next,
        })
    }

    fn graph(&self, program: &Root) -> Result<&Arc<GraphProgram>, StageError> {
        let found = self.graphs.iter().find(|graph| graph.program == *program);
        found.ok_or_else(|| StageError::Program {
            stage: KIND,
            reason: match &self.graphs[..] {
                [only] => format!("the claim is about program {program}, the model is {}", only.program),
                several => format!(
                    "the claim is about program {program}, none of the {} graphs",
                    several.len()
                ),
            },
        })
    }

    fn carried(&self, graph: &GraphProgram, carry: &Root, store: &dyn Store) -> Result<Vec<Option<Bytes>>, StageError> {
        values(store, carry, &graph.model.carry)
    }

    /// The outputs of the graph `program` from carried values and what is fed to it, without a hash of any of them; nothing for a gap in the
    /// output block. A carried value that nobody else holds is changed in place where the graph writes only some of it.
    pub(crate) fn outputs(
        &self,
        program: &Root,
        carry: Vec<Option<Bytes>>,
        feed: &Root,
        store: &dyn Store,
    ) -> Result<Vec<Option<Bytes>>, StageError> {
        let graph = self.graph(program)?;
        let fed = values(store, feed, &graph.model.feed)?;
        outputs(graph, carry, &fed)
    }

    fn locals(
        &self,
        graph: &GraphProgram,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Locals, StageError> {
        Locals::run(graph, inputs, store, fault, self.next.as_ref())
    }

    /// The locals of a party whose lie was told above: with the claimed outputs if they are hers; else, for a challenger, with his own
    /// false one, and when the lie does not show here, the true ones.
    fn insisted(
        &self,
        graph: &GraphProgram,
        claim: &Claim,
        store: &dyn Store,
        fault: &Fault,
    ) -> Result<Locals, StageError> {
        let truth = self.locals(graph, &claim.inputs, store, None)?;
        match truth.with_outputs(graph, &claim.output, store) {
            Ok(insisted) => Ok(insisted),
            Err(truth) => Ok(self.locals(graph, &claim.inputs, store, Some(fault)).unwrap_or(*truth)),
        }
    }
}

/// The values of a vector, as large as their ports say; nothing for those that are absent.
fn values(store: &dyn Store, root: &Root, ports: &[Port]) -> Result<Vec<Option<Bytes>>, StageError> {
    let roots = vector(store, root, ports.len())?;
    let each = roots.iter().zip(ports);
    let present = each.map(|(root, port)| match root.is_zero() {
        true => Ok(None),
        false => value(store, root, port.bytes() as usize).map(Some),
    });
    present.collect()
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
        let graph = self.graph(program)?;
        if fault.is_none() {
            let (carry, feed) = graph_inputs_of(store, inputs)?;
            let outputs = self.outputs(program, self.carried(graph, &carry, store)?, &feed, store)?;
            let rooted = outputs.iter().map(|output| match output {
                Some(bytes) => {
                    let root = slot_root(bytes);
                    store.put(root, bytes.clone());
                    root
                }
                None => Root::ZERO,
            });
            return Ok(put_vector(store, &rooted.collect::<Vec<_>>()));
        }
        let locals = self.locals(graph, inputs, store, fault)?;
        let roots: Vec<Root> = graph
            .output_nodes()
            .map(|node| {
                let root = locals.root(graph, node);
                if !root.is_zero() {
                    store.put(root, locals.bytes(node));
                }
                root
            })
            .collect();
        Ok(put_vector(store, &roots))
    }

    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError> {
        let graph = self.graph(&claim.program)?;
        let locals = match fault.filter(|fault| fault.path.is_empty()) {
            None => self.locals(graph, &claim.inputs, store, fault)?,
            Some(fault) => self.insisted(graph, claim, store, fault)?,
        };
        Ok(Box::new(GraphTrace::new(Arc::clone(graph), locals, claim)))
    }
}
