//! The stage contracts against `opml_stages`, on programs, claims and memories made by `opml_graph` and `opml_mips`.

mod stages {
    pub(crate) mod contract;
    mod loops;
    pub(crate) mod nodes;
}

use opml_commit::{Root, SLOT_HEIGHT, SlotTree, VectorTree, chunk_zero, keccak256, multiproof, slot_root};
use opml_engine::{Claim, Opened, Position, Verdict, VmBackend, VmRules};
use opml_graph::{GraphHeader, NodeLeaf, block_program, graph_inputs, node_inputs};
use opml_mips::Mips;
use opml_ops::Source;
use stages::contract::{self, Contract, Refused, Stages};
use stages::nodes::{Call, constants_of, packed, record, regions};

/// Runs `open` on the payload, and sees that it is refused when cut, when longer, and with a byte of each word changed.
fn opens(contract: &mut Contract, claim: &Claim, payload: &[u8]) -> Opened {
    let opened = contract.open(claim, payload).expect("an honest opening");
    for length in [0, payload.len() / 2, payload.len() - 1] {
        assert_eq!(
            contract.open(claim, &payload[..length]),
            Err(Refused),
            "cut to {length}"
        );
    }
    assert_eq!(contract.open(claim, &[payload, &[0]].concat()), Err(Refused), "longer");
    for place in (0..payload.len()).step_by(29) {
        let mut other = payload.to_vec();
        other[place] ^= 0x40;
        assert_eq!(
            contract.open(claim, &other),
            Err(Refused),
            "byte {place} of {}",
            payload.len()
        );
    }
    opened
}

/// As [`opens`], for `narrow`.
fn narrows(contract: &mut Contract, claim: &Claim, position: &Position, payload: &[u8]) -> Verdict {
    let judged = contract.narrow(claim, position, payload).expect("an honest narrowing");
    for length in [0, payload.len() / 2, payload.len() - 1] {
        assert_eq!(
            contract.narrow(claim, position, &payload[..length]),
            Err(Refused),
            "cut to {length}"
        );
    }
    assert_eq!(
        contract.narrow(claim, position, &[payload, &[0]].concat()),
        Err(Refused),
        "longer"
    );
    for place in (0..payload.len()).step_by(29) {
        let mut other = payload.to_vec();
        other[place] ^= 0x40;
        assert_eq!(
            contract.narrow(claim, position, &other),
            Err(Refused),
            "byte {place} of {}",
            payload.len()
        );
    }
    judged
}

fn at(lower: u64, anchor: Root, disputed: Root) -> Position {
    let mut position = Position::start(0, Root::ZERO);
    (position.lower, position.anchor, position.disputed) = (lower, anchor, disputed);
    position
}

