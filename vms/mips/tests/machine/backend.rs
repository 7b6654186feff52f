//! The machine behind the engine's traits.

use opml_commit::{Root, fold, keccak256, slot_root};
use opml_engine::{FaultPart, Inspection, Machine, VmBackend, VmError, VmRules};
use opml_mips::{Mips, State};

use crate::random::region;

fn image(program: &[u32]) -> Vec<u8> {
    let mut image = vec![0; 0x1000];
    program
        .iter()
        .for_each(|word| image.extend_from_slice(&word.to_le_bytes()));
    image
}

fn boot(program: &[u32]) -> Box<dyn Machine> {
    Mips.boot(&[region(0, image(program)), region(0x4000_0000, vec![5; 300])])
        .expect("two regions")
}

/// Copies the first word of slot 4 to slot 3 and exits with code 0.
const COPY: [u32; 7] = [
    0x3c08_4000, // lui r8, 0x4000
    0x3c09_3000, // lui r9, 0x3000
    0x8d0a_0000, // lw r10, 0(r8)
    0xad2a_0000, // sw r10, 0(r9)
    0x2402_1096, // addiu r2, r0, 4246
    0x2404_0000, // addiu r4, r0, 0
    0x0000_000c, // syscall
];

#[test]
fn boots_in_the_entry_state() {
    let mut machine = boot(&COPY);
    let memory_root = machine.memory_node(25, 0);
    assert_eq!(machine.root(), Mips.entry_root(&memory_root));
    let state = machine.state();
    assert_eq!(state.len(), 178);
    assert_eq!(state[..8], [0, 0, 0x10, 0, 0, 0, 0x10, 4]);
    assert_eq!(state[22 + 4 * 28..22 + 4 * 29], [0x20, 0x10, 0, 0]);
    assert_eq!(state[146..], memory_root.0);
    let entry = Inspection {
        exited: false,
        exit_code: 0,
        memory_root,
    };
    assert_eq!(Mips.inspect(&state), Ok(entry));
    assert!(Mips.inspect(&state[1..]).is_err());
    assert_eq!(keccak256(&state), machine.root());
    assert_eq!(Mips.name(), "mips");
}

#[test]
fn runs_to_an_accepted_end() {
    let mut machine = boot(&COPY);
    machine.run_until_halt(1 << 40).expect("forward");
    assert_eq!((machine.step(), machine.halted_at()), (7, Some(7)));
    let end = Mips.inspect(&machine.state()).expect("a state");
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
    fork.corrupt(&FaultPart::Output { byte: 1 }).expect("in slot 3");
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
    expect(changed(FaultPart::ProgramCounter).expect("next_pc"), 7, 4);
    expect(changed(FaultPart::Register { number: 1 }).expect("r1"), 25, 1);
    expect(changed(FaultPart::Register { number: 31 }).expect("r31"), 145, 1);
    assert!(changed(FaultPart::Register { number: 0 }).is_err());
    assert!(changed(FaultPart::Register { number: 32 }).is_err());
    assert!(changed(FaultPart::Output { byte: 1 << 28 }).is_err());
    let scratch = changed(FaultPart::Scratch { byte: (1 << 28) - 1 }).expect("in slot 2");
    assert_eq!(scratch[..146], honest[..146]);
    assert_ne!(scratch[146..], honest[146..]);
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
    (state.hi, state.lo, state.ll, state.exited, state.exit_code) = (1, 2, 3, true, 200);
    let root = Root([7; 32]);
    assert_eq!(State::unpack(&state.pack(&root)), Ok((state, root)));
}
