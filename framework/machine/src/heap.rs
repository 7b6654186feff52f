use opml_commit::{Root, node};

/// Rehashes the ancestors of changed leaves in a complete binary tree kept as a heap: place 1 is the root, place n has
/// the children 2n and 2n + 1. `changed` holds the leaves' places, ascending.
pub(crate) fn rehash(heap: &mut [Root], mut changed: Vec<usize>) {
    while changed.first().is_some_and(|place| *place > 1) {
        changed.iter_mut().for_each(|place| *place >>= 1);
        changed.dedup();
        for &place in &changed {
            heap[place] = node(&heap[2 * place], &heap[2 * place + 1]);
        }
    }
}

/// The heap place of the node at `depth` below the heap's root and `index` among that depth's nodes below it.
pub(crate) fn place(depth: u8, index: u64) -> usize {
    (1 << depth) + (index as usize & ((1 << depth) - 1))
}
