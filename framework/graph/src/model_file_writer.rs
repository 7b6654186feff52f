//! Writing model files.

use std::io::{self, Write};

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
    write_model_set_with(set, &mut |_, _| Ok(()), out)
}

/// As [`write_model_set_to`]; the bytes of a deferred constant come from `content`, which is given its index and where they
/// go, so that a model need never be in memory. They are not hashed here.
pub fn write_model_set_with(
    set: &ModelSet,
    content: &mut dyn FnMut(usize, &mut dyn io::Write) -> io::Result<()>,
    out: &mut dyn io::Write,
) -> Result<(), ModelFileError> {
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
            std::cmp::Reverse(model.constants[place].size()),
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
        at = at.next_multiple_of(alignment(constant.size()));
        head.extend_from_slice(&constant.root.0);
        head.extend_from_slice(&(at as u64).to_le_bytes());
        head.extend_from_slice(&(constant.size() as u64).to_le_bytes());
        at += constant.size();
    }
    let file_bytes = at.next_multiple_of(PAGE);
    head[file_bytes_at..file_bytes_at + 8].copy_from_slice(&(file_bytes as u64).to_le_bytes());
    head.extend_from_slice(&names);
    head.resize(layout.constants, 0);
    let digest = digest(&head);
    head[DIGEST].copy_from_slice(&digest.0);

    out.write_all(&head).map_err(ModelFileError::Sink)?;
    let mut out = Counted { out, at: head.len() };
    for &place in &order {
        let constant = &model.constants[place];
        out.pad_to(out.at.next_multiple_of(alignment(constant.size())))
            .map_err(ModelFileError::Sink)?;
        let start = out.at;
        let written = match constant.is_deferred() {
            true => content(place, &mut out),
            false => out.write_all(&constant.bytes),
        };
        written.map_err(ModelFileError::Sink)?;
        if out.at - start != constant.size() {
            return Err(ModelFileError::Malformed {
                what: format!(
                    "constant {place} came as {} bytes, not {}",
                    out.at - start,
                    constant.size()
                ),
            });
        }
    }
    out.pad_to(file_bytes).map_err(ModelFileError::Sink)
}

/// A sink that knows how many bytes of the file it has taken.
struct Counted<'a> {
    out: &'a mut dyn io::Write,
    at: usize,
}

impl Counted<'_> {
    /// Writes zeros up to byte `end`, less than a page away.
    fn pad_to(&mut self, end: usize) -> io::Result<()> {
        let zeros = [0; PAGE];
        self.write_all(&zeros[..end - self.at])
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.at += taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
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