#[test]
fn graphs_open_and_narrow_to_their_nodes() {
    let mut contract = Stages::deployed().graph();
    let value = |name: &str| slot_root(name.as_bytes());
    let inputs = [
        (Source::Local, 1),
        (Source::Constant, 0),
        (Source::Carry, 2),
        (Source::Feed, 0),
        (Source::Local, 0),
        (Source::Local, 1),
        (Source::Local, 4),
    ];
    let node = record(40, 16, &inputs);
    let leaf = NodeLeaf::new(&node, constants_of(&node, &[value("weights")]));
    let alias = record(4, 1, &[(Source::Local, 3)]);
    let alias_leaf = NodeLeaf::new(&alias, constants_of(&alias, &[]));
    let table = VectorTree::new(vec![leaf.root, leaf.root, Root::ZERO, leaf.root, alias_leaf.root]);
    let header = GraphHeader {
        node_table_root: table.root(),
        node_count: 5,
        carry_count: 3,
        feed_count: 1,
        output_height: 0,
        output_index: 4,
    };
    let carry = VectorTree::new(vec![value("c0"), value("c1"), value("c2")]);
    let feed = VectorTree::new(vec![value("f0")]);
    let locals: Vec<Root> = vec![value("l0"), value("l1"), Root::ZERO, value("l3"), value("l3")];
    let trace = VectorTree::new(locals.clone());
    let claim = Claim {
        program: header.program(),
        inputs: graph_inputs(&carry.root(), &feed.root()),
        output: locals[4],
    };

    let payload = [&header.to_bytes()[..], &trace.root().0, &packed(&trace.path(0, 4))].concat();
    let opened = opens(&mut contract, &claim, &payload);
    let expected = Opened {
        anchor: trace.root(),
        disputed: trace.root(),
        count: 5,
        width: 8,
        absent: Root::ZERO,
    };
    assert_eq!(opened, expected);

    let begin = |kind: u8, part: u64| [&header.to_bytes()[..], &[kind], &packed(&table.path(0, part))].concat();
    let sent = [locals[1], carry.node(0, 2), feed.node(0, 0), locals[0], locals[1]];
    let payload = [
        begin(1, 3),
        node.to_bytes().to_vec(),
        packed(&[value("weights"), carry.root(), feed.root()]),
        packed(&sent),
        packed(&multiproof(&carry, &[2])),
        packed(&multiproof(&trace, &[0, 1])),
    ]
    .concat();
    let judged = narrows(&mut contract, &claim, &at(3, trace.root(), locals[3]), &payload);
    let empty = chunk_zero(SLOT_HEIGHT);
    let slots = [
        locals[1],
        value("weights"),
        carry.node(0, 2),
        feed.node(0, 0),
        locals[0],
        locals[1],
        empty,
    ];
    let part = Claim {
        program: leaf.root,
        inputs: node_inputs(&slots),
        output: locals[3],
    };
    assert_eq!(judged, Verdict::Claim(part));

    let payload = begin(0, 2);
    let right = narrows(&mut contract, &claim, &at(2, trace.root(), Root::ZERO), &payload);
    assert_eq!(right, Verdict::Defender);
    let wrong = narrows(&mut contract, &claim, &at(2, trace.root(), locals[0]), &payload);
    assert_eq!(wrong, Verdict::Challenger);

    let payload = [
        begin(1, 4),
        alias.to_bytes().to_vec(),
        packed(&[carry.root(), feed.root(), locals[3]]),
        packed(&multiproof(&trace, &[3])),
    ]
    .concat();
    let right = narrows(&mut contract, &claim, &at(4, trace.root(), locals[3]), &payload);
    assert_eq!(right, Verdict::Defender);
    let wrong = narrows(&mut contract, &claim, &at(4, trace.root(), locals[1]), &payload);
    assert_eq!(wrong, Verdict::Challenger);
}

#[test]
fn tasks_enter_a_graph_by_its_header_and_a_node_by_its_record() {
    let stages = Stages::deployed();
    let request: Vec<Root> = [&b"a"[..], b"b", b"c"].iter().map(|bytes| slot_root(bytes)).collect();
    let mut header = GraphHeader {
        node_table_root: keccak256(b"table"),
        node_count: 9,
        carry_count: 0,
        feed_count: 3,
        output_height: 0,
        output_index: 8,
    };
    let feed = VectorTree::new(request.clone()).root();
    let mut graph = stages.graph();
    let expected = (header.program(), graph_inputs(&Root::ZERO, &feed));
    assert_eq!(graph.enter(&header.to_bytes(), &request), Ok(expected));
    assert_eq!(graph.enter(&header.to_bytes(), &request[1..]), Err(Refused));
    header.carry_count = 1;
    assert_eq!(graph.enter(&header.to_bytes(), &request), Err(Refused));

    let node = record(
        40,
        16,
        &[
            (Source::Feed, 2),
            (Source::Constant, 0),
            (Source::Feed, 1),
            (Source::Feed, 0),
        ],
    );
    let constant = slot_root(b"constant");
    let header = [&node.to_bytes()[..], &constant.0].concat();
    let leaf = NodeLeaf::new(&node, constants_of(&node, &[constant]));
    let expected = (leaf.root, node_inputs(&[request[2], constant, request[1], request[0]]));
    for mut stage in [stages.node(), stages.instruction()] {
        assert_eq!(stage.enter(&header, &request), Ok(expected));
        assert_eq!(stage.enter(&header, &request[1..]), Err(Refused));
        assert_eq!(stage.enter(&header, &[&request[..], &request].concat()), Err(Refused));
        assert_eq!(stage.enter(&header[1..], &request), Err(Refused));
    }
    let carried = record(40, 16, &[(Source::Carry, 0)]);
    assert_eq!(stages.node().enter(&carried.to_bytes(), &[]), Err(Refused));
}

