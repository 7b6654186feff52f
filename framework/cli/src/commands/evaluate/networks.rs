use std::sync::Arc;

use opml_graph::{ComputeBackend, Model};
use opml_ops::{GAP, Source};
use opml_stages::Machinery;

use super::misfit;
use crate::failure::Failure;
use crate::input::{Numbers, quantize};

/// A converted model that shows every node's output.
pub(super) struct Network {
    pub(super) model: Arc<Model>,
    compute: Arc<dyn ComputeBackend>,
    threads: usize,
}

impl Network {
    /// A model with one input and one output.
    pub(super) fn new(model: Arc<Model>, machinery: &Machinery) -> Result<Network, Failure> {
        match (&model.feed[..], &model.outputs[..], &model.carry[..]) {
            ([_], [_], []) => Ok(Network {
                model,
                compute: machinery.compute.clone(),
                threads: machinery.threads,
            }),
            _ => Err(
                Failure::user("only a model with one input and one output can be evaluated")
                    .help("choose an output with `outputs`, make inputs constants with `values`"),
            ),
        }
    }

    /// Every node's output for an input.
    pub(super) fn run(&self, numbers: &Numbers) -> Result<Vec<Vec<u8>>, Failure> {
        let port = &self.model.feed[0];
        if numbers.len() != port.shape.elements() as usize {
            return Err(misfit(numbers, self));
        }
        let feed = quantize(numbers, port)?;
        let mut locals: Vec<Vec<u8>> = Vec::with_capacity(self.model.nodes.len());
        for node in &self.model.nodes {
            let record = &node.record;
            if record.tag() == GAP {
                locals.push(Vec::new());
                continue;
            }
            let mut inputs: Vec<&[u8]> = Vec::new();
            for value in (0..record.input_count()).filter_map(|input| record.input(input)) {
                inputs.push(match (value.source, node.constants[inputs.len()]) {
                    (Some(Source::Constant), Some(constant)) => &self.model.constants[constant].bytes,
                    (Some(Source::Feed), _) => &feed,
                    _ => &locals[value.index as usize],
                });
            }
            let mut output = match record.output_initial() {
                Some(initial) => inputs[initial].to_vec(),
                None => vec![0; record.output_bytes() as usize],
            };
            let ran = self.compute.run_node(record, &inputs, &mut output, self.threads);
            ran.map_err(|error| Failure::other(format!("node `{}`: {error}", node.name)))?;
            locals.push(output);
        }
        Ok(locals)
    }
}
