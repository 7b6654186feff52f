use opml_commit::{Root, chunk_zero, hash_pairs};

/// Rehashes the ancestors of changed leaves in complete binary trees of one height, each kept as a heap: place 1 is the
/// root, place n has the children 2n and 2n + 1. All trees' nodes of a height are hashed together; nodes over zeros are
/// not hashed.
///
/// `leaf_height` is the leaves' height in the byte tree. `changed` holds heaps and leaves' places in them, ascending.
pub(crate) fn rehash(heaps: &mut [&mut [Root]], leaf_height: u8, mut changed: Vec<(usize, usize)>) {
    let mut children = Vec::new();
    let mut parents = Vec::new();
    let mut nodes = Vec::new();
    for height in leaf_height.. {
        changed.iter_mut().for_each(|(_, place)| *place >>= 1);
        if changed.first().is_none_or(|(_, place)| *place == 0) {
            break;
        }
        changed.dedup();
        children.clear();
        parents.clear();
        let zeros = [chunk_zero(height); 2];
        for &(heap, place) in &changed {
            let pair = &heaps[heap][2 * place..2 * place + 2];
            if *pair == zeros {
                heaps[heap][place] = chunk_zero(height + 1);
            } else {
                children.extend_from_slice(pair);
                parents.push((heap, place));
            }
        }
        nodes.clear();
        nodes.resize(parents.len(), Root::ZERO);
        hash_pairs(&children, &mut nodes);
        for (&(heap, place), node) in parents.iter().zip(&nodes) {
            heaps[heap][place] = *node;
        }
    }
}

/// The heap place of the node at `depth` below the heap's root and `index` among that depth's nodes below it.
pub(crate) fn place(depth: u8, index: u64) -> usize {
    (1 << depth) + (index as usize & ((1 << depth) - 1))
}
