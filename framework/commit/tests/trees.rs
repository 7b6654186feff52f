//! The trees against oracles so simple that they cannot be wrong: recursion over padded leaves.

use opml_commit::{
    CHUNK_BYTES, ElidedPath, MultiproofError, Root, SLOT_HEIGHT, SlotTree, VectorTree, chunk_zero, fold, keccak256,
    multiproof, multiproof_root, node, slot_root, vector_zero,
};
use proptest::prelude::*;

fn oracle(leaves: &[Root]) -> Root {
    match leaves {
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(leaves.len() / 2);
            node(&oracle(left), &oracle(right))
        }
    }
}

fn padded(mut leaves: Vec<Root>, absent: Root) -> Vec<Root> {
    leaves.resize(leaves.len().max(1).next_power_of_two(), absent);
    leaves
}

fn leaves_of(count: usize) -> Vec<Root> {
    (0..count).map(|place| keccak256(&place.to_le_bytes())).collect()
}

#[test]
fn keccak_of_nothing_is_ethereums() {
    let expected = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(keccak256(&[]).to_string(), expected);
    assert_eq!(Root::from_hex(expected), Some(keccak256(&[])));
    assert_eq!(Root::from_hex("0x12"), None);
}

#[test]
fn vector_roots_equal_the_recursion() {
    for count in 0..40 {
        let tree = VectorTree::new(leaves_of(count));
        assert_eq!(
            tree.root(),
            oracle(&padded(leaves_of(count), Root::ZERO)),
            "{count} leaves"
        );
        for index in 0..count as u64 {
            assert_eq!(fold(tree.node(0, index), index, &tree.path(0, index)), tree.root());
        }
        assert_eq!(tree.node(3, 1 << 40), vector_zero(3));
    }
}

#[test]
fn slot_roots_equal_the_recursion() {
    for length in [0usize, 1, 127, 128, 129, 640, 4096, 5000] {
        let bytes: Vec<u8> = (0..length).map(|place| (place * 7 + 1) as u8).collect();
        let mut whole = bytes.clone();
        whole.resize(length.div_ceil(CHUNK_BYTES).max(1).next_power_of_two() * CHUNK_BYTES, 0);
        let leaves: Vec<Root> = whole.chunks(CHUNK_BYTES).map(keccak256).collect();
        let height = leaves.len().ilog2() as u8;
        let expected = (height..SLOT_HEIGHT).fold(oracle(&leaves), |below, level| node(&below, &chunk_zero(level)));
        assert_eq!(slot_root(&bytes), expected, "{length} bytes");
        let tree = SlotTree::new(&bytes);
        for index in [0u64, 1, 5, 1 << 20] {
            assert_eq!(
                fold(tree.node(0, index), index, &tree.path(0, index, SLOT_HEIGHT)),
                expected
            );
        }
    }
    assert_eq!(
        slot_root(&[0; 1000]),
        chunk_zero(SLOT_HEIGHT),
        "stored zeros and absence are one content"
    );
}

#[test]
fn elided_paths_refuse_short_bytes_and_foreign_masks() {
    let siblings: Vec<Root> = vec![chunk_zero(2), keccak256(b"x"), chunk_zero(4)];
    let bytes = ElidedPath::encode(&siblings, 2);
    assert_eq!(bytes.len(), 4 + 32);
    assert_eq!(ElidedPath::decode(&bytes, 2, 5), Ok((siblings, &[][..])));
    assert!(ElidedPath::decode(&bytes[..35], 2, 5).is_err());
    assert!(ElidedPath::decode(&bytes, 3, 5).is_err());
}

proptest! {
    #[test]
    fn multiproofs_open_what_they_name(count in 1usize..70, picks in proptest::collection::btree_set(0usize..70, 1..12)) {
        let tree = VectorTree::new(leaves_of(count));
        let indices: Vec<u64> = picks.into_iter().filter(|pick| *pick < count).map(|pick| pick as u64).collect();
        prop_assume!(!indices.is_empty());
        let opened: Vec<(u64, Root)> = indices.iter().map(|index| (*index, tree.node(0, *index))).collect();
        let mut proof = multiproof(&tree, &indices);
        prop_assert_eq!(multiproof_root(tree.height(), &opened, &proof), Ok(tree.root()));
        let mut wrong = opened.clone();
        wrong[0].1 = keccak256(b"another leaf");
        prop_assert_ne!(multiproof_root(tree.height(), &wrong, &proof), Ok(tree.root()));
        proof.push(Root::ZERO);
        prop_assert_eq!(multiproof_root(tree.height(), &opened, &proof), Err(MultiproofError::Surplus { surplus: 1 }));
        proof.pop();
        if proof.pop().is_some() {
            prop_assert_eq!(multiproof_root(tree.height(), &opened, &proof), Err(MultiproofError::TooShort));
        }
    }
}
