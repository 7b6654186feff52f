//! Payloads of moves, as the contracts' twins read them: refused with a reason, or a position from which the game goes on. What a payload must
//! hash to is put right first, so that more of it is read.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use opml_commit::{ElidedPath, MultiproofError, Root, fold, keccak256, multiproof_root, node};
use opml_engine::{Claim, Game, Phase, Position, StageRules, VmRules, moves, power_steps};
use opml_fuzz::{Limited, limited};
use opml_graph::{EntryRule, GraphHeader, LoopHeader, NodeLeaf, block_program, node_inputs};
use opml_machine::Processor;
use opml_ops::{MAX_INPUTS, RECORD_BYTES, Record, Source};
use opml_riscv::RiscV;
use opml_stages::{GraphRules, InstructionRules, LoopRules, NodeRules};

#[global_allocator]
static MEMORY: Limited = limited();

fuzz_target!(|data: &[u8]| {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    match way % 8 {
        0 => stage(&GraphRules, rest, graph_claim),
        1 => stage(&NodeRules, rest, node_claim),
        2 => stage(&LoopRules, rest, loop_claim),
        3 => stage(&InstructionRules::new(Arc::new(RiscV), Root::ZERO), rest, work_claim),
        4 => {
            witness::<opml_riscv::State>(&RiscV, rest, |state| state.pc);
        }
        5 => enter(rest),
        6 => drop(proofs(&mut Unstructured::new(rest))),
        _ => drop(game(&mut Unstructured::new(rest))),
    }
});

/// Opens and narrows with the same payload, against a claim whose roots follow from it where they can.
fn stage(rules: &dyn StageRules, payload: &[u8], claim: fn(&[u8]) -> Option<Claim>) {
    let zero = Claim {
        program: Root::ZERO,
        inputs: Root::ZERO,
        output: Root::ZERO,
    };
    let claim = claim(payload).unwrap_or(zero);
    let start = Position::start(0, claim.hash());
    match rules.open(16, &claim, payload) {
        Ok(opened) => {
            assert!(
                opened.width.is_power_of_two() && opened.count <= opened.width && opened.count > 0,
                "{opened:?}"
            );
            let position = moves::open(&start, &opened).expect("an opened position");
            assert_eq!(position.phase == Phase::Narrow, opened.width == 1);
            moves::points(&position, 16, rules.is_machine());
        }
        Err(error) => assert!(!error.reason.is_empty()),
    }
    for lower in [0, 1, 3, u64::from(u32::MAX), u64::MAX] {
        let position = Position {
            phase: Phase::Narrow,
            lower,
            width: 1,
            count: lower.saturating_add(1),
            anchor: claim.output,
            disputed: claim.output,
            ..start
        };
        if let Ok(verdict) = rules.narrow(&claim, &position, payload) {
            moves::narrow(&position, 2, &verdict).expect("a narrowed position");
        }
    }
}

fn root_at(bytes: &[u8], at: usize) -> Option<Root> {
    Root::from_slice(bytes.get(at..)?.get(..32)?)
}

fn graph_claim(payload: &[u8]) -> Option<Claim> {
    let header = GraphHeader::from_bytes(payload.first_chunk()?);
    let anchor = root_at(payload, GraphHeader::BYTES)?;
    let inputs = payload.len().checked_sub(64).unwrap_or_default();
    Some(Claim {
        program: header.program(),
        inputs: node(&root_at(payload, inputs)?, &root_at(payload, inputs + 32)?),
        output: anchor,
    })
}

/// The record's leaf with the constants that follow it.
fn leaf(record: &Record, mut roots: &[u8]) -> Option<Root> {
    let mut constants = [Root::ZERO; MAX_INPUTS];
    for (input, constant) in constants.iter_mut().enumerate().take(record.input_count()) {
        if record.words()[20 + 12 * input] == Source::Constant as u32 {
            *constant = root_at(roots, 0)?;
            roots = &roots[32..];
        }
    }
    let leaf = NodeLeaf::new(record, constants);
    let words = std::iter::once(&leaf.record_root).chain(&constants);
    Some(opml_commit::hash_words(words))
}

