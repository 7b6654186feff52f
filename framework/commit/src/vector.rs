use crate::levels::levels;
use crate::{Root, vector_zero};

/// The height of the tree over a vector of `count` roots: 0 up to one, else the smallest h with 2^h ≥ count.
pub fn height_of(count: u64) -> u8 {
    if count <= 1 {
        0
    } else {
        (u64::BITS - (count - 1).leading_zeros()) as u8
    }
}

/// The tree over a vector of roots, all nodes held.
#[derive(Clone, Debug)]
pub struct VectorTree {
    /// `levels[h]` holds the nodes of height h that have a present leaf below them, and an absent sibling of the last.
    levels: Vec<Vec<Root>>,
}

impl VectorTree {
    /// Builds the tree over `leaves`.
    pub fn new(leaves: Vec<Root>) -> Self {
        VectorTree {
            levels: levels(leaves, vector_zero),
        }
    }

    /// The tree's height.
    pub fn height(&self) -> u8 {
        (self.levels.len() - 1) as u8
    }

    /// The root over the whole vector; the zero word when it is empty.
    pub fn root(&self) -> Root {
        self.node(self.height(), 0)
    }

    /// The node `(height, index)`; outside the present leaves, the known root of an absent subtree.
    pub fn node(&self, height: u8, index: u64) -> Root {
        let level = self.levels.get(usize::from(height));
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        level
            .and_then(|nodes| nodes.get(index))
            .copied()
            .unwrap_or_else(|| vector_zero(height))
    }

    /// The siblings of node `(height, index)` up to the root, bottom-up.
    pub fn path(&self, height: u8, index: u64) -> Vec<Root> {
        (height..self.height())
            .map(|level| self.node(level, (index >> (level - height)) ^ 1))
            .collect()
    }
}
