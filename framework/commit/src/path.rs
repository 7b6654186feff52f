use crate::{Root, chunk_zero, node};

/// Folds `leaf`, the node with `index` among its height's nodes, along `siblings` (bottom-up) to the root above them.
pub fn fold(leaf: Root, index: u64, siblings: &[Root]) -> Root {
    siblings.iter().enumerate().fold(leaf, |below, (level, sibling)| {
        if index.checked_shr(level as u32).unwrap_or(0) & 1 == 1 {
            node(sibling, &below)
        } else {
            node(&below, sibling)
        }
    })
}

/// Folds a byte subtree of height `from` that lies leftmost, with zero siblings, to height `to`.
pub fn fold_chunk_zeros(subtree: Root, from: u8, to: u8) -> Root {
    (from..to).fold(subtree, |below, height| node(&below, &chunk_zero(height)))
}