#[test]
fn nodes_open_and_narrow_to_their_blocks() {
    let mut contract = Stages::deployed().node();
    let mut node = record(700, 16, &[(Source::Constant, 0)]);
    node.set_block_log2(8);
    let constant = slot_root(b"constant");
    let leaf = NodeLeaf::new(&node, constants_of(&node, &[constant])).root;
    let output = SlotTree::new(&[7; 2800]);
    let claim = Claim {
        program: leaf,
        inputs: node_inputs(&[constant]),
        output: output.node(SLOT_HEIGHT, 0),
    };
    let payload = [&node.to_bytes()[..], &constant.0, &output.node(5, 0).0].concat();
    let expected = Opened {
        anchor: output.node(5, 0),
        disputed: output.node(5, 0),
        count: 11,
        width: 16,
        absent: chunk_zero(1),
    };
    assert_eq!(opens(&mut contract, &claim, &payload), expected);

    let mut position = at(6, output.node(5, 0), output.node(1, 6));
    position.absent = chunk_zero(1);
    let part = Claim {
        program: block_program(&leaf, 8, 6),
        inputs: claim.inputs,
        output: output.node(1, 6),
    };
    assert_eq!(narrows(&mut contract, &claim, &position, &[8]), Verdict::Claim(part));
}

/// `lui r1, 0x3000; addiu r5, r0, 7; sw r5, 4(r1); addiu r2, r0, 4246; syscall`
const PROGRAM: [u32; 5] = [0x3c01_3000, 0x2405_0007, 0xac25_0004, 0x2402_1096, 0x0000_000c];

