//! The memory that a machine starts with; the twin of `EntryMemory.sol`.

use opml_commit::{CHUNK_BYTES, Root, SLOT_HEIGHT, VectorTree, chunk_zero, node, subtree_root};

use super::node_claim::Slots;

/// What the machine is called for (`specs/machine.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Mode {
    /// A whole node.
    Node = 1,
    /// One block of a node's output.
    Block = 2,
    /// A packed graph.
    Graph = 3,
}

/// The call chunk's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) mode: Mode,
    pub(crate) block_index: u32,
    pub(crate) input_count: u32,
    pub(crate) output_bytes: u32,
}

impl Call {
    /// The call chunk.
    pub(crate) fn to_bytes(self) -> [u8; CHUNK_BYTES] {
        let mut chunk = [0; CHUNK_BYTES];
        let words = [self.mode as u32, self.block_index, self.input_count, self.output_bytes];
        for (place, word) in chunk.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        chunk
    }
}

/// The root over the sixteen slots: image, record and call chunk, empty, output, inputs.
pub(super) fn root(image: Root, record_root: &Root, call: Call, output: Root, inputs: &Slots) -> Root {
    let call = subtree_root(&call.to_bytes(), SLOT_HEIGHT - 1);
    let slots = [image, node(record_root, &call), chunk_zero(SLOT_HEIGHT), output];
    VectorTree::new(slots.iter().chain(inputs).copied().collect()).root()
}
