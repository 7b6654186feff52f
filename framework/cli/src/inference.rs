use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{MemoryStore, Store};
use opml_stages::{Machinery, Pipeline, Workload};

use crate::failure::Failure;

/// A model that is run as a proposer runs it when nobody disputes: natively, by the graph stage and the loops around it.
pub(crate) struct Inference {
    pipeline: Pipeline,
}

impl Inference {
    /// Makes the model ready.
    pub(crate) fn new(workload: &Workload, machinery: &Machinery) -> Result<Inference, Failure> {
        let mut kinds = vec!["graph", "instruction"];
        if let Workload::Loop(model) = workload {
            kinds.splice(0..0, std::iter::repeat_n("loop", model.outermost.depth()));
        }
        let pipeline = Pipeline::new(&kinds, workload.clone(), machinery).map_err(Failure::user)?;
        Ok(Inference { pipeline })
    }

    /// The output for a request's values: its root and bytes. Hashes the values and the output, nothing else.
    pub(crate) fn run(&self, values: &[Bytes]) -> Result<(Root, Bytes), Failure> {
        let Pipeline { entry, stages, .. } = &self.pipeline;
        let store = MemoryStore::default();
        let inputs = entry.request(values, &store).map_err(Failure::user)?;
        let root = stages[0]
            .evaluate(&entry.program(), &inputs, &store, None)
            .map_err(Failure::other)?;
        let output = store
            .get(&root)
            .ok_or_else(|| Failure::other("the output is not in the store"))?;
        Ok((root, output))
    }
}

/// The index of the greatest number, the class that logits name; the first of equal ones.
pub(crate) fn greatest(numbers: &[f64]) -> usize {
    (0..numbers.len()).fold(
        0,
        |best, place| if numbers[place] > numbers[best] { place } else { best },
    )
}
