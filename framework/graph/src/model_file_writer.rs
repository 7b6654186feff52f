//! Writing model files.

use std::io;

use crate::model_file::{DIGEST, FORMAT_VERSION, FURTHER_AT, HEADER_BYTES, Layout, MAGIC, PAGE, alignment, digest};
use crate::{MAX_BODIES, Model, ModelFileError, ModelSet, model_names, validate};

/// The bytes of a model's file. Constants are written largest first, then by root: same model, same bytes.
pub fn write_model(model: &Model) -> Result<Vec<u8>, ModelFileError> {
    let mut file = Vec::new();
    write_model_to(model, &mut file)?;
    Ok(file)
}

/// Writes a model's file piece by piece, so that constants are not held twice.
pub fn write_model_to(model: &Model, out: &mut dyn io::Write) -> Result<(), ModelFileError> {
    write_model_set_to(&model.clone().into(), out)
}

/// Writes the file of graphs that share their constants, piece by piece.
pub fn write_model_set_to(set: &ModelSet, out: &mut dyn io::Write) -> Result<(), ModelFileError> {
    let malformed = |what: &str| ModelFileError::Malformed { what: what.into() };
    let (model, further) = set.graphs.split_first().ok_or_else(|| malformed("it has no graph"))?;
    let roots = |model: &Model| model.constants.iter().map(|constant| constant.root).collect::<Vec<_>>();
    if further.iter().any(|graph| roots(graph) != roots(model)) {
        return Err(malformed("its graphs do not share their constants"));
    }
    if set.graphs.len() > MAX_BODIES {
        return Err(malformed("it has more graphs than a loop has bodies"));
    }
    for graph in &set.graphs {
        validate(graph)?;
    }
    let names = model_names::encode(set);
    let mut order: Vec<usize> = (0..model.constants.len()).collect();
    order.sort_by_key(|&place| {
        (
            std::cmp::Reverse(model.constants[place].bytes.len()),
            model.constants[place].root,
        )
    });
    let mut place_of = vec![0u32; order.len()];
    (0..)
        .zip(&order)
        .for_each(|(place, &constant)| place_of[constant] = place);
    let nodes = set.graphs.iter().map(|graph| graph.nodes.len()).sum();
    let layout = Layout::new(further.len(), nodes, order.len(), names.len());
    let layout = layout.ok_or_else(|| malformed("it is larger than memory"))?;

    let mut head = Vec::with_capacity(layout.constants);
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    put_counts(&mut head, model);
    head.extend_from_slice(&(order.len() as u32).to_le_bytes());
    head.extend_from_slice(&model.program().0);
    head.extend_from_slice(&[0; 32]);
    head.extend_from_slice(&(names.len() as u64).to_le_bytes());
    let file_bytes_at = head.len();
    head.resize(FURTHER_AT, 0);
    head.extend_from_slice(&(further.len() as u32).to_le_bytes());
    head.resize(HEADER_BYTES, 0);
    for graph in further {
        put_counts(&mut head, graph);
        head.extend_from_slice(&[0; 8]);
        head.extend_from_slice(&graph.program().0);
    }
    for node in set.graphs.iter().flat_map(|graph| &graph.nodes) {
        head.extend_from_slice(&node.record.to_bytes());
        for constant in node.constants {
            let place = constant.map_or(0, |constant| place_of[constant] + 1);
            head.extend_from_slice(&place.to_le_bytes());
        }
    }
    let mut at = layout.constants;
    for &constant in &order {
        let constant = &model.constants[constant];
        at = at.next_multiple_of(alignment(constant.bytes.len()));
        head.extend_from_slice(&constant.root.0);
        head.extend_from_slice(&(at as u64).to_le_bytes());
        head.extend_from_slice(&(constant.bytes.len() as u64).to_le_bytes());
        at += constant.bytes.len();
    }
    let file_bytes = at.next_multiple_of(PAGE);
    head[file_bytes_at..file_bytes_at + 8].copy_from_slice(&(file_bytes as u64).to_le_bytes());
    head.extend_from_slice(&names);
    head.resize(layout.constants, 0);
    let digest = digest(&head);
    head[DIGEST].copy_from_slice(&digest.0);

    out.write_all(&head).map_err(ModelFileError::Sink)?;
    let mut at = head.len();
    let mut padded = |at: usize, to: usize, bytes: &[u8]| {
        let zeros = [0; PAGE];
        out.write_all(&zeros[..to - at])?;
        out.write_all(bytes)
    };
    for &constant in &order {
        let bytes = &model.constants[constant].bytes;
        let start = at.next_multiple_of(alignment(bytes.len()));
        padded(at, start, bytes).map_err(ModelFileError::Sink)?;
        at = start + bytes.len();
    }
    padded(at, file_bytes, &[]).map_err(ModelFileError::Sink)
}

/// Six numbers of one graph.
fn put_counts(head: &mut Vec<u8>, graph: &Model) {
    let counts = [
        graph.nodes.len(),
        graph.carry.len(),
        graph.feed.len(),
        graph.outputs.len(),
    ]
    .map(|count| count as u32);
    let numbers = counts.into_iter().chain([graph.output_height, graph.output_index]);
    numbers.for_each(|number| head.extend_from_slice(&number.to_le_bytes()));
}
