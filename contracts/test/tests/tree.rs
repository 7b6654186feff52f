//! `contracts/src/tree` against `opml_commit`, function by function.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use opml_commit::{
    ElidedPath, MEMORY_HEIGHT, Root, VectorTree, chunk_zero, fold, height_of, keccak256, multiproof, multiproof_root,
};
use opml_contracts_test::{CallError, TestChain};
use proptest::prelude::*;

mod harness {
    alloy_sol_types::sol!(TreeHarness, "artifacts/TreeHarness.json");
}
use harness::TreeHarness;

fn deployed() -> (TestChain, Address) {
    let mut chain = TestChain::default();
    let address = chain.deploy(&TreeHarness::BYTECODE);
    (chain, address)
}

fn word(root: Root) -> B256 {
    B256::from(root.0)
}

fn words(roots: &[Root]) -> Vec<B256> {
    roots.iter().map(|root| word(*root)).collect()
}

fn packed(roots: &[Root]) -> Vec<u8> {
    roots.iter().flat_map(|root| root.0).collect()
}

fn leaves_of(count: usize) -> Vec<Root> {
    (0..count).map(|place| keccak256(&place.to_le_bytes())).collect()
}

fn reverted_with<E: SolError, T: std::fmt::Debug>(result: Result<T, CallError>) -> bool {
    matches!(&result, Err(CallError::Reverted(data)) if data.starts_with(&E::SELECTOR))
}

#[test]
fn chunk_zeros_are_the_ladder() {
    let (mut chain, tree) = deployed();
    for height in 0..=MEMORY_HEIGHT {
        let call = TreeHarness::chunkZeroCall {
            height: U256::from(height),
        };
        assert_eq!(
            chain.call(tree, &call).unwrap().0,
            word(chunk_zero(height)),
            "height {height}"
        );
    }
    let call = TreeHarness::chunkZeroCall { height: U256::from(26) };
    assert!(reverted_with::<TreeHarness::NoSuchHeight, _>(chain.call(tree, &call)));
}

#[test]
fn subtrees_are_placed_among_zeros() {
    let (mut chain, tree) = deployed();
    let subtree = keccak256(b"subtree");
    for (index, from, to) in [
        (0u64, 0u8, 21u8),
        (5, 3, 21),
        (1 << 20, 0, 25),
        (0, 25, 25),
        (3, 21, 25),
    ] {
        let zeros: Vec<Root> = (from..to).map(chunk_zero).collect();
        let call = TreeHarness::placeCall {
            subtree: word(subtree),
            index: U256::from(index),
            from: U256::from(from),
            to: U256::from(to),
        };
        assert_eq!(chain.call(tree, &call).unwrap().0, word(fold(subtree, index, &zeros)));
    }
}

#[test]
fn vectors_have_the_same_heights_and_roots() {
    let (mut chain, tree) = deployed();
    for count in (0..20).chain([255, 256, 257, u64::from(u32::MAX)]) {
        let call = TreeHarness::vectorHeightCall {
            count: U256::from(count),
        };
        assert_eq!(
            chain.call(tree, &call).unwrap().0,
            U256::from(height_of(count)),
            "{count}"
        );
    }
    for count in 0..20 {
        let call = TreeHarness::vectorRootCall {
            leaves: words(&leaves_of(count)),
        };
        let expected = VectorTree::new(leaves_of(count)).root();
        assert_eq!(chain.call(tree, &call).unwrap().0, word(expected), "{count} leaves");
    }
}

