//! Outputs that start as an input: the guest is three instructions that exit at once, so that the output is that input.

use std::sync::Arc;

use bytes::Bytes;
use opml_commit::{Root, SLOT_HEIGHT, chunk_zero, slot_root, subtree_root};
use opml_conformance::{Noise, probed};
use opml_engine::{
    Choice, Claim, Fault, FaultPart, Game, MemoryStore, Party, Stage, StageRules, Store, Winner, evaluate_lie, rehearse,
};
use opml_graph::{GuestImage, node_inputs};
use opml_mips::Mips;
use opml_ops::{DType, Operator, Record, Shape, Source, Value};
use opml_stages::{InstructionRules, InstructionStage, StoredBlock, StoredNode};

const BYTES: u32 = 700;
const BLOCK_LOG2: u32 = 8;

fn image() -> GuestImage {
    // addiu r2, r0, 4246; addu r4, r0, r0; syscall
    let program = [0x2402_1096u32, 0x0000_2021, 0x0000_000c];
    let mut bytes = vec![0; 0x1000];
    bytes.extend(program.iter().flat_map(|word| word.to_le_bytes()));
    GuestImage {
        vm: "mips".into(),
        root: slot_root(&bytes),
        bytes: Bytes::from(bytes),
        steps_per_unit: 8,
    }
}

/// A store with a node whose output starts as its input `bytes`, or one block of it: program, inputs, the true output.
fn primed(bytes: &Bytes, block: Option<u32>) -> (MemoryStore, Root, Root, Root) {
    let value = Value {
        source: None,
        index: 0,
        dtype: DType::I8,
        shape: Shape::new(&[BYTES]).expect("a shape"),
    };
    let mut record = Record::new(Operator::ClampI8 as u32, value);
    record.push_input(Value {
        source: Some(Source::Feed),
        ..value
    });
    record.set_output_initial(Some(0));
    record.set_block_log2(BLOCK_LOG2);
    let store = MemoryStore::default();
    let node = StoredNode {
        record,
        constants: [Root::ZERO; 12],
    };
    let leaf = node.put(&store);
    let root = slot_root(bytes);
    store.put(root, bytes.clone());
    let mut slots = [chunk_zero(SLOT_HEIGHT); 12];
    slots[0] = root;
    let inputs = node_inputs(&slots);
    store.put(inputs, slots.iter().flat_map(|root| root.0).collect::<Vec<u8>>().into());
    match block {
        None => (store, leaf, inputs, root),
        Some(index) => {
            let block = StoredBlock {
                leaf,
                block_log2: BLOCK_LOG2,
                index,
            };
            let first = (index << BLOCK_LOG2) as usize;
            let part = &bytes[first..bytes.len().min(first + (1 << BLOCK_LOG2))];
            let program = block.put(&store);
            (store, program, inputs, subtree_root(part, BLOCK_LOG2 as u8 - 7))
        }
    }
}

fn check(bytes: &Bytes, block: Option<u32>) {
    let stages: Vec<Arc<dyn Stage>> = vec![Arc::new(InstructionStage::new(Arc::new(Mips), image()))];
    let rules: Vec<Arc<dyn StageRules>> = vec![Arc::new(InstructionRules::new(Arc::new(Mips), image().root))];
    let (hers, program, inputs, truth) = primed(bytes, block);
    assert_eq!(
        stages[0].evaluate(&program, &inputs, &hers, None).expect("it exits"),
        truth
    );
    let play = |output, faults: [Option<Fault>; 2], hers: &dyn Store| {
        let claim = Claim {
            program,
            inputs,
            output,
        };
        let (his, ..) = primed(bytes, block);
        let [hers, his] = [(hers, &faults[0]), (&his as &dyn Store, &faults[1])].map(|(store, fault)| Party {
            stages: &stages,
            store,
            fault: fault.clone(),
            choice: Choice::Compare,
        });
        let game = Game::new(&claim, 2, probed(&rules, 100, 5)).expect("a pipeline");
        rehearse(game, claim, &hers, &his)
    };
    let honest = play(truth, [None, None], &hers);
    assert_eq!(honest.winner, Winner::Defender, "{honest:?}");
    assert!(honest.stuck.is_none(), "{honest:?}");
    for path in [vec![], vec![0], vec![1], vec![2]] {
        let fault = Fault {
            path,
            part: FaultPart::Output { byte: 5 },
        };
        let (hers, ..) = primed(bytes, block);
        let output = evaluate_lie(stages[0].as_ref(), &program, &inputs, &hers, &fault).expect("nothing masks it");
        let lied = play(output, [Some(fault.clone()), None], &hers);
        assert_eq!(lied.winner, Winner::Challenger, "{fault:?}: {lied:?}");
        assert!(lied.stuck.is_none(), "{fault:?}: {lied:?}");
        let lied = play(truth, [None, Some(fault.clone())], &hers);
        assert_eq!(lied.winner, Winner::Defender, "{fault:?}: {lied:?}");
    }
}

#[test]
fn an_output_that_starts_as_an_input_is_proven() {
    let mut ends_in_zeros = Noise::new(2).bytes(BYTES as usize);
    ends_in_zeros[300..].fill(0);
    for bytes in [
        Noise::new(1).bytes(BYTES as usize),
        ends_in_zeros,
        vec![0; BYTES as usize],
    ] {
        for block in [None, Some(0), Some(1), Some(2)] {
            check(&Bytes::from(bytes.clone()), block);
        }
    }
}

/// Content that is held shorter than the value, because another value with the same root was put first.
#[test]
fn zeros_at_the_end_need_not_be_held() {
    let mut bytes = Noise::new(3).bytes(BYTES as usize);
    bytes[300..].fill(0);
    let stage = InstructionStage::new(Arc::new(Mips), image());
    let (store, program, inputs, truth) = primed(&Bytes::from(bytes.clone()), Some(1));
    store.put(slot_root(&bytes), Bytes::from(bytes[..300].to_vec()));
    assert_eq!(
        stage.evaluate(&program, &inputs, &store, None).expect("it exits"),
        truth
    );
    assert_eq!(
        store.get(&truth).map(|held| held.to_vec()),
        Some(bytes[256..512].to_vec())
    );
}
