use opml_commit::{Root, VectorTree, height_of, node, vector_zero};

/// The tree over a vector whose last elements may be absent.
pub(super) struct PaddedVector {
    tree: VectorTree,
    height: u8,
}

impl PaddedVector {
    /// The vector of `count` roots that begins with the `present` ones.
    pub(super) fn new(present: Vec<Root>, count: u64) -> PaddedVector {
        PaddedVector {
            tree: VectorTree::new(present),
            height: height_of(count),
        }
    }

    pub(super) fn leaf(&self, index: u64) -> Root {
        self.tree.node(0, index)
    }

    fn node(&self, height: u8, index: u64) -> Root {
        match (height <= self.tree.height(), index) {
            (true, _) => self.tree.node(height, index),
            (false, 0) => {
                (self.tree.height()..height).fold(self.tree.root(), |below, level| node(&below, &vector_zero(level)))
            }
            (false, _) => vector_zero(height),
        }
    }

    /// The siblings of leaf `index`, bottom-up.
    pub(super) fn path(&self, index: u64) -> Vec<Root> {
        (0..self.height)
            .map(|level| self.node(level, (index >> level) ^ 1))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use opml_commit::{Root, VectorTree, keccak256};

    use super::PaddedVector;

    #[test]
    fn absent_elements_are_zero_words() {
        for present in 0..9usize {
            for count in present.max(1)..20 {
                let roots: Vec<Root> = (0..present).map(|place| keccak256(&[place as u8])).collect();
                let mut whole = roots.clone();
                whole.resize(count, Root::ZERO);
                let (padded, whole) = (PaddedVector::new(roots, count as u64), VectorTree::new(whole));
                for index in 0..count as u64 {
                    assert_eq!(padded.leaf(index), whole.node(0, index));
                    assert_eq!(
                        padded.path(index),
                        whole.path(0, index),
                        "{index} of {present} of {count}"
                    );
                }
            }
        }
    }
}