#[test]
fn paths_fold_and_refuse_other_lengths() {
    let (mut chain, tree) = deployed();
    let vector = VectorTree::new(leaves_of(23));
    for index in 0..23 {
        let mut call = TreeHarness::foldPathCall {
            node: word(vector.node(0, index)),
            index: U256::from(index),
            count: U256::from(vector.height()),
            payload: packed(&vector.path(0, index)).into(),
        };
        assert_eq!(chain.call(tree, &call).unwrap().0, word(vector.root()));
        call.payload = [&call.payload[..], &[0]].concat().into();
        assert!(reverted_with::<TreeHarness::PayloadSurplus, _>(chain.call(tree, &call)));
        call.payload = call.payload[..call.payload.len() - 2].to_vec().into();
        assert!(reverted_with::<TreeHarness::PayloadTooShort, _>(
            chain.call(tree, &call)
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elided_paths_fold_alike(
        from in prop_oneof![Just(0u8), 0u8..26],
        length in 0u8..26,
        elided in any::<u32>(),
        index in any::<u32>(),
        foreign in 0u8..32,
    ) {
        let (mut chain, tree) = deployed();
        let to = from.saturating_add(length).min(MEMORY_HEIGHT);
        let from = from.min(to);
        let sibling = |height: u8| match elided >> height & 1 {
            1 => chunk_zero(height),
            _ => keccak256(&[height]),
        };
        let siblings: Vec<Root> = (from..to).map(sibling).collect();
        let node = keccak256(b"node");
        let payload = ElidedPath::encode(&siblings, from);
        let mut call = TreeHarness::foldElidedCall {
            node: word(node),
            index: U256::from(index),
            from: U256::from(from),
            to: U256::from(to),
            payload: payload.clone().into(),
        };
        let folded = chain.call(tree, &call).unwrap().0;
        prop_assert_eq!(folded, word(fold(node, u64::from(index), &siblings)));

        if from == 0 {
            let other = keccak256(b"another");
            let climb = TreeHarness::climbElidedCall {
                one: word(node),
                two: word(other),
                index: U256::from(index),
                middle: U256::from(foreign.min(to)),
                to: U256::from(to),
                payload: payload.clone().into(),
            };
            let climbed = chain.call(tree, &climb).unwrap().0;
            let [one, two] = [node, other].map(|leaf| word(fold(leaf, u64::from(index), &siblings)));
            prop_assert_eq!([climbed.parts, climbed.first, climbed.second], [one, one, two]);
        }

        call.payload = [&payload[..], &[0]].concat().into();
        prop_assert!(reverted_with::<TreeHarness::PayloadSurplus, _>(chain.call(tree, &call)));
        call.payload = payload[..payload.len() - 1].to_vec().into();
        prop_assert!(reverted_with::<TreeHarness::PayloadTooShort, _>(chain.call(tree, &call)));
        if !(from..to).contains(&foreign) {
            let mut masked = payload.clone();
            masked[3 - usize::from(foreign / 8)] |= 1 << (foreign % 8);
            call.payload = masked.into();
            prop_assert!(reverted_with::<TreeHarness::ElisionOutsidePath, _>(chain.call(tree, &call)));
        }
    }

    #[test]
    fn multiproofs_fold_alike(
        count in 1usize..70,
        picks in proptest::collection::btree_set(0usize..70, 1..12),
        swapped in any::<bool>(),
        cut in any::<bool>(),
    ) {
        let (mut chain, tree) = deployed();
        let vector = VectorTree::new(leaves_of(count));
        let mut indices: Vec<u64> = picks.into_iter().filter(|pick| *pick < count).map(|pick| pick as u64).collect();
        prop_assume!(!indices.is_empty());
        let mut proof = multiproof(&vector, &indices);
        if swapped {
            indices.reverse();
        }
        if cut {
            proof.pop();
        }
        let opened: Vec<(u64, Root)> = indices.iter().map(|index| (*index, vector.node(0, *index))).collect();
        let nodes: Vec<Root> = opened.iter().map(|leaf| leaf.1).collect();
        let mut call = TreeHarness::multiproofRootCall {
            height: U256::from(vector.height()),
            indices: indices.iter().map(|index| U256::from(*index)).collect(),
            nodes: words(&nodes),
            payload: packed(&proof).into(),
        };
        match multiproof_root(vector.height(), &opened, &proof) {
            Ok(root) => {
                prop_assert_eq!(chain.call(tree, &call).unwrap().0, word(root));
                call.payload = [&call.payload[..], &[0; 32]].concat().into();
                prop_assert!(reverted_with::<TreeHarness::PayloadSurplus, _>(chain.call(tree, &call)));
            }
            Err(_) => prop_assert!(matches!(chain.call(tree, &call), Err(CallError::Reverted(_)))),
        }
    }
}
