//! Witnesses: what live memory does is what they prove, and nothing else can be proven with them.

use opml_conformance::each_seed;
use opml_engine::{Machine, VmError, VmRules};
use opml_mips::{Mips, MipsMachine, STATE_BYTES};

use crate::lockstep::harmless;
use crate::random::Random;

/// A machine about to do a random step.
fn machine(random: &mut Random) -> MipsMachine {
    let program = random.program(256);
    MipsMachine::at(random.state(), random.memory(&program))
}

#[test]
fn random_steps_replay_as_they_run() {
    each_seed(700, |seed| {
        let mut random = Random(seed);
        let program = random.program(256);
        let memory = random.memory(&program);
        for _ in 0..32 {
            let mut machine = MipsMachine::at(random.state(), memory.fork());
            let before = machine.root();
            let witness = machine.prove_step().expect("every step has a witness");
            assert_eq!(machine.root(), before);
            machine.run_plainly(1);
            assert_eq!(Mips.replay(&witness), Ok((before, machine.root())));
        }
    });
}

#[test]
fn random_runs_replay_step_by_step() {
    each_seed(100, |seed| {
        let mut random = Random(seed);
        let program = harmless(&mut random);
        let mut machine = MipsMachine::at(random.state(), random.memory(&program));
        let mut root = machine.root();
        for _ in 0..200 {
            let witness = machine.prove_step().expect("every step has a witness");
            let goal = machine.step() + 1;
            machine.run_to(goal).expect("forward");
            let after = machine.root();
            assert_eq!(Mips.replay(&witness), Ok((root, after)));
            root = after;
        }
    });
}

#[test]
fn random_changes_of_a_witness_prove_nothing_false() {
    each_seed(700, |seed| {
        let mut random = Random(seed);
        let mut machine = machine(&mut random);
        let witness = machine.prove_step().expect("every step has a witness");
        let proven = Mips.replay(&witness).expect("it is true");
        for _ in 0..24 {
            let mut changed = witness.clone();
            let place = random.below(changed.len() as u32) as usize;
            changed[place] ^= 1 << random.below(8);
            match Mips.replay(&changed) {
                Ok((before, _)) => assert_ne!(before, proven.0, "byte {place} of {}", changed.len()),
                Err(VmError::Witness { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let cut = random.below(witness.len() as u32) as usize;
        assert!(Mips.replay(&witness[..cut]).is_err());
        let mut surplus = witness;
        surplus.push(random.pick(&[0, 1]));
        assert!(Mips.replay(&surplus).is_err());
    });
}

#[test]
fn random_bytes_as_a_witness_do_not_panic() {
    each_seed(700, |seed| {
        let mut random = Random(seed);
        let length = random.below(2500);
        let mut bytes: Vec<u8> = (0..length)
            .map(|_| random.next() as u8 & random.pick(&[0, 0, 0xff]))
            .collect();
        if let Some(exited) = bytes.get_mut(20) {
            *exited &= 1;
        }
        let _ = Mips.replay(&bytes);
        let _ = Mips.inspect(&bytes);
    });
}

#[test]
fn witnesses_hold_what_the_step_touches() {
    let length = |word: u32, r8: u32| {
        let mut machine = MipsMachine::new(Random(3).memory(&[word]));
        machine
            .corrupt(&opml_engine::FaultPart::Register { number: 1 })
            .expect("register 1");
        let mut state = machine.processor().clone();
        state.registers[8] = r8;
        let mut machine = MipsMachine::at(state, machine.memory().fork());
        let witness = machine.prove_step().expect("every step has a witness");
        let path = |at: usize| {
            let mask = u32::from_be_bytes(witness[at..at + 4].try_into().expect("four bytes"));
            (at + 4, mask.count_ones() as usize)
        };
        if witness.len() == STATE_BYTES {
            return (0, 0);
        }
        let (after, elided) = path(STATE_BYTES + 128);
        let code_end = after + 32 * (25 - elided);
        (1, usize::from(witness.len() > code_end))
    };
    assert_eq!(length(0x0000_0000, 0), (1, 0), "sll");
    assert_eq!(length(0x8d09_0000, 0x2000_0000), (1, 1), "lw");
    assert_eq!(length(0x8d00_0000, 0x2000_0000), (1, 1), "lw to register 0");
    assert_eq!(length(0x8d09_0000, 0x1000), (1, 0), "lw from the code chunk");
    assert_eq!(length(0x8d09_0000, 0x2000_0001), (1, 0), "misaligned lw");
    assert_eq!(length(0xad09_0000, 0x4000_0000), (1, 0), "forbidden sw");
    assert_eq!(length(0xad09_0000, 0x2000_0000), (1, 1), "sw");
    assert_eq!(length(0xe109_0000, 0x2000_0000), (1, 0), "sc without link");
    assert_eq!(length(0xcd09_0000, 0x2000_0000), (1, 0), "pref");
}

#[test]
fn a_halted_state_is_its_own_witness() {
    let mut machine = MipsMachine::new(Random(4).memory(&[0x0000_000d]));
    machine.run_until_halt(10).expect("forward");
    assert_eq!((machine.halted_at(), machine.processor().exit_code), (Some(1), 136));
    let witness = machine.prove_step().expect("every step has a witness");
    assert_eq!(witness.len(), STATE_BYTES);
    let root = machine.root();
    assert_eq!(Mips.replay(&witness), Ok((root, root)));
    let mut exited_twice = witness.clone();
    exited_twice[20] = 2;
    assert!(Mips.replay(&exited_twice).is_err());
    assert!(Mips.inspect(&exited_twice).is_err());
    assert!(Mips.replay(&[witness, vec![0]].concat()).is_err());
}
