//! The hashed forms of programs and their inputs (`specs/programs.md`).

use opml_commit::{
    CHUNK_BYTES, Keccak256, Root, SLOT_HEIGHT, chunk_zero, domain_tag, hash_words, height_of, node, subtree_root,
};
use opml_ops::{GAP, MAX_INPUTS, Record};

/// Tag of graph programs.
pub const GRAPH_TAG: Root = domain_tag("opml.graph");
/// Tag of block programs.
pub const BLOCK_TAG: Root = domain_tag("opml.block");

/// The root of the left half of slot 1 that begins with `record`.
pub fn record_root(record: &Record) -> Root {
    subtree_root(&record.to_bytes(), SLOT_HEIGHT - 1)
}

/// A node's leaf in the node table, with what it is the hash of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLeaf {
    /// The leaf; the zero word for a gap.
    pub root: Root,
    /// The record's root.
    pub record_root: Root,
    /// By input: the root of a constant input, else the zero word.
    pub constants: [Root; MAX_INPUTS],
}

impl NodeLeaf {
    /// Hashes a record and its constants' roots.
    pub fn new(record: &Record, constants: [Root; MAX_INPUTS]) -> NodeLeaf {
        if record.tag() == GAP {
            return NodeLeaf::gap();
        }
        let record_root = record_root(record);
        NodeLeaf {
            root: hash_words(std::iter::once(&record_root).chain(&constants)),
            record_root,
            constants,
        }
    }

    /// The leaf of an absent node.
    pub fn gap() -> NodeLeaf {
        NodeLeaf {
            root: Root::ZERO,
            record_root: Root::ZERO,
            constants: [Root::ZERO; MAX_INPUTS],
        }
    }
}

/// The graph header; its hash is the graph program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphHeader {
    /// Root of the vector of node leaves.
    pub node_table_root: Root,
    /// Nodes, and so locals.
    pub node_count: u32,
    /// Carried values.
    pub carry_count: u32,
    /// Fed values.
    pub feed_count: u32,
    /// Height of the output block over the locals.
    pub output_height: u32,
    /// Index of the output block.
    pub output_index: u32,
}

impl GraphHeader {
    /// Bytes of an encoded header.
    pub const BYTES: usize = 52;

    /// The packed header.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..32].copy_from_slice(&self.node_table_root.0);
        let numbers = [
            self.node_count,
            self.carry_count,
            self.feed_count,
            self.output_height,
            self.output_index,
        ];
        for (field, number) in bytes[32..].chunks_exact_mut(4).zip(numbers) {
            field.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    /// Reads a packed header.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> GraphHeader {
        let (root, numbers) = bytes.split_first_chunk::<32>().expect("52 bytes hold a root");
        let number = |place: usize| u32::from_be_bytes([0, 1, 2, 3].map(|byte| numbers[place * 4 + byte]));
        GraphHeader {
            node_table_root: Root(*root),
            node_count: number(0),
            carry_count: number(1),
            feed_count: number(2),
            output_height: number(3),
            output_index: number(4),
        }
    }

    /// The graph program's root.
    pub fn program(&self) -> Root {
        Keccak256::default().chain(GRAPH_TAG).chain(self.to_bytes()).finish()
    }

    /// Height of the node table and of the locals.
    pub fn node_height(&self) -> u8 {
        height_of(u64::from(self.node_count))
    }
}

/// A graph claim's inputs.
pub fn graph_inputs(carry_root: &Root, feed_root: &Root) -> Root {
    node(carry_root, feed_root)
}

/// A node claim's inputs: the roots of slots 4 … 15, those not given being empty.
pub fn node_inputs(slots: &[Root]) -> Root {
    let empty = chunk_zero(SLOT_HEIGHT);
    hash_words((0..MAX_INPUTS).map(|slot| slots.get(slot).unwrap_or(&empty)))
}

/// A block claim's program.
pub fn block_program(node_leaf: &Root, block_log2: u32, index: u32) -> Root {
    Keccak256::default()
        .chain(BLOCK_TAG)
        .chain(node_leaf)
        .chain(block_log2.to_be_bytes())
        .chain(index.to_be_bytes())
        .finish()
}

/// Blocks of `2^block_log2` bytes that a value of `bytes` has; `None` when the block is no subtree of a slot.
pub fn block_count(bytes: u32, block_log2: u32) -> Option<u32> {
    let least = CHUNK_BYTES.trailing_zeros();
    (least..=28)
        .contains(&block_log2)
        .then(|| bytes.div_ceil(1 << block_log2))
}

/// The block size, as its log2, that converters give a value of `bytes` bytes: the largest that leaves eight blocks or more,
/// else the smallest.
pub fn usual_block_log2(bytes: u32) -> u32 {
    const BLOCKS: u32 = 8;
    let enough = |log2: &u32| block_count(bytes, *log2).is_some_and(|count| count >= BLOCKS);
    (7..=28).rev().find(enough).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::usual_block_log2;

    #[test]
    fn blocks_are_the_largest_that_leave_eight() {
        for (bytes, log2) in [
            (1, 7),
            (1024, 7),
            (1792, 7),
            (1793, 8),
            (6272, 9),
            (1 << 27, 24),
            ((1 << 28) - 128, 25),
        ] {
            assert_eq!(usual_block_log2(bytes), log2, "{bytes}");
        }
    }
}