fn node_claim(payload: &[u8]) -> Option<Claim> {
    let (record, rest) = payload.split_at_checked(RECORD_BYTES)?;
    let record = Record::from_bytes(record).ok()?;
    Some(Claim {
        program: leaf(&record, rest)?,
        inputs: Root::ZERO,
        output: root_at(payload, payload.len().checked_sub(32)?)?,
    })
}

fn loop_claim(payload: &[u8]) -> Option<Claim> {
    let (header, rest) = LoopHeader::read(payload).ok()?;
    Some(Claim {
        program: header.program(),
        inputs: node(&root_at(rest, 0)?, &root_at(rest, 32)?),
        output: root_at(rest, 0)?,
    })
}

fn work_claim(payload: &[u8]) -> Option<Claim> {
    let at = if *payload.first()? == 1 { 5 } else { 1 };
    let record = Record::from_bytes(payload.get(at..at + RECORD_BYTES)?).ok()?;
    let mut roots = Vec::new();
    let mut constants = [Root::ZERO; MAX_INPUTS];
    for (input, constant) in constants.iter_mut().enumerate().take(record.input_count()) {
        let root = root_at(payload, at + RECORD_BYTES + 32 * input)?;
        if record.words()[20 + 12 * input] == Source::Constant as u32 {
            *constant = root;
        }
        roots.push(root);
    }
    let leaf = NodeLeaf::new(&record, constants);
    let words = std::iter::once(&leaf.record_root).chain(&constants);
    let mut program = opml_commit::hash_words(words);
    if at == 5 {
        let index = u32::from_be_bytes(*payload.get(1..)?.first_chunk()?);
        program = block_program(&program, record.block_log2(), index);
    }
    Some(Claim {
        program,
        inputs: node_inputs(&roots),
        output: root_at(payload, payload.len().checked_sub(32)?)?,
    })
}

/// A step's witness, its state's memory root made the one that its code chunk leads to.
fn witness<P: Processor>(vm: &dyn VmRules, witness: &[u8], pc: fn(&P) -> u32) {
    let _ = vm.inspect(witness);
    let _ = vm.replay(witness);
    let Some((packed, rest)) = witness.split_at_checked(P::STATE_BYTES) else {
        return;
    };
    let (Ok((state, _)), Some((chunk, path))) = (P::unpack(packed), rest.split_at_checked(128)) else {
        return;
    };
    let Ok((siblings, _)) = ElidedPath::decode(path, 0, 25) else {
        return;
    };
    let root = fold(keccak256(chunk), u64::from(pc(&state) >> 7), &siblings);
    let whole = [&state.pack(&root)[..], rest].concat();
    if let Ok((before, after)) = vm.replay(&whole) {
        assert_eq!(before, keccak256(&state.pack(&root)));
        assert_eq!(vm.replay(&whole), Ok((before, after)), "one result");
    }
    let inspected = vm.inspect(&state.pack(&root)).expect("a state that was read");
    assert_eq!((inspected.memory_root, inspected.exited), (root, state.exited()));
}

/// How a task enters a pipeline: headers with requests of a few values.
fn enter(bytes: &[u8]) {
    let request = [1, 2, 3].map(|number| Root([number; 32]));
    for count in 0..=request.len() {
        let _ = GraphRules::enter(bytes, &request[..count]);
        let _ = NodeRules::enter(bytes, &request[..count]);
        let _ = LoopRules::enter(bytes, &request[..count]);
    }
    let Ok((mut header, rule)) = LoopHeader::read(bytes) else {
        return;
    };
    assert_eq!(
        [&header.to_bytes(), rule].concat(),
        bytes,
        "what is read is written the same"
    );
    header.entry_rule = keccak256(rule);
    let Ok(read) = EntryRule::read(&header, rule) else {
        return;
    };
    assert_eq!(read.to_bytes(), rule, "what is read is written the same");
    for count in 0..=request.len() {
        let _ = read.enter(&header, &request[..count], &mut |_, _| {});
        let _ = LoopRules::enter(&[&header.to_bytes(), rule].concat(), &request[..count]);
    }
}

