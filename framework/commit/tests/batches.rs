//! Many messages at once against the same messages one by one, by every kernel that this processor has.

use opml_commit::{
    CHUNK_BYTES, KeccakKernel, Root, SLOT_HEIGHT, SlotTree, VectorTree, chunk_zero, fold_chunk_zeros, fold_pairs,
    hash_chunks, hash_pairs, height_of, slot_root, slot_root_on, subtree_root, vector_zero,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sha3::{Digest, Keccak256};

fn scalar(message: &[u8]) -> Root {
    Root(Keccak256::digest(message).into())
}

fn scalar_node(pair: &[Root]) -> Root {
    scalar(&[pair[0].0, pair[1].0].concat())
}

/// The levels from the leaves to the root, an absent sibling where one is missing.
fn scalar_levels(leaves: Vec<Root>, absent: fn(u8) -> Root) -> Vec<Vec<Root>> {
    let mut levels = vec![leaves];
    for height in 0..height_of(levels[0].len() as u64) {
        let mut below = levels[usize::from(height)].clone();
        below.resize(below.len().next_multiple_of(2), absent(height));
        levels.push(below.chunks(2).map(scalar_node).collect());
    }
    levels
}

/// `count` bytes from a seed, by the scalar hash itself.
fn random_bytes(seed: u64, count: usize) -> Vec<u8> {
    let blocks =
        (0..count.div_ceil(32) as u64).map(|block| scalar(&[seed.to_le_bytes(), block.to_le_bytes()].concat()));
    let mut bytes: Vec<u8> = blocks.flat_map(|block| block.0).collect();
    bytes.truncate(count);
    bytes
}

fn random_roots(seed: u64, count: usize) -> Vec<Root> {
    let bytes = random_bytes(seed, 32 * count);
    bytes.as_chunks().0.iter().map(|bytes| Root(*bytes)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn random_messages_by_every_kernel(seed in any::<u64>()) {
        let (bytes, children) = (random_bytes(seed, 40 * CHUNK_BYTES), random_roots(seed ^ 1, 80));
        for count in 0..=40 {
            let chunks = &bytes.as_chunks::<CHUNK_BYTES>().0[..count];
            let leaves: Vec<Root> = chunks.iter().map(|chunk| scalar(chunk)).collect();
            let nodes: Vec<Root> = children[..2 * count].chunks(2).map(scalar_node).collect();
            for kernel in KeccakKernel::available() {
                let mut roots = vec![Root::ZERO; count];
                kernel.hash_chunks(chunks, &mut roots);
                prop_assert_eq!(&roots, &leaves, "{} leaves by {}", count, kernel.name());
                kernel.hash_pairs(&children[..2 * count], &mut roots);
                prop_assert_eq!(&roots, &nodes, "{} nodes by {}", count, kernel.name());
                let mut level = children[..2 * count].to_vec();
                kernel.fold_pairs(&mut level);
                prop_assert_eq!(&level[..count], &nodes[..], "{} nodes in place by {}", count, kernel.name());
            }
            let mut roots = vec![Root::ZERO; count];
            hash_chunks(chunks, &mut roots);
            prop_assert_eq!(&roots, &leaves);
            hash_pairs(&children[..2 * count], &mut roots);
            prop_assert_eq!(&roots, &nodes);
        }
    }

    #[test]
    fn random_trees(seed in any::<u64>(), count in 0usize..3000, cut in 0usize..CHUNK_BYTES) {
        let leaves = random_roots(seed, count);
        let tree = VectorTree::new(leaves.clone());
        for (height, nodes) in scalar_levels(leaves, vector_zero).into_iter().enumerate() {
            for (index, node) in nodes.into_iter().enumerate() {
                prop_assert_eq!(tree.node(height as u8, index as u64), node);
            }
        }

        let bytes = random_bytes(seed, (count * CHUNK_BYTES).saturating_sub(cut));
        let mut whole = bytes.clone();
        whole.resize(count * CHUNK_BYTES, 0);
        let leaves: Vec<Root> = whole.chunks(CHUNK_BYTES).map(scalar).collect();
        let tree = SlotTree::new(&bytes);
        let levels = scalar_levels(leaves, chunk_zero);
        let height = levels.len() as u8 - 1;
        let root = levels[usize::from(height)].first().copied().unwrap_or_else(|| chunk_zero(0));
        prop_assert_eq!(tree.height(), height);
        for (height, nodes) in levels.into_iter().enumerate() {
            for (index, node) in nodes.into_iter().enumerate() {
                prop_assert_eq!(tree.node(height as u8, index as u64), node);
            }
        }
        prop_assert_eq!(subtree_root(&bytes, height), root);
        prop_assert_eq!(slot_root(&bytes), fold_chunk_zeros(root, height, SLOT_HEIGHT));
        for kernel in KeccakKernel::available() {
            prop_assert_eq!(kernel.subtree_root(&bytes, height), root, "{} bytes by {}", bytes.len(), kernel.name());
        }
    }
}

#[test]
fn a_level_folds_in_place_beyond_one_group() {
    let level = random_roots(3, 1000);
    let mut folded = level.clone();
    fold_pairs(&mut folded);
    let nodes: Vec<Root> = level.chunks(2).map(scalar_node).collect();
    assert_eq!(folded[..500], nodes);
}

#[test]
#[should_panic(expected = "nodes have two children each")]
fn an_odd_level_does_not_fold() {
    fold_pairs(&mut [Root::ZERO; 3]);
}

#[test]
#[should_panic(expected = "every message has its root")]
fn roots_must_be_as_many_as_messages() {
    hash_chunks(&[[0; CHUNK_BYTES]; 2], &mut [Root::ZERO; 3]);
}

#[test]
#[should_panic(expected = "129 bytes do not fit a subtree of height 0")]
fn bytes_must_fit_their_subtree() {
    subtree_root(&[0; CHUNK_BYTES + 1], 0);
}

#[test]
fn threads_do_not_change_a_root() {
    let bytes = random_bytes(5, 5 << 20);
    for length in [0, 1, 5 << 18, (4 << 20) + 129, 5 << 20] {
        let root = slot_root(&bytes[..length]);
        for threads in [0, 1, 2, 3, 64] {
            assert_eq!(
                slot_root_on(threads, &bytes[..length]),
                root,
                "{length} bytes, {threads} threads"
            );
        }
    }
}
