//! The model file (`specs/model-file.md`): flat, canonical, mapped into memory.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use opml_commit::{CHUNK_BYTES, Keccak256, MAX_VALUE_BYTES, Root, slot_root};
use opml_ops::{MAX_INPUTS, RECORD_BYTES, Record};
use thiserror::Error;

use crate::model_file_form::deviation;
use crate::{Constant, Model, Node, ValidateError, model_names, validate};

/// The format version that this software writes and reads.
pub const FORMAT_VERSION: u32 = 1;

pub(crate) const MAGIC: &[u8; 8] = b"OPMLMDL\0";
pub(crate) const HEADER_BYTES: usize = 128;
pub(crate) const DIGEST: std::ops::Range<usize> = 72..104;
/// Bytes of the header that say nothing.
pub(crate) const RESERVED: std::ops::Range<usize> = 120..HEADER_BYTES;
pub(crate) const PAGE: usize = 4096;
const NODE_BYTES: usize = RECORD_BYTES + 4 * MAX_INPUTS;
const ENTRY_BYTES: usize = 48;

/// Why a file is not a model file that can be used.
#[derive(Debug, Error)]
pub enum ModelFileError {
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It does not begin as a model file does.
    #[error("this is not a model file (its first bytes are not `OPMLMDL`)")]
    Magic,
    /// It was written by other software.
    #[error(
        "model file version {found} is unknown; this software reads version {FORMAT_VERSION}: convert the model again"
    )]
    Version {
        /// The file's version.
        found: u32,
    },
    /// It ends before what it announces.
    #[error("the model file is truncated: it has {bytes} bytes, fewer than it announces; convert the model again")]
    Truncated {
        /// Bytes that are there.
        bytes: usize,
    },
    /// Its header, records or names were altered.
    #[error("the model file is damaged: {what} does not match its digest; convert the model again")]
    Digest {
        /// What differs.
        what: String,
    },
    /// It is well formed in its bytes but not in what they say.
    #[error("the model file is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: String,
    },
    /// What takes the file's bytes does not take them.
    #[error("the model file cannot be written: {0}")]
    Sink(io::Error),
    /// The model in it is not one that honest roles touch.
    #[error(transparent)]
    Invalid(#[from] ValidateError),
}

pub(crate) struct Layout {
    nodes: usize,
    directory: usize,
    pub(crate) names: usize,
    pub(crate) constants: usize,
}

impl Layout {
    pub(crate) fn new(nodes: usize, constants: usize, names: usize) -> Option<Layout> {
        let directory = nodes.checked_mul(NODE_BYTES)?.checked_add(HEADER_BYTES)?;
        let names_at = constants.checked_mul(ENTRY_BYTES)?.checked_add(directory)?;
        let constants = names_at.checked_add(names)?.checked_next_multiple_of(PAGE)?;
        Some(Layout {
            nodes: HEADER_BYTES,
            directory,
            names: names_at,
            constants,
        })
    }
}

/// A constant's alignment: its own power of two, a page when it is larger than one.
pub(crate) fn alignment(bytes: usize) -> usize {
    bytes.next_power_of_two().clamp(CHUNK_BYTES, PAGE)
}

pub(crate) fn digest(head: &[u8]) -> Root {
    Keccak256::default()
        .chain(&head[..DIGEST.start])
        .chain(&head[DIGEST.end..])
        .finish()
}