/// Multiproofs and elided paths of any length.
fn proofs(bytes: &mut Unstructured<'_>) -> Result<()> {
    let height = bytes.int_in_range(0..=70)?;
    let leaves = (0..bytes.int_in_range(0..=6)?).map(|_| Ok((index(bytes)?, Root(bytes.arbitrary()?))));
    let leaves = leaves.collect::<Result<Vec<_>>>()?;
    let proof = (0..bytes.int_in_range(0..=40)?).map(|_| Ok(Root(bytes.arbitrary()?)));
    let proof = proof.collect::<Result<Vec<Root>>>()?;
    let proven = multiproof_root(height, &leaves, &proof);
    assert!(!leaves.is_empty() || matches!(proven, Err(MultiproofError::NoLeaves | MultiproofError::Surplus { .. })));
    let from = bytes.int_in_range(0..=25)?;
    let to = bytes.int_in_range(from..=25)?;
    let path = bytes.bytes(bytes.len())?;
    if let Ok((siblings, rest)) = ElidedPath::decode(path, from, to) {
        let again = ElidedPath::encode(&siblings, from);
        let decoded = ElidedPath::decode(&again, from, to).map(|(siblings, rest)| (siblings, rest.len()));
        assert_eq!(
            decoded,
            Ok((siblings, 0)),
            "what is read is written so that it is read the same"
        );
        assert!(rest.len() <= path.len());
    }
    Ok(())
}

fn index(bytes: &mut Unstructured<'_>) -> Result<u64> {
    match bytes.arbitrary::<bool>()? {
        true => bytes.arbitrary(),
        false => bytes.int_in_range(0..=16),
    }
}

/// Moves in any order, at positions of any numbers.
fn game(bytes: &mut Unstructured<'_>) -> Result<()> {
    let phases = [Phase::Open, Phase::Reveal, Phase::Reject, Phase::Narrow];
    let arity = *bytes.choose(&[2, 4, 16, 256])?;
    let machine: bool = bytes.arbitrary()?;
    let mut position = Position::start(0, Root::ZERO);
    position.phase = *bytes.choose(&phases)?;
    position.width = 1 << bytes.int_in_range(1..=40)?;
    position.count = index(bytes)?;
    position.lower = index(bytes)?;
    let _ = power_steps(arity, bytes.arbitrary()?);
    let shown = moves::division(&position, arity) - u64::from(machine);
    let roots: Vec<Root> = (0..shown).map(|child| Root([child as u8; 32])).collect();
    if !machine {
        position.disputed = opml_commit::VectorTree::new(roots.clone()).root();
    }
    moves::points(&position, arity, machine);
    if let Ok(revealed) = moves::reveal(&position, arity, machine, &roots) {
        let child = index(bytes)?;
        if let Ok(rejected) = moves::reject(&revealed, arity, machine, &roots, child) {
            assert!(
                rejected.width < revealed.width && rejected.lower >= revealed.lower,
                "a rejected part is smaller"
            );
        }
    }
    let stages: Vec<Arc<dyn StageRules>> = vec![
        Arc::new(NodeRules),
        Arc::new(InstructionRules::new(Arc::new(RiscV), Root::ZERO)),
    ];
    let claim = Claim {
        program: Root::ZERO,
        inputs: Root::ZERO,
        output: Root::ZERO,
    };
    let mut game = Game::new(&claim, arity, stages).expect("a pipeline");
    let _ = game.open(&claim, bytes.bytes(bytes.len())?);
    let _ = game.reveal(&roots);
    game.points();
    Ok(())
}
