//! `contracts/src/vms/RiscV.sol` against `opml_riscv`: the same two roots, or a refusal by both.

mod riscv {
    pub(crate) mod cases;
    pub(crate) mod contract;
}

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, Bytes};
use opml_commit::{Root, keccak256};
use opml_conformance::each_seed;
use opml_engine::{Machine, VmRules};
use opml_machine::Processor;
use opml_riscv::{RiscV, STATE_BYTES, State};
use riscv::cases::{self, Random};
use riscv::contract::{Contract, Error};

fn word(root: Root) -> B256 {
    B256::from(root.0)
}

#[test]
fn entry_and_end_states_are_read_alike() {
    let mut contract = Contract::deployed();
    let memory = keccak256(b"a memory");
    assert_eq!(contract.entry_root(word(memory)), word(RiscV.entry_root(&memory)));

    let mut packed = State::entry().pack(&memory);
    packed[4] = 1;
    packed[5] = 130;
    let seen = RiscV.inspect(&packed).unwrap();
    assert_eq!(
        contract.inspect(&packed),
        Ok((seen.exited, seen.exit_code, word(seen.memory_root)))
    );
    assert_eq!((seen.exited, seen.exit_code, seen.memory_root), (true, 130, memory));

    packed[4] = 2;
    assert!(matches!(contract.inspect(&packed), Err(Error::ExitedByte(_))));
    packed[4] = 0;
    assert!(matches!(contract.inspect(&packed[1..]), Err(Error::PayloadTooShort(_))));
    packed.push(0);
    assert!(matches!(contract.inspect(&packed), Err(Error::PayloadSurplus(_))));
}

/// What the random steps of one family cost and did.
#[derive(Default)]
struct Seen {
    steps: u64,
    going_on: u64,
    sum: u64,
    most: u64,
}

#[test]
fn random_steps_lead_to_the_same_states() {
    let contract = RefCell::new(Contract::deployed());
    let mut families: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut ends = BTreeSet::new();
    each_seed(2500, |seed| {
        let case = cases::random_case(&mut Random::new(seed));
        let mut machine = case.machine();
        let witness = machine.prove_step().unwrap();
        let before = machine.root();
        machine.run_to(1).unwrap();
        let after = machine.root();
        assert_eq!(RiscV.replay(&witness), Ok((before, after)), "{case:?}");
        let result = contract.borrow_mut().step(&witness);
        let (pre, post, spent) = result.unwrap_or_else(|error| panic!("{error:?}: {case:?}"));
        assert_eq!((pre, post), (word(before), word(after)), "{case:?}");

        let end = machine.processor();
        let seen = families.entry(case.family).or_default();
        seen.steps += 1;
        seen.sum += spent.execution;
        seen.most = seen.most.max(spent.execution);
        if !end.exited {
            seen.going_on += 1;
        } else if before != after {
            ends.insert(end.exit_code);
        }
    });
    println!("execution gas  steps   mean   most");
    for (family, seen) in families {
        println!(
            "{family:12} {:>7} {:>6} {:>6}",
            seen.steps,
            seen.sum / seen.steps,
            seen.most
        );
        assert!(
            seen.steps >= 200 && seen.going_on >= 20,
            "{family}: {} of {} go on",
            seen.going_on,
            seen.steps
        );
    }
    for fault in [128, 129, 131, 132, 136, 137] {
        assert!(ends.contains(&fault), "no step ended in fault {fault}");
    }
}

#[test]
fn vectors_hold_on_chain() {
    let mut contract = Contract::deployed();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/vectors/riscv");
    let mut families = 0;
    for entry in std::fs::read_dir(folder).expect("the vectors' folder") {
        let path = entry.unwrap().path();
        if path.extension() != Some("json".as_ref()) {
            continue;
        }
        let cases: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert!(!cases.is_empty(), "{}", path.display());
        for case in cases {
            let text = |key: &str| {
                case[key]
                    .as_str()
                    .unwrap_or_else(|| panic!("{key} in {}", path.display()))
            };
            let witness: Bytes = text("witness").parse().unwrap();
            let expected = ["before_root", "after_root"].map(|key| text(key).parse::<B256>().unwrap());
            let (pre, post, _) = contract
                .step(&witness)
                .unwrap_or_else(|error| panic!("{}: {error:?}", text("name")));
            assert_eq!([pre, post], expected, "{}", text("name"));
        }
        families += 1;
    }
    assert_eq!(families, 7, "families in {folder}");
}

#[test]
fn random_damage_to_a_witness_is_refused_or_read_alike() {
    let contract = RefCell::new(Contract::deployed());
    let mut refused = 0;
    each_seed(350, |seed| {
        let mut random = Random::new(seed);
        let witness = cases::random_case(&mut random).machine().prove_step().unwrap();
        for damage in 0..4 {
            let damaged = random.damage(&witness, damage);
            match (RiscV.replay(&damaged), contract.borrow_mut().step(&damaged)) {
                (Ok((before, after)), Ok((pre, post, _))) => {
                    assert_eq!((pre, post), (word(before), word(after)));
                    let undamaged = word(keccak256(&witness[..STATE_BYTES]));
                    assert_ne!(pre, undamaged, "damage that changes nothing");
                }
                (Err(_), Err(_)) => refused += 1,
                (rust, solidity) => panic!("damage {damage}: {rust:?} against {solidity:?}"),
            }
        }
    });
    assert!(refused > 700, "{refused} refused");
}

#[test]
fn each_refusal_has_its_name() {
    let mut contract = Contract::deployed();
    let mut machine = cases::store_case().machine();
    let witness = machine.prove_step().unwrap();
    assert!(contract.step(&witness).is_ok());
    let code_mask = STATE_BYTES + 128;
    let altered = |at: usize| {
        let mut bytes = witness.clone();
        bytes[at] ^= 1;
        bytes
    };
    assert!(matches!(
        contract.step(&altered(STATE_BYTES)),
        Err(Error::MemoryMismatch(_))
    ));
    assert!(matches!(
        contract.step(&altered(STATE_BYTES - 31)),
        Err(Error::MemoryMismatch(_))
    ));
    assert!(matches!(
        contract.step(&altered(witness.len() - 1)),
        Err(Error::DataMismatch(_))
    ));
    let mut masked = witness.clone();
    masked[code_mask] |= 0x80;
    assert!(matches!(contract.step(&masked), Err(Error::ElisionOutsidePath(_))));
    let mut flagged = witness.clone();
    flagged[4] = 2;
    assert!(matches!(contract.step(&flagged), Err(Error::ExitedByte(_))));
    assert!(matches!(
        contract.step(&witness[..witness.len() - 1]),
        Err(Error::PayloadTooShort(_))
    ));
    let surplus = [&witness[..], &[0]].concat();
    assert!(matches!(contract.step(&surplus), Err(Error::PayloadSurplus(_))));
    assert!(matches!(contract.step(&[]), Err(Error::PayloadTooShort(_))));
}

/// A `step` move adds about 15 words of position and claim and the game's own work to the transaction measured here.
#[test]
fn a_step_in_a_typical_memory_stays_cheap() {
    let mut contract = Contract::deployed();
    for (name, case) in cases::typical_cases() {
        let witness = case.machine().prove_step().unwrap();
        let (_, _, spent) = contract.step(&witness).unwrap();
        let bytes = witness.len();
        println!(
            "{name:16} witness {bytes:>5} bytes, {:>5} gas, execution {:>5}",
            spent.transaction, spent.execution
        );
        assert!(
            spent.transaction <= 80_000 && spent.execution <= 25_000,
            "{name}: {spent:?}"
        );
    }
}