/// Reads a model file: header, records and names are verified, what lies where is as a writer puts it, and the model is validated; constants are taken by their stated
/// roots (see [`verify_constants`]) and share the file's memory.
pub fn read_model(file: Bytes) -> Result<Model, ModelFileError> {
    let malformed = |what: &str| ModelFileError::Malformed { what: what.into() };
    let truncated = || ModelFileError::Truncated { bytes: file.len() };
    if !file.starts_with(&MAGIC[..MAGIC.len().min(file.len())]) {
        return Err(ModelFileError::Magic);
    }
    let header = file.get(..HEADER_BYTES).ok_or_else(truncated)?;
    let number = |place: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| header[8 + place * 4 + byte]));
    let long = |at: usize| u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|byte| header[at + byte]));
    if number(0) != FORMAT_VERSION {
        return Err(ModelFileError::Version { found: number(0) });
    }
    let [nodes, carry, feed, outputs] = [1, 2, 3, 4].map(|place| number(place) as usize);
    let constant_count = number(7) as usize;
    let names_bytes = usize::try_from(long(104)).map_err(|_| truncated())?;
    let layout = Layout::new(nodes, constant_count, names_bytes).ok_or_else(truncated)?;
    if (file.len() as u64) < long(112) || file.len() < layout.constants {
        return Err(truncated());
    }
    let head = &file[..layout.constants];
    if digest(head).0 != head[DIGEST] {
        return Err(ModelFileError::Digest {
            what: "the header, a record or a name".into(),
        });
    }
    if file.len() as u64 != long(112) {
        return Err(malformed("bytes follow its end"));
    }
    let constants = head[layout.directory..layout.names]
        .chunks_exact(ENTRY_BYTES)
        .map(|entry| constant(&file, &layout, entry));
    let constants = constants.collect::<Result<Vec<_>, _>>()?;
    if let Some(what) = deviation(&file, &layout, names_bytes, &constants) {
        return Err(ModelFileError::Malformed { what });
    }
    let constants: Vec<Constant> = constants.into_iter().map(|(_, constant)| constant).collect();
    let names = model_names::decode(
        &head[layout.names..layout.names + names_bytes],
        nodes,
        carry,
        feed,
        outputs,
    );
    let names = names.ok_or_else(|| malformed("its names cannot be read"))?;
    let records = head[layout.nodes..layout.directory].chunks_exact(NODE_BYTES);
    let nodes = records
        .zip(names.nodes)
        .map(|(bytes, name)| node(bytes, name, constants.len()))
        .collect::<Result<Vec<_>, _>>()?;
    let (output_height, output_index) = (number(5), number(6));
    let model = Model {
        name: names.model,
        nodes,
        carry: names.carry,
        feed: names.feed,
        outputs: names.outputs,
        output_height,
        output_index,
        constants,
    };
    validate(&model)?;
    if model.program().0 != header[40..72] {
        return Err(ModelFileError::Digest {
            what: "the program root".into(),
        });
    }
    Ok(model)
}

/// A constant and where it begins.
fn constant(file: &Bytes, layout: &Layout, entry: &[u8]) -> Result<(usize, Constant), ModelFileError> {
    let malformed = || ModelFileError::Malformed {
        what: "a constant lies outside the file".into(),
    };
    let (root, place) = entry.split_first_chunk::<32>().ok_or_else(malformed)?;
    let number = |at: usize| {
        place
            .get(at..at + 8)
            .and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)))
    };
    let (at, bytes) = (number(0).ok_or_else(malformed)?, number(8).ok_or_else(malformed)?);
    let end = at
        .checked_add(bytes)
        .filter(|end| *end <= file.len() as u64)
        .ok_or_else(malformed)?;
    if bytes == 0 || bytes > MAX_VALUE_BYTES || at < layout.constants as u64 {
        return Err(malformed());
    }
    let constant = Constant {
        root: Root(*root),
        bytes: file.slice(at as usize..end as usize),
    };
    Ok((at as usize, constant))
}

fn node(bytes: &[u8], name: String, constants: usize) -> Result<Node, ModelFileError> {
    let malformed = |what: String| ModelFileError::Malformed { what };
    let (record, places) = bytes.split_at(RECORD_BYTES);
    let record = Record::from_bytes(record).map_err(|error| malformed(format!("node `{name}`: {error}")))?;
    let mut node = Node {
        name,
        record,
        constants: [None; MAX_INPUTS],
    };
    for (slot, place) in node.constants.iter_mut().zip(places.chunks_exact(4)) {
        let place = u32::from_le_bytes([place[0], place[1], place[2], place[3]]) as usize;
        if place > constants {
            return Err(malformed(format!(
                "node `{}` names constant {place}, which does not exist",
                node.name
            )));
        }
        *slot = place.checked_sub(1);
    }
    Ok(node)
}

/// Hashes every constant and compares it with its stated root: at import, on `opml-run verify`, and before a bond is staked.
/// `progress` is told the bytes done and the bytes in all.
pub fn verify_constants(model: &Model, mut progress: impl FnMut(u64, u64)) -> Result<(), ModelFileError> {
    let total = model.constants.iter().map(|constant| constant.bytes.len() as u64).sum();
    let mut done = 0;
    for (place, constant) in model.constants.iter().enumerate() {
        if slot_root(&constant.bytes) != constant.root {
            return Err(ModelFileError::Digest {
                what: format!("constant {place} ({} bytes)", constant.bytes.len()),
            });
        }
        done += constant.bytes.len() as u64;
        progress(done, total);
    }
    Ok(())
}
