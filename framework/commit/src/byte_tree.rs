use crate::{CHUNK_BYTES, Root, SLOT_HEIGHT, chunk_zero, fold_chunk_zeros, height_of, keccak256, node};

/// The root of the slot that begins with `bytes`.
///
/// # Panics
/// When there are more bytes than a slot has.
pub fn slot_root(bytes: &[u8]) -> Root {
    subtree_root(bytes, SLOT_HEIGHT)
}

/// The root of the byte subtree of `height` that begins with `bytes`, zeros after them.
///
/// # Panics
/// When `bytes` do not fit below `height`.
pub fn subtree_root(bytes: &[u8], height: u8) -> Root {
    let tree = SlotTree::new(bytes);
    assert!(
        tree.height() <= height,
        "{} bytes do not fit a subtree of height {height}",
        bytes.len()
    );
    fold_chunk_zeros(tree.root(), tree.height(), height)
}

/// The byte tree over a value, all nodes held: the smallest tree that holds its chunks.
#[derive(Clone, Debug)]
pub struct SlotTree {
    /// `levels[h]` holds the nodes of height h that have a byte of the value below them.
    levels: Vec<Vec<Root>>,
}

impl SlotTree {
    /// Hashes `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        let leaf = |chunk: &[u8]| match chunk.len() {
            CHUNK_BYTES => keccak256(chunk),
            length => {
                let mut padded = [0; CHUNK_BYTES];
                padded[..length].copy_from_slice(chunk);
                keccak256(&padded)
            }
        };
        let mut levels: Vec<Vec<Root>> = vec![bytes.chunks(CHUNK_BYTES).map(leaf).collect()];
        for level in 0..height_of(levels[0].len() as u64) {
            let below = &levels[usize::from(level)];
            levels.push(
                below
                    .chunks(2)
                    .map(|pair| node(&pair[0], pair.get(1).unwrap_or(&chunk_zero(level))))
                    .collect(),
            );
        }
        SlotTree { levels }
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
