use std::sync::Arc;

use bytes::Bytes;
use opml_graph::Model;
use opml_stages::Machinery;

use super::misfit;
use crate::failure::Failure;
use crate::input::{Numbers, quantize};
use crate::node_by_node::{output_of, walk};

/// A converted model that shows every node's output.
pub(super) struct Network {
    pub(super) model: Arc<Model>,
    machinery: Machinery,
}

impl Network {
    /// A model with one input and one output.
    pub(super) fn new(model: Arc<Model>, machinery: &Machinery) -> Result<Network, Failure> {
        match (&model.feed[..], &model.outputs[..], &model.carry[..]) {
            ([_], [_], []) => Ok(Network {
                model,
                machinery: machinery.clone(),
            }),
            _ => Err(
                Failure::user("only a model with one input and one output can be evaluated")
                    .help("choose an output with `outputs`, make inputs constants with `values`"),
            ),
        }
    }

    /// Every node's output for an input.
    pub(super) fn run(&self, numbers: &Numbers) -> Result<Vec<Bytes>, Failure> {
        let port = &self.model.feed[0];
        if numbers.len() != port.shape.elements() as usize {
            return Err(misfit(numbers, self));
        }
        let feed = Bytes::from(quantize(numbers, port)?);
        walk(&self.model, &[], &[feed], |_, node, inputs| {
            output_of(&self.machinery, node, inputs)
        })
    }
}