fn instruction_stage_agrees(block: Option<u32>, initial: bool) {
    let stages = Stages::deployed();
    let mut node = record(300, 16, &[(Source::Feed, 0), (Source::Constant, 0)]);
    node.set_block_log2(9);
    node.set_output_initial(initial.then_some(0));
    let fed: Vec<u8> = (0..1200u32).map(|place| place as u8 | 1).collect();
    let constant = b"constant".to_vec();
    let call = Call {
        mode: if block.is_some() { 2 } else { 1 },
        block: block.unwrap_or(0),
    };
    let machine_regions = regions(&PROGRAM, &node, &call, &[fed.clone(), constant.clone()], initial);
    let mut machine = Mips.boot(&machine_regions).unwrap();
    let entry = machine.root();
    let image = machine.memory_node(SLOT_HEIGHT, 0);
    machine.run_until_halt(100).unwrap();
    machine.run_to(16).unwrap();
    let state = machine.state();
    assert!(Mips.inspect(&state).unwrap().exited);

    let fed_tree = SlotTree::new(&fed);
    let slots = [slot_root(&fed), slot_root(&constant)];
    let leaf = NodeLeaf::new(&node, constants_of(&node, &slots[1..])).root;
    let (height, index, program) = match block {
        None => (SLOT_HEIGHT, 3, leaf),
        Some(block) => (2, (3 << 19) + u64::from(block), block_program(&leaf, 9, block)),
    };
    let claim = Claim {
        program,
        inputs: node_inputs(&slots),
        output: machine.memory_node(height, index),
    };
    let end = opml_commit::ElidedPath::encode(&machine.prove_memory(height, index), height);
    let mut payload = match block {
        None => vec![0],
        Some(block) => [&[1][..], &block.to_be_bytes()].concat(),
    };
    payload.extend(node.to_bytes());
    payload.extend(packed(&slots));
    payload.extend((state.len() as u16).to_be_bytes());
    payload.extend(&state);
    let power_at = payload.len();
    payload.push(2);
    payload.extend(end);
    let initial_at = payload.len();
    if let (Some(block), true) = (block, initial) {
        payload.extend(fed_tree.node(2, u64::from(block)).0);
        let path = fed_tree.path(2, u64::from(block), SLOT_HEIGHT);
        payload.extend(opml_commit::ElidedPath::encode(&path, 2));
    }
    let mut contract = stages.instruction();
    contract.image = image;
    let expected = Opened {
        anchor: entry,
        disputed: machine.root(),
        count: 16,
        width: 16,
        absent: Root::ZERO,
    };
    assert_eq!(contract.open(&claim, &payload), Ok(expected));
    // The block that the output starts as is the input's, wherever it or its path is touched.
    for place in (initial_at..payload.len()).step_by(13) {
        let mut other = payload.clone();
        other[place] ^= 0x40;
        assert_eq!(contract.open(&claim, &other), Err(Refused), "byte {place}");
    }
    // A length of the arity's powers up to 2^40, and none beyond.
    for power in [0, 1, 20, 21, 40, 255] {
        let mut other = payload.clone();
        other[power_at] = power;
        let count = contract.open(&claim, &other).map(|opened| opened.count);
        let steps = u64::from(contract::ARITY).checked_pow(u32::from(power));
        match steps.filter(|steps| *steps <= 1 << 40) {
            Some(steps) => assert_eq!(count, Ok(steps)),
            None => assert_eq!(count, Err(Refused), "power {power}"),
        }
    }
    assert_eq!(contract.open(&claim, &payload[..payload.len() - 1]), Err(Refused));
    assert_eq!(contract.open(&claim, &[&payload[..], &[0]].concat()), Err(Refused));
    let mut other = claim;
    other.output = keccak256(b"another");
    assert_eq!(contract.open(&other, &payload), Err(Refused));

    let mut replayed = Mips.boot(&machine_regions).unwrap();
    for step in 0..8 {
        let (before, witness) = (replayed.root(), replayed.prove_step().unwrap());
        replayed.run_to(step + 1).unwrap();
        let after = replayed.root();
        assert_eq!(
            contract.narrow(&claim, &at(step, before, after), &witness),
            Ok(Verdict::Defender)
        );
        let wrong = at(step, before, keccak256(b"another"));
        assert_eq!(contract.narrow(&claim, &wrong, &witness), Ok(Verdict::Challenger));
        let unagreed = at(step, keccak256(b"another"), after);
        assert_eq!(contract.narrow(&claim, &unagreed, &witness), Err(Refused));
    }
}

#[test]
fn the_machine_is_entered_and_left_as_it_boots_and_ends() {
    for block in [None, Some(0), Some(1)] {
        instruction_stage_agrees(block, false);
        instruction_stage_agrees(block, true);
    }
}

#[test]
fn an_end_that_is_not_the_accepted_one_is_refused() {
    let mut contract = Stages::deployed().instruction();
    let node = record(300, 16, &[]);
    let machine_regions = regions(&[0x0000_000d], &node, &Call { mode: 1, block: 0 }, &[], false);
    let mut machine = Mips.boot(&machine_regions).unwrap();
    contract.image = machine.memory_node(SLOT_HEIGHT, 0);
    let claim = Claim {
        program: NodeLeaf::new(&node, constants_of(&node, &[])).root,
        inputs: node_inputs(&[]),
        output: machine.memory_node(SLOT_HEIGHT, 3),
    };
    for steps in [0, 1] {
        machine.run_to(steps).unwrap();
        let state = machine.state();
        let end = opml_commit::ElidedPath::encode(&machine.prove_memory(SLOT_HEIGHT, 3), SLOT_HEIGHT);
        let length = (state.len() as u16).to_be_bytes();
        let payload = [&[0][..], &node.to_bytes(), &length, &state, &[1], &end].concat();
        assert_eq!(contract.open(&claim, &payload), Err(Refused), "after {steps} steps");
    }
}
