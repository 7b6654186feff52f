//! Witnesses: what live memory does is what they prove, and nothing else can be proven with them.

use opml_conformance::each_seed;
use opml_engine::{Machine, VmError, VmRules};
use opml_machine::Processor;
use opml_riscv::{RiscV, RiscVMachine, STATE_BYTES, State};

use crate::random::Random;

#[test]
fn random_steps_replay_as_they_run() {
    each_seed(700, |seed| {
        let mut random = Random(seed);
        let program = random.program(256);
        let memory = random.memory(&program);
        for _ in 0..32 {
            let mut machine = RiscVMachine::at(random.state(), memory.fork());
            let before = machine.root();
            let witness = machine.prove_step().expect("every step has a witness");
            assert_eq!(machine.root(), before);
            machine.run_plainly(1);
            assert_eq!(RiscV.replay(&witness), Ok((before, machine.root())));
        }
    });
}

#[test]
fn random_changes_to_a_witness_prove_nothing_false() {
    each_seed(700, |seed| {
        let mut random = Random(seed);
        let program = random.program(256);
        let mut machine = RiscVMachine::at(random.state(), random.memory(&program));
        let witness = machine.prove_step().expect("every step has a witness");
        let proven = RiscV.replay(&witness).expect("it is true");
        for _ in 0..24 {
            let mut changed = witness.clone();
            let place = random.below(changed.len() as u32) as usize;
            changed[place] ^= 1 << random.below(8);
            match RiscV.replay(&changed) {
                Ok((before, _)) => assert_ne!(before, proven.0, "byte {place} of {}", changed.len()),
                Err(VmError::Witness { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let cut = random.below(witness.len() as u32) as usize;
        assert!(RiscV.replay(&witness[..cut]).is_err());
        let mut surplus = witness;
        surplus.push(random.pick(&[0, 1]));
        let refused = VmError::Witness {
            reason: "1 bytes remain after it".into(),
        };
        assert_eq!(RiscV.replay(&surplus), Err(refused));
    });
}

#[test]
fn random_bytes_do_not_panic() {
    each_seed(700, |seed| {
        let mut random = Random(seed);
        let length = random.below(2500);
        let mut bytes: Vec<u8> = (0..length)
            .map(|_| random.next() as u8 & random.pick(&[0, 0, 0xff]))
            .collect();
        if let Some(exited) = bytes.get_mut(4) {
            *exited &= 1;
        }
        let _ = RiscV.replay(&bytes);
        let _ = RiscV.inspect(&bytes);
    });
}

/// How many chunks the witness of `word` has, with x8 as given: the code's and the data's.
fn chunks(word: u32, x8: u32) -> usize {
    let mut state = State::entry();
    state.registers[8] = x8;
    let mut machine = RiscVMachine::at(state, Random(3).memory(&[word]));
    let mut rest = &machine.prove_step().expect("every step has a witness")[STATE_BYTES..];
    let mut chunks = 0;
    let mut heights = 25;
    while !rest.is_empty() {
        let mask = u32::from_be_bytes(rest[128..132].try_into().expect("four bytes"));
        rest = &rest[132 + 32 * (heights - mask.count_ones() as usize)..];
        chunks += 1;
        heights = (x8 >> 7 ^ 0x1000 >> 7)
            .checked_ilog2()
            .map_or(0, |height| height as usize);
    }
    chunks
}

#[test]
fn witnesses_hold_what_the_step_touches() {
    assert_eq!(chunks(0x0000_0013, 0), 1, "addi");
    assert_eq!(chunks(0x0004_2483, 0x2000_0000), 2, "lw");
    assert_eq!(chunks(0x0004_2003, 0x2000_0000), 2, "lw to register 0");
    assert_eq!(chunks(0x0004_2483, 0x1004), 1, "lw from the code chunk");
    assert_eq!(chunks(0x0004_2483, 0x2000_0001), 1, "misaligned lw");
    assert_eq!(chunks(0x0094_2023, 0x2000_0000), 2, "sw");
    assert_eq!(chunks(0x0094_2023, 0x4000_0000), 1, "forbidden sw");
    assert_eq!(chunks(0x0ff0_000f, 0), 1, "fence");
    assert_eq!(chunks(0x0000_0000, 0), 1, "the word of zeros");
}

#[test]
fn a_halted_state_is_its_own_witness() {
    let mut machine = RiscVMachine::new(Random(4).memory(&[0x0010_0073]));
    machine.run_until_halt(10).expect("forward");
    assert_eq!((machine.halted_at(), machine.processor().exit_code), (Some(1), 136));
    let witness = machine.prove_step().expect("every step has a witness");
    assert_eq!(witness.len(), STATE_BYTES);
    let root = machine.root();
    assert_eq!(RiscV.replay(&witness), Ok((root, root)));
    let mut exited_twice = witness.clone();
    exited_twice[4] = 2;
    let refused = VmError::Witness {
        reason: "its exited byte is 2, neither 0 nor 1".into(),
    };
    assert_eq!(RiscV.replay(&exited_twice), Err(refused.clone()));
    assert_eq!(RiscV.inspect(&exited_twice), Err(refused));
    assert!(RiscV.replay(&[witness, vec![0]].concat()).is_err());
}
