use std::sync::Arc;

use opml_graph::{LoopModel, Model, validate, validate_loop};

use crate::{Entry, EntryError, PipelineError};

/// What goes into a pipeline: one graph, or loops over graphs.
#[derive(Clone, Debug)]
pub enum Workload {
    /// A graph: a pipeline without a loop.
    Graph(Arc<Model>),
    /// Loops: a pipeline with one loop stage for each loop inside another.
    Loop(Arc<LoopModel>),
}

impl From<Arc<Model>> for Workload {
    fn from(model: Arc<Model>) -> Workload {
        Workload::Graph(model)
    }
}

impl From<Arc<LoopModel>> for Workload {
    fn from(model: Arc<LoopModel>) -> Workload {
        Workload::Loop(model)
    }
}

impl Workload {
    /// Refuses what honest roles do not touch.
    pub(crate) fn validate(&self) -> Result<(), PipelineError> {
        match self {
            Workload::Graph(model) => Ok(validate(model)?),
            Workload::Loop(model) => Ok(validate_loop(model)?),
        }
    }

    /// How a request enters the pipeline `kinds`.
    pub(crate) fn entry(&self, kinds: &[&str]) -> Result<Entry, EntryError> {
        match self {
            Workload::Graph(model) => Entry::new(model, kinds),
            Workload::Loop(model) => Entry::of_loop(Arc::clone(model), kinds),
        }
    }

    /// The graphs, each once.
    pub fn graphs(&self) -> Vec<Arc<Model>> {
        match self {
            Workload::Graph(model) => vec![Arc::clone(model)],
            Workload::Loop(model) => {
                let mut graphs: Vec<Arc<Model>> = Vec::new();
                for graph in model.outermost.graphs() {
                    if !graphs.iter().any(|known| Arc::ptr_eq(known, graph)) {
                        graphs.push(Arc::clone(graph));
                    }
                }
                graphs
            }
        }
    }
}
