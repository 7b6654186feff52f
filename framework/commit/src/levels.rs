use crate::{Root, hash_pairs, height_of};

/// All levels of the tree over `leaves`, from the leaves to the root. Below the root, a level with an odd number of nodes
/// gets the missing sibling of its last one, `absent(height)`.
pub(crate) fn levels(leaves: Vec<Root>, absent: impl Fn(u8) -> Root) -> Vec<Vec<Root>> {
    let height = height_of(leaves.len() as u64);
    let mut levels = Vec::with_capacity(usize::from(height) + 1);
    let mut below = leaves;
    for level in 0..height {
        if !below.len().is_multiple_of(2) {
            below.push(absent(level));
        }
        let nodes = below.len() / 2;
        let mut above = Vec::with_capacity(nodes.next_multiple_of(2));
        above.resize(nodes, Root::ZERO);
        hash_pairs(&below, &mut above);
        levels.push(below);
        below = above;
    }
    levels.push(below);
    levels
}
