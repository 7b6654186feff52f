//! Preimages in a party's store.

use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, VectorTree, chunk_zero};
use opml_engine::{StageError, Store};
use opml_graph::{BLOCK_TAG, NodeLeaf, block_program, graph_inputs, node_inputs};
use opml_ops::{MAX_INPUTS, RECORD_BYTES, Record};

const ROOT_BYTES: usize = 32;

/// The bytes under `root`.
pub(crate) fn content(store: &dyn Store, what: &'static str, root: &Root) -> Result<Bytes, StageError> {
    store.get(root).ok_or(StageError::Missing { what, root: *root })
}

fn roots_of(bytes: &[u8]) -> Vec<Root> {
    bytes.chunks_exact(ROOT_BYTES).filter_map(Root::from_slice).collect()
}

pub(crate) fn packed<'a>(roots: impl IntoIterator<Item = &'a Root>) -> Vec<u8> {
    roots.into_iter().flat_map(|root| root.0).collect()
}

/// The bytes of a value of `size` bytes. A root says nothing of zeros at the end, so what is held under it may be shorter or
/// longer than the value; an empty slot is any number of zeros.
pub(crate) fn value(store: &dyn Store, root: &Root, size: usize) -> Result<Bytes, StageError> {
    let held = match *root == chunk_zero(SLOT_HEIGHT) {
        true => Bytes::new(),
        false => content(store, "the value", root)?,
    };
    Ok(sized(held, size))
}

/// The first `size` bytes, zeros after the last.
pub(crate) fn sized(held: Bytes, size: usize) -> Bytes {
    if held.len() >= size {
        return held.slice(..size);
    }
    let mut bytes = held.to_vec();
    bytes.resize(size, 0);
    Bytes::from(bytes)
}

/// Puts a vector of roots in the store and gives its root.
pub(crate) fn put_vector(store: &dyn Store, roots: &[Root]) -> Root {
    let root = VectorTree::new(roots.to_vec()).root();
    if roots.len() > 1 {
        store.put(root, Bytes::from(packed(roots)));
    }
    root
}

/// The roots of a vector of `count`.
pub(crate) fn vector(store: &dyn Store, root: &Root, count: usize) -> Result<Vec<Root>, StageError> {
    let mut roots = padded_vector(store, root, count as u64)?;
    roots.resize(count, Root::ZERO);
    Ok(roots)
}

/// The first roots of a vector of `count`, of which none that are left out are present: what is held need not have absent ones at
/// its end, and may have more of them.
pub(crate) fn padded_vector(store: &dyn Store, root: &Root, count: u64) -> Result<Vec<Root>, StageError> {
    match count {
        0 => Ok(Vec::new()),
        1 => Ok(vec![*root]),
        _ => {
            let mut roots = roots_of(&content(store, "the vector", root)?);
            let absent = roots.iter().rev().take_while(|root| root.is_zero()).count();
            roots.truncate(roots.len() - absent);
            match roots.len() as u64 <= count {
                true => Ok(roots),
                false => Err(StageError::Missing {
                    what: "the vector of the stated length",
                    root: *root,
                }),
            }
        }
    }
}

/// Puts a graph claim's inputs in the store and gives their root.
pub(crate) fn put_graph_inputs(store: &dyn Store, carry: &Root, feed: &Root) -> Root {
    let root = graph_inputs(carry, feed);
    store.put(root, Bytes::from(packed([carry, feed])));
    root
}

/// The carry and feed root of a graph claim's inputs.
pub(crate) fn graph_inputs_of(store: &dyn Store, inputs: &Root) -> Result<(Root, Root), StageError> {
    match roots_of(&content(store, "the graph's inputs", inputs)?)[..] {
        [carry, feed] => Ok((carry, feed)),
        _ => Err(StageError::Missing {
            what: "the graph's inputs",
            root: *inputs,
        }),
    }
}

