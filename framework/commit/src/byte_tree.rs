use std::thread;

use crate::{
    CHUNK_BYTES, KeccakKernel, Root, SLOT_HEIGHT, chunk_zero, fold_chunk_zeros, height_of, keccak256, levels::levels,
};

/// Blocks that are worth a thread: 2 MiB.
const BLOCKS_PER_THREAD: usize = 8;
/// Height of the subtrees that are folded one after another, so that their nodes stay in the processor's cache.
const BLOCK_HEIGHT: u8 = 11;

/// The root of the slot that begins with `bytes`.
///
/// # Panics
/// When there are more bytes than a slot has.
pub fn slot_root(bytes: &[u8]) -> Root {
    subtree_root(bytes, SLOT_HEIGHT)
}

/// As [`slot_root`], on at most `threads` threads, fewer where the bytes are not worth them.
///
/// # Panics
/// When there are more bytes than a slot has.
pub fn slot_root_on(threads: usize, bytes: &[u8]) -> Root {
    KeccakKernel::best().subtree_root_on(threads, bytes, SLOT_HEIGHT)
}

/// The root of the byte subtree of `height` that begins with `bytes`, zeros after them.
///
/// # Panics
/// When `bytes` do not fit below `height`.
pub fn subtree_root(bytes: &[u8], height: u8) -> Root {
    KeccakKernel::best().subtree_root(bytes, height)
}

impl KeccakKernel {
    /// [`subtree_root`] by this kernel.
    pub fn subtree_root(self, bytes: &[u8], height: u8) -> Root {
        self.subtree_root_on(1, bytes, height)
    }

    /// [`subtree_root`] by this kernel on at most `threads` threads.
    pub fn subtree_root_on(self, threads: usize, bytes: &[u8], height: u8) -> Root {
        let own_height = height_of(bytes.len().div_ceil(CHUNK_BYTES) as u64);
        assert!(
            own_height <= height,
            "{} bytes do not fit a subtree of height {height}",
            bytes.len()
        );
        let block_height = own_height.min(BLOCK_HEIGHT);
        let blocks = bytes.len().div_ceil(CHUNK_BYTES << block_height);
        let threads = threads.clamp(1, (blocks / BLOCKS_PER_THREAD).max(1));
        let mut roots = match threads {
            1 => self.block_roots(bytes, block_height),
            _ => thread::scope(|scope| {
                let share = blocks.div_ceil(threads) * (CHUNK_BYTES << block_height);
                let shares = bytes.chunks(share);
                let workers: Vec<_> = shares
                    .map(|bytes| scope.spawn(move || self.block_roots(bytes, block_height)))
                    .collect();
                let roots = workers.into_iter().map(|worker| worker.join());
                roots.flat_map(|roots| roots.expect("hashing does not panic")).collect()
            }),
        };
        self.fold_levels(&mut roots, block_height, own_height);
        let own_root = roots.first().copied().unwrap_or_else(|| chunk_zero(0));
        fold_chunk_zeros(own_root, own_height, height)
    }

    /// The roots of the blocks of `height` that `bytes` begin, in order.
    fn block_roots(self, bytes: &[u8], height: u8) -> Vec<Root> {
        let mut roots = Vec::new();
        let mut level = Vec::new();
        for block in bytes.chunks(CHUNK_BYTES << height) {
            self.leaves(block, &mut level);
            self.fold_levels(&mut level, 0, height);
            roots.append(&mut level);
        }
        roots
    }

    /// Puts the leaves of the chunks of `bytes` into `leaves`, the last chunk filled with zeros.
    fn leaves(self, bytes: &[u8], leaves: &mut Vec<Root>) {
        let (chunks, rest) = bytes.as_chunks();
        leaves.reserve(bytes.len().div_ceil(CHUNK_BYTES).next_multiple_of(2));
        leaves.resize(chunks.len(), Root::ZERO);
        self.hash_chunks(chunks, leaves);
        if !rest.is_empty() {
            let mut last = [0; CHUNK_BYTES];
            last[..rest.len()].copy_from_slice(rest);
            leaves.push(keccak256(&last));
        }
    }

    /// Folds the nodes of height `from` that lie leftmost to those of height `to`, zeros after them.
    fn fold_levels(self, level: &mut Vec<Root>, from: u8, to: u8) {
        for height in from..to {
            if !level.len().is_multiple_of(2) {
                level.push(chunk_zero(height));
            }
            self.fold_pairs(level);
            level.truncate(level.len() / 2);
        }
    }
}

/// The byte tree over a value, all nodes held: the smallest tree that holds its chunks.
#[derive(Clone, Debug)]
pub struct SlotTree {
    /// `levels[h]` holds the nodes of height h that have a byte of the value below them, and a zero sibling of the last.
    levels: Vec<Vec<Root>>,
}

impl SlotTree {
    /// Hashes `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        let mut leaves = Vec::new();
        KeccakKernel::best().leaves(bytes, &mut leaves);
        SlotTree {
            levels: levels(leaves, chunk_zero),
        }
    }

    /// The height of the smallest tree that holds the value.
    pub fn height(&self) -> u8 {
        (self.levels.len() - 1) as u8
    }

    /// The root at that height.
    pub fn root(&self) -> Root {
        self.node(self.height(), 0)
    }

    /// The node `(height, index)` of the slot; an all-zero subtree's root outside the value.
    pub fn node(&self, height: u8, index: u64) -> Root {
        match self.levels.get(usize::from(height)) {
            Some(nodes) => {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                nodes.get(index).copied().unwrap_or_else(|| chunk_zero(height))
            }
            None if index == 0 => fold_chunk_zeros(self.root(), self.height(), height),
            None => chunk_zero(height),
        }
    }

    /// The siblings of node `(height, index)` up to the child of the node at height `to`, bottom-up.
    pub fn path(&self, height: u8, index: u64, to: u8) -> Vec<Root> {
        (height..to)
            .map(|level| self.node(level, (index >> (level - height)) ^ 1))
            .collect()
    }
}
