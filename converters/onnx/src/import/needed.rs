//! Nodes and constants that outputs depend on.

use opml_graph::Model;
use opml_ops::Source;

/// Drops nodes and constants that `roots` do not need; gives each node's new index.
pub(super) fn remove_unneeded(model: &mut Model, roots: &[u32]) -> Vec<u32> {
    let mut needed = vec![false; model.nodes.len()];
    for root in roots {
        needed[*root as usize] = true;
    }
    for index in (0..model.nodes.len()).rev() {
        if needed[index] {
            mark(model, index, &mut needed);
        }
    }
    let mut places = vec![0; model.nodes.len()];
    let mut constants = vec![None; model.constants.len()];
    let mut kept_constants = Vec::new();
    let nodes = std::mem::take(&mut model.nodes);
    for (index, mut node) in nodes.into_iter().enumerate().filter(|(index, _)| needed[*index]) {
        places[index] = model.nodes.len() as u32;
        for input in 0..node.record.input_count() {
            if let Some(value) = node.record.input(input)
                && value.source == Some(Source::Local)
            {
                node.record.set_input_index(input, places[value.index as usize]);
            }
        }
        for constant in node.constants.iter_mut().flatten() {
            *constant = *constants[*constant].get_or_insert_with(|| {
                kept_constants.push(model.constants[*constant].clone());
                kept_constants.len() - 1
            });
        }
        model.nodes.push(node);
    }
    model.constants = kept_constants;
    places
}

fn mark(model: &Model, index: usize, needed: &mut [bool]) {
    let record = &model.nodes[index].record;
    for value in (0..record.input_count()).filter_map(|input| record.input(input)) {
        if value.source == Some(Source::Local) {
            needed[value.index as usize] = true;
        }
    }
}
