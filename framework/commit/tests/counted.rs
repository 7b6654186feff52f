//! The counter of hashed bytes, alone in its process.

use opml_commit::{
    CHUNK_BYTES, Root, SLOT_HEIGHT, SlotTree, VectorTree, chunk_zero, fold_pairs, hash_chunks, hash_pairs,
    hashed_bytes, slot_root, vector_zero,
};

/// Bytes hashed by `work`.
fn counted<T>(work: impl FnOnce() -> T) -> u64 {
    let before = hashed_bytes();
    work();
    hashed_bytes() - before
}

#[test]
fn messages_count_and_lanes_without_one_do_not() {
    chunk_zero(0);
    vector_zero(0);
    for count in 0..40usize {
        let mut roots = vec![Root::ZERO; count];
        let leaves = 128 * count as u64;
        let nodes = 64 * count as u64;
        assert_eq!(
            counted(|| hash_chunks(&vec![[7; CHUNK_BYTES]; count], &mut roots)),
            leaves
        );
        assert_eq!(counted(|| hash_pairs(&vec![Root::ZERO; 2 * count], &mut roots)), nodes);
        assert_eq!(counted(|| fold_pairs(&mut vec![Root::ZERO; 2 * count])), nodes);
    }
    for count in 0..3000u64 {
        // The inner nodes of the smallest tree: in every level, each node that has a leaf below it.
        let height = count.max(1).next_power_of_two().ilog2();
        let nodes: u64 = (1..=height).map(|level| count.div_ceil(1 << level)).sum();
        assert_eq!(
            counted(|| VectorTree::new(vec![Root::ZERO; count as usize])),
            64 * nodes
        );
        if count % 100 < 3 {
            let bytes = vec![1; 128 * count as usize];
            let zeros = u64::from(u32::from(SLOT_HEIGHT) - height);
            assert_eq!(counted(|| SlotTree::new(&bytes)), 128 * count + 64 * nodes);
            assert_eq!(counted(|| slot_root(&bytes)), 128 * count + 64 * (nodes + zeros));
        }
    }
}
