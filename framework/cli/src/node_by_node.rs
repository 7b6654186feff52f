//! A graph run natively, node by node, so that every node's output is seen.

use bytes::Bytes;
use opml_graph::{Model, Node};
use opml_ops::{ALIAS, GAP, Source};
use opml_stages::{Machinery, run_node};

use crate::failure::Failure;

/// A node's inputs in slot order, constants included.
fn inputs_of(
    graph: &Model,
    node: &Node,
    carry: &[Bytes],
    feed: &[Bytes],
    locals: &[Bytes],
) -> Result<Vec<Bytes>, Failure> {
    let read = |input: usize| {
        let value = node.record.input(input)?;
        let index = value.index as usize;
        let found = match value.source? {
            Source::Constant => &graph.constants.get(node.constants[input]?)?.bytes,
            Source::Carry => carry.get(index)?,
            Source::Feed => feed.get(index)?,
            Source::Local => locals.get(index)?,
        };
        Some(found.clone())
    };
    let inputs = (0..node.record.input_count()).map(read).collect::<Option<Vec<_>>>();
    inputs.ok_or_else(|| Failure::other(format!("node `{}` reads what is not there", node.name)))
}

/// A node's output.
pub(crate) fn output_of(machinery: &Machinery, node: &Node, inputs: &[Bytes]) -> Result<Bytes, Failure> {
    let ran = run_node(machinery.compute.as_ref(), machinery.threads, &node.record, inputs);
    ran.map_err(|reason| Failure::other(format!("node `{}`: {reason}", node.name)))
}

/// Goes through a graph in order. `computed` gives the output of a node that computes something; a gap has none, an alias
/// that of its source.
pub(crate) fn walk(
    graph: &Model,
    carry: &[Bytes],
    feed: &[Bytes],
    mut computed: impl FnMut(usize, &Node, &[Bytes]) -> Result<Bytes, Failure>,
) -> Result<Vec<Bytes>, Failure> {
    let mut locals: Vec<Bytes> = Vec::with_capacity(graph.nodes.len());
    for (place, node) in graph.nodes.iter().enumerate() {
        let output = match node.record.tag() {
            GAP => Bytes::new(),
            tag => {
                let inputs = inputs_of(graph, node, carry, feed, &locals)?;
                match (tag, &inputs[..]) {
                    (ALIAS, [source, ..]) => source.clone(),
                    _ => computed(place, node, &inputs)?,
                }
            }
        };
        locals.push(output);
    }
    Ok(locals)
}
