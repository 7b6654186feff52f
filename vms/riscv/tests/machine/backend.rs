//! The machine behind the engine's traits.

use opml_commit::{Root, fold, keccak256, slot_root};
use opml_engine::{FaultPart, Inspection, Machine, VmBackend, VmError, VmRules};
use opml_machine::Processor;
use opml_riscv::{RiscV, State};

use crate::random::region;

fn image(program: &[u32]) -> Vec<u8> {
    let mut image = vec![0; 0x1000];
    image.extend(program.iter().flat_map(|word| word.to_le_bytes()));
    image
}

fn boot(program: &[u32]) -> Box<dyn Machine> {
    RiscV
        .boot(&[region(0, image(program)), region(0x4000_0000, vec![5; 300])])
        .expect("two regions")
}

/// Copies the first word of slot 4 to slot 3 and exits with code 0.
const COPY: [u32; 7] = [
    0x4000_0437, // lui  x8, 0x40000
    0x3000_04b7, // lui  x9, 0x30000
    0x0004_2503, // lw   x10, 0(x8)
    0x00a4_a023, // sw   x10, 0(x9)
    0x05d0_0893, // addi x17, x0, 93
    0x0000_0513, // addi x10, x0, 0
    0x0000_0073, // ecall
];

#[test]
fn boots_in_the_entry_state() {
    let mut machine = boot(&COPY);
    let memory_root = machine.memory_node(25, 0);
    assert_eq!(machine.root(), RiscV.entry_root(&memory_root));
    let state = machine.state();
    assert_eq!(state.len(), 162);
    assert_eq!(state[..6], [0, 0, 0x10, 0, 0, 0]);
    assert_eq!(state[6..10], [0, 0, 0, 0]);
    assert_eq!(state[10..14], [0x20, 0x10, 0, 0]);
    assert_eq!(state[14..130], [0; 116]);
    assert_eq!(state[130..], memory_root.0);
    let entry = Inspection {
        exited: false,
        exit_code: 0,
        memory_root,
    };
    assert_eq!(RiscV.inspect(&state), Ok(entry));
    let refused = VmError::Witness {
        reason: "a state has 162 bytes, not 161".into(),
    };
    assert_eq!(RiscV.inspect(&state[1..]), Err(refused));
    assert_eq!(keccak256(&state), machine.root());
    assert_eq!(RiscV.name(), "riscv");
}

#[test]
fn runs_to_an_accepted_end() {
    let mut machine = boot(&COPY);
    machine.run_until_halt(1 << 40).expect("forward");
    assert_eq!((machine.step(), machine.halted_at()), (7, Some(7)));
    let end = RiscV.inspect(&machine.state()).expect("a state");
    assert_eq!((end.exited, end.exit_code), (true, 0));
    assert_eq!(machine.memory_node(21, 3), slot_root(&[5; 4]));
    assert_eq!(
        fold(slot_root(&[5; 4]), 3, &machine.prove_memory(21, 3)),
        end.memory_root
    );
    assert_eq!(machine.read(0x3000_0000, 6), [5, 5, 5, 5, 0, 0]);
    let root = machine.root();
    machine.run_to(1 << 40).expect("forward");
    assert_eq!(
        (machine.step(), machine.halted_at(), machine.root()),
        (1 << 40, Some(7), root)
    );
    let back = VmError::Backward { at: 1 << 40, asked: 3 };
    assert_eq!(machine.run_to(3), Err(back));
}

#[test]
fn forks_go_their_own_ways() {
    let mut machine = boot(&COPY);
    machine.run_to(3).expect("forward");
    let before = machine.root();
    let mut fork = machine.fork();
    assert_eq!((fork.step(), fork.root()), (3, before));
    machine.run_to(7).expect("forward");
    assert_eq!(fork.root(), before);
    let after = machine.root();
    assert_eq!(
        fork.roots_at(&[3, 4, 7]).map(|roots| (roots[0], roots[2])),
        Ok((before, after))
    );
    let shared = machine.fork();
    assert_eq!((machine.own_bytes(), shared.own_bytes()), (0, 0));
    fork.corrupt(&FaultPart::Output { byte: 1 }).expect("in slot 3");
    assert!(fork.own_bytes() >= 4096, "a page of its own");
    assert_eq!(machine.root(), after);
    assert_ne!(fork.root(), after);
    assert_eq!(fork.read(0x3000_0000, 4), [5, 0x85, 5, 5]);
}

#[test]
fn faults_flip_one_bit_of_what_they_name() {
    let changed = |part: FaultPart| {
        let mut machine = boot(&COPY);
        machine.corrupt(&part).map(|()| machine.state())
    };
    let honest = boot(&COPY).state();
    let expect = |state: Vec<u8>, place: usize, bit: u8| {
        let mut expected = honest.clone();
        expected[place] ^= bit;
        assert_eq!(state, expected);
    };
    expect(changed(FaultPart::ProgramCounter).expect("pc"), 3, 4);
    expect(changed(FaultPart::Register { number: 1 }).expect("x1"), 9, 1);
    expect(changed(FaultPart::Register { number: 31 }).expect("x31"), 129, 1);
    for number in [0, 32] {
        let refused = VmError::Backend {
            reason: format!("there is no register {number} to corrupt; name one of 1 to 31"),
        };
        assert_eq!(changed(FaultPart::Register { number }), Err(refused));
    }
    let refused = VmError::Backend {
        reason: "byte 268435456 lies outside slot 3, which has 2^28 bytes".into(),
    };
    assert_eq!(changed(FaultPart::Output { byte: 1 << 28 }), Err(refused));
    let scratch = changed(FaultPart::Scratch { byte: (1 << 28) - 1 }).expect("in slot 2");
    assert_eq!(scratch[..130], honest[..130]);
    assert_ne!(scratch[130..], honest[130..]);
}

#[test]
fn liars_write_slots_2_and_3_only() {
    let mut machine = boot(&COPY);
    assert!(machine.write(0x1000, &[1]).is_err());
    assert!(machine.write(0x4000_0000, &[1]).is_err());
    assert!(machine.write(0x2fff_ffff, &[1, 2]).is_ok());
    assert_eq!(machine.read(0x2fff_fffe, 4), [0, 1, 2, 0]);
}

#[test]
fn packing_is_reversible() {
    let mut state = State::entry();
    (0..32).for_each(|number| state.registers[number] = 0x0101_0101u32.wrapping_mul(number as u32));
    (state.pc, state.exited, state.exit_code) = (0xfedc_ba98, true, 200);
    let root = Root([7; 32]);
    assert_eq!(State::unpack(&state.pack(&root)), Ok((state, root)));
}
