//! The model file (`specs/model-file.md`): flat, canonical, mapped into memory.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use opml_commit::{CHUNK_BYTES, Keccak256, MAX_VALUE_BYTES, Root, slot_root_on};
use opml_ops::{MAX_INPUTS, RECORD_BYTES, Record};
use thiserror::Error;

use crate::model_file_form::deviation;
use crate::model_names::{self, Counts};
use crate::{Constant, MAX_BODIES, Model, ModelSet, Node, ValidateError, validate};

/// The format version that this software writes and reads.
pub const FORMAT_VERSION: u32 = 1;

pub(crate) const MAGIC: &[u8; 8] = b"OPMLMDL\0";
pub(crate) const HEADER_BYTES: usize = 128;
pub(crate) const DIGEST: std::ops::Range<usize> = 72..104;
/// Where the number of graphs after the first one stands.
pub(crate) const FURTHER_AT: usize = 120;
/// What the head says of each of them: six counts, eight zeros, the program root.
pub(crate) const FURTHER_BYTES: usize = 64;
/// Bytes of the header that say nothing.
pub(crate) const RESERVED: std::ops::Range<usize> = 124..HEADER_BYTES;
/// Bytes of what is said of a further graph that say nothing.
pub(crate) const FURTHER_RESERVED: std::ops::Range<usize> = 24..32;
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
    pub(crate) nodes: usize,
    directory: usize,
    pub(crate) names: usize,
    pub(crate) constants: usize,
}

impl Layout {
    /// `further` graphs after the first, `nodes` of all graphs.
    pub(crate) fn new(further: usize, nodes: usize, constants: usize, names: usize) -> Option<Layout> {
        let nodes_at = further.checked_mul(FURTHER_BYTES)?.checked_add(HEADER_BYTES)?;
        let directory = nodes.checked_mul(NODE_BYTES)?.checked_add(nodes_at)?;
        let names_at = constants.checked_mul(ENTRY_BYTES)?.checked_add(directory)?;
        let constants = names_at.checked_add(names)?.checked_next_multiple_of(PAGE)?;
        Some(Layout {
            nodes: nodes_at,
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

/// Reads the file of one graph; see [`read_model_set`].
pub fn read_model(file: Bytes) -> Result<Model, ModelFileError> {
    let set = read_model_set(file)?;
    let graphs = set.graphs.len();
    set.into_only().ok_or_else(|| ModelFileError::Malformed {
        what: format!("it holds {graphs} graphs where one is asked for"),
    })
}

/// What the head says of one graph.
struct GraphHead {
    counts: Counts,
    output_height: u32,
    output_index: u32,
    program: Root,
}

impl GraphHead {
    fn read(numbers: &[u8], program: &[u8]) -> GraphHead {
        let number = |place: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| numbers[place * 4 + byte]));
        let mut root = Root::ZERO;
        root.0.copy_from_slice(&program[..32]);
        GraphHead {
            counts: Counts {
                nodes: number(0) as usize,
                carry: number(1) as usize,
                feed: number(2) as usize,
                outputs: number(3) as usize,
            },
            output_height: number(4),
            output_index: number(5),
            program: root,
        }
    }
}

/// Reads a model file: header, records and names are verified, what lies where is as a writer puts it, and the graphs are
/// validated; constants are taken by their stated roots (see [`verify_constants`]) and share the file's memory.
pub fn read_model_set(file: Bytes) -> Result<ModelSet, ModelFileError> {
    let malformed = |what: &str| ModelFileError::Malformed { what: what.into() };
    let truncated = || ModelFileError::Truncated { bytes: file.len() };
    if !file.starts_with(&MAGIC[..MAGIC.len().min(file.len())]) {
        return Err(ModelFileError::Magic);
    }
    let header = file.get(..HEADER_BYTES).ok_or_else(truncated)?;
    let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| header[at + byte]));
    let long = |at: usize| u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|byte| header[at + byte]));
    if number(8) != FORMAT_VERSION {
        return Err(ModelFileError::Version { found: number(8) });
    }
    let constant_count = number(36) as usize;
    let names_bytes = usize::try_from(long(104)).map_err(|_| truncated())?;
    // A loop has so many bodies at most.
    let further = number(FURTHER_AT) as usize;
    if further >= MAX_BODIES {
        return Err(ModelFileError::Malformed {
            what: format!(
                "it announces {} graphs; there are at most {MAX_BODIES}",
                further as u64 + 1
            ),
        });
    }
    let further = file
        .get(HEADER_BYTES..HEADER_BYTES + further * FURTHER_BYTES)
        .ok_or_else(truncated)?;
    let further = further.chunks_exact(FURTHER_BYTES);
    let mut heads = vec![GraphHead::read(&header[12..36], &header[40..72])];
    heads.extend(further.map(|bytes| GraphHead::read(bytes, &bytes[32..])));
    let nodes = heads
        .iter()
        .try_fold(0usize, |sum, head| sum.checked_add(head.counts.nodes))
        .ok_or_else(truncated)?;
    let layout = Layout::new(heads.len() - 1, nodes, constant_count, names_bytes).ok_or_else(truncated)?;
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
    let counts: Vec<Counts> = heads.iter().map(|head| head.counts).collect();
    let names = model_names::decode(&head[layout.names..layout.names + names_bytes], &counts)
        .ok_or_else(|| malformed("its names cannot be read"))?;
    let mut records = head[layout.nodes..layout.directory].chunks_exact(NODE_BYTES);
    let mut graphs = Vec::with_capacity(heads.len());
    for (said, own) in heads.iter().zip(names.graphs) {
        let nodes = records
            .by_ref()
            .take(said.counts.nodes)
            .zip(own.nodes)
            .map(|(bytes, name)| node(bytes, name, constants.len()))
            .collect::<Result<Vec<_>, _>>()?;
        let model = Model {
            name: names.model.clone(),
            nodes,
            carry: own.carry,
            feed: own.feed,
            outputs: own.outputs,
            output_height: said.output_height,
            output_index: said.output_index,
            constants: constants.clone(),
        };
        validate(&model)?;
        if model.program() != said.program {
            return Err(ModelFileError::Digest {
                what: "the program root".into(),
            });
        }
        graphs.push(model);
    }
    Ok(ModelSet {
        graphs,
        notes: names.notes,
    })
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
    let bytes = file.slice(at as usize..end as usize);
    Ok((at as usize, Constant::stated(Root(*root), bytes)))
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
pub fn verify_constants(
    model: &Model,
    threads: usize,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), ModelFileError> {
    let total = model.constants.iter().map(|constant| constant.size() as u64).sum();
    let mut done = 0;
    for (place, constant) in model.constants.iter().enumerate() {
        if slot_root_on(threads, &constant.bytes) != constant.root {
            return Err(ModelFileError::Digest {
                what: format!("constant {place} ({} bytes)", constant.size()),
            });
        }
        done += constant.size() as u64;
        progress(done, total);
    }
    Ok(())
}
