//! Writing model files.

use std::io;

use crate::model_file::{DIGEST, FORMAT_VERSION, HEADER_BYTES, Layout, MAGIC, PAGE, alignment, digest};
use crate::{Model, ModelFileError, model_names, validate};

/// The bytes of a model's file. Constants are written largest first, then by root: same model, same bytes.
pub fn write_model(model: &Model) -> Result<Vec<u8>, ModelFileError> {
    let mut file = Vec::new();
    write_model_to(model, &mut file)?;
    Ok(file)
}

/// Writes a model's file piece by piece, so that constants are not held twice.
pub fn write_model_to(model: &Model, out: &mut dyn io::Write) -> Result<(), ModelFileError> {
    validate(model)?;
    let names = model_names::encode(model);
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
    let layout = Layout::new(model.nodes.len(), order.len(), names.len());
    let layout = layout.ok_or_else(|| ModelFileError::Malformed {
        what: "it is larger than memory".into(),
    })?;

    let mut head = Vec::with_capacity(layout.constants);
    head.extend_from_slice(MAGIC);
    let counts = [
        model.nodes.len(),
        model.carry.len(),
        model.feed.len(),
        model.outputs.len(),
    ]
    .map(|count| count as u32);
    let numbers =
        [FORMAT_VERSION]
            .into_iter()
            .chain(counts)
            .chain([model.output_height, model.output_index, order.len() as u32]);
    numbers.for_each(|number| head.extend_from_slice(&number.to_le_bytes()));
    head.extend_from_slice(&model.program().0);
    head.extend_from_slice(&[0; 32]);
    head.extend_from_slice(&(names.len() as u64).to_le_bytes());
    let file_bytes_at = head.len();
    head.resize(HEADER_BYTES, 0);
    for node in &model.nodes {
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