/// Puts a node claim's inputs in the store and gives their root.
pub(crate) fn put_node_inputs(store: &dyn Store, slots: &[Root; MAX_INPUTS]) -> Root {
    let root = node_inputs(slots);
    store.put(root, Bytes::from(packed(slots)));
    root
}

/// The roots of slots 4 … 15 of a node claim's inputs.
pub(crate) fn node_inputs_of(store: &dyn Store, inputs: &Root) -> Result<[Root; MAX_INPUTS], StageError> {
    let roots = roots_of(&content(store, "the node's inputs", inputs)?);
    roots.try_into().map_err(|_| StageError::Missing {
        what: "the node's inputs",
        root: *inputs,
    })
}

/// A node program's preimage.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredNode {
    /// The record.
    pub record: Record,
    /// By input: the root of a constant input, else the zero word.
    pub constants: [Root; MAX_INPUTS],
}

impl StoredNode {
    /// Puts the preimage of `leaf` in the store.
    pub fn put(&self, store: &dyn Store) -> Root {
        let root = NodeLeaf::new(&self.record, self.constants).root;
        let bytes = [&self.record.to_bytes()[..], &packed(&self.constants)].concat();
        store.put(root, Bytes::from(bytes));
        root
    }

    /// Puts the preimages of the leaf and of its inputs in the store, and gives both roots. `inputs` are the roots of the
    /// inputs' slots, constants included; those beyond the last are empty.
    pub fn put_with_inputs(&self, inputs: &[Root], store: &dyn Store) -> (Root, Root) {
        let mut slots = [chunk_zero(SLOT_HEIGHT); MAX_INPUTS];
        for (slot, input) in slots.iter_mut().zip(inputs) {
            *slot = *input;
        }
        (self.put(store), put_node_inputs(store, &slots))
    }

    /// The preimage of `leaf`.
    pub fn get(store: &dyn Store, leaf: &Root) -> Result<StoredNode, StageError> {
        let bytes = content(store, "the node", leaf)?;
        let node = bytes.split_at_checked(RECORD_BYTES).and_then(|(record, constants)| {
            Some(StoredNode {
                record: Record::from_bytes(record).ok()?,
                constants: roots_of(constants).try_into().ok()?,
            })
        });
        node.filter(|_| bytes.len() == RECORD_BYTES + MAX_INPUTS * ROOT_BYTES)
            .ok_or(StageError::Missing {
                what: "the node",
                root: *leaf,
            })
    }
}

/// A block program's preimage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBlock {
    /// The node whose output it is a block of.
    pub leaf: Root,
    /// log2 of a block's bytes.
    pub block_log2: u32,
    /// Which block.
    pub index: u32,
}

impl StoredBlock {
    const BYTES: usize = 72;

    /// Puts the preimage in the store and gives the program.
    pub fn put(&self, store: &dyn Store) -> Root {
        let root = block_program(&self.leaf, self.block_log2, self.index);
        let numbers = [self.block_log2, self.index].map(u32::to_be_bytes).concat();
        store.put(root, Bytes::from([&BLOCK_TAG.0[..], &self.leaf.0, &numbers].concat()));
        root
    }

    /// The preimage of `program`, when that is a block's.
    pub fn get(store: &dyn Store, program: &Root) -> Option<StoredBlock> {
        let bytes = store.get(program).filter(|bytes| bytes.len() == Self::BYTES)?;
        let (tag, rest) = bytes.split_at(ROOT_BYTES);
        let (leaf, numbers) = rest.split_at(ROOT_BYTES);
        let number = |at: usize| {
            numbers[at..at + 4]
                .iter()
                .fold(0, |number, byte| number << 8 | u32::from(*byte))
        };
        (tag == BLOCK_TAG.0).then_some(StoredBlock {
            leaf: Root::from_slice(leaf)?,
            block_log2: number(0),
            index: number(4),
        })
    }
}
