//! What fraud proofs of machines have got wrong elsewhere.

use opml_commit::{ElidedPath, chunk_zero, keccak256};
use opml_contracts_test::{Lockstep, ProvenStep};
use opml_engine::Machine;
use opml_machine::Memory;
use opml_mips::{Mips, MipsMachine, STATE_BYTES, State};

use crate::cases::region;
use crate::shapes::{self, PC};

/// Where the data chunk and its path begin in the witness of a step that has them.
fn data_at(witness: &[u8]) -> usize {
    let mask = STATE_BYTES + 128;
    let elided = u32::from_be_bytes(witness[mask..mask + 4].try_into().unwrap()).count_ones() as usize;
    mask + 4 + 32 * (25 - elided)
}

/// The chunk that holds `address` and its path to below height `to`, as a witness has them.
fn part(machine: &mut MipsMachine, address: u32, to: usize) -> Vec<u8> {
    let chunk = machine.memory().chunk(address);
    let path = machine.memory().path(0, u64::from(address >> 7));
    [&chunk[..], &ElidedPath::encode(&path[..to], 0)].concat()
}

#[test]
fn a_zero_that_is_stored_is_a_zero_that_was_never_there() {
    let mut lockstep = Lockstep::new("mips", Mips);
    // sb, sh, swl, sw, swr, sc of zero into untouched memory: in a chunk with other bytes, and in one without.
    for op in [0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x38] {
        for address in [0x3000_1388, 0x3000_1800, 0x2000_0000, 0x2fff_fffc] {
            let mut machine = shapes::machine(op << 26 | 1 << 21 | 2 << 16, address);
            let mut state = machine.processor().clone();
            (state.registers[2], state.ll) = (0, address | 1);
            let mut machine = MipsMachine::at(state, machine.memory().fork());
            let before = machine.memory().root();
            lockstep.step(&mut machine);
            assert!(machine.halted_at().is_none());
            assert_eq!(machine.memory().root(), before, "op {op:#x} at {address:#x}");
        }
    }
    let mut empty = MipsMachine::new(Memory::new(&[]).unwrap());
    assert_eq!(empty.memory().root(), chunk_zero(25));
    // An image of nothing: the zero word is a no-op, and every sibling is elided.
    let (step, _) = lockstep.step(&mut empty);
    assert_eq!(step.witness.len(), STATE_BYTES + 128 + 4);
}

#[test]
fn a_sibling_that_could_be_elided_may_be_sent_and_means_the_same() {
    let mut lockstep = Lockstep::new("mips", Mips);
    let step = ProvenStep::next(&shapes::machine(0xac22_0010, 0x3000_0100));
    for start in [STATE_BYTES, data_at(&step.witness)] {
        let mask = u32::from_be_bytes(step.witness[start + 128..start + 132].try_into().unwrap());
        for height in (0..25).filter(|height| mask >> height & 1 == 1) {
            let mut witness = step.witness.clone();
            witness[start + 128..start + 132].copy_from_slice(&(mask & !(1 << height)).to_be_bytes());
            let below = height as usize - (mask & ((1 << height) - 1)).count_ones() as usize;
            let place = start + 132 + 32 * below;
            witness.splice(place..place, chunk_zero(height as u8).0);
            assert_eq!(
                lockstep.judge(&witness),
                Some((step.before, step.after)),
                "height {height}"
            );
        }
    }
}

#[test]
fn the_proof_of_another_chunk_proves_nothing() {
    let mut lockstep = Lockstep::new("mips", Mips);
    for (word, address, to) in [
        (0x8c22_0000, 0x5008_0100, 23),
        (0xac22_0000, 0x3000_0100, 22),
        (0xa022_0000, 0x200f_ff80, 22),
        (0x8c22_0000, 0x0001_0100, 9),
    ] {
        let mut machine = shapes::machine(word, address);
        let step = ProvenStep::next(&machine);
        let data = data_at(&step.witness);
        assert_eq!(step.witness[data..], part(&mut machine, address, to), "{address:#x}");
        for other in [address ^ 0x80, address ^ 0x100, address + 0x1000, PC] {
            let witness = [&step.witness[..data], &part(&mut machine, other, to)].concat();
            assert_eq!(lockstep.judge(&witness), None, "{other:#x} for {address:#x}");
        }
        // The right chunk with a path that ends elsewhere, or that goes on to the root.
        for other in [to - 1, to + 1, 25] {
            let witness = [&step.witness[..data], &part(&mut machine, address, other)].concat();
            assert_eq!(lockstep.judge(&witness), None, "{address:#x} to height {other}");
        }
        for other in [PC ^ 0x80, PC + 0x1000, address] {
            let code = part(&mut machine, other, 25);
            let witness = [&step.witness[..STATE_BYTES], &code, &step.witness[data..]].concat();
            assert_eq!(lockstep.judge(&witness), None, "code at {other:#x}");
        }
    }
}

#[test]
fn a_data_chunk_is_sent_when_it_is_needed_and_only_then() {
    let mut lockstep = Lockstep::new("mips", Mips);
    // Faults before memory, a sc that fails, a load of the code chunk: nothing more is read.
    for (word, address) in [
        (0x0022_1821, 0x3000_0100),
        (0x8c22_0010, 0x3000_0101),
        (0xac22_0010, 0x4000_0100),
        (0xe022_0010, 0x3000_0100),
        (0x8c22_0004, PC - 4),
    ] {
        let mut machine = shapes::machine(word, address);
        let step = ProvenStep::next(&machine);
        assert_eq!(data_at(&step.witness), step.witness.len());
        let longer = [&step.witness[..], &part(&mut machine, 0x3000_0100, 22)].concat();
        assert_eq!(lockstep.judge(&longer), None, "{word:#x}");
    }
    // A load into r0 reads memory all the same.
    let step = ProvenStep::next(&shapes::machine(0x8c20_0010, 0x3000_0100));
    let data = data_at(&step.witness);
    assert!(data < step.witness.len());
    assert_eq!(lockstep.judge(&step.witness[..data]), None);
}

#[test]
fn addresses_and_counters_wrap_around() {
    let mut lockstep = Lockstep::new("mips", Mips);
    // (word, r1): lw, lb, lhu, lwl and lwr around the last byte, and from there to the first one.
    for (word, base) in [
        (0x8c22_0000, 0xffff_fffc),
        (0x8c22_0008, 0xffff_fffc),
        (0x8c22_fffc, 0),
        (0x8022_ffff, 0),
        (0x9422_fffe, 0),
        (0x8822_0003, 0xffff_fffc),
        (0x9822_0001, 0xffff_fffe),
        (0x8c22_7ffc, 0x3000_0000 - 0x8000),
        (0xac22_8000, 0x3000_8000),
        (0xac22_fffc, 0x2000_0000),
        (0xac22_0000, 0x3fff_fffc),
        (0xac22_0004, 0x3fff_fffc),
        (0xa022_0001, 0xffff_ffff),
    ] {
        let mut machine = shapes::machine(word, base);
        lockstep.step(&mut machine);
        lockstep.step(&mut machine);
    }
    for (pc, next_pc, word) in [
        (PC, 0xffff_fffc, 0x0022_1821),
        (PC, 0, 0x0022_1821),
        (0x0fff_fffc, 0x1000_0000, 0x0022_1821),
        (0xffff_fffc, 0, 0x0022_1821),
        (PC, PC + 4, 0x1000_8000),
        (PC, PC + 4, 0x0800_0000 | 0x03ff_ffff),
        (PC, PC + 4, 0x0020_0008),
    ] {
        let mut machine = shapes::machine(word, 0xffff_ffff);
        let state = State {
            pc,
            next_pc,
            ..machine.processor().clone()
        };
        let mut machine = MipsMachine::at(state, machine.memory().fork());
        for _ in 0..3 {
            lockstep.step(&mut machine);
        }
    }
}

/// Runs `word` in a state that `change` has made, in all three ways, to the state that `expected` makes of it.
fn leads(word: u32, change: impl Fn(&mut State), expected: impl Fn(&mut State)) {
    let mut lockstep = Lockstep::new("mips", Mips);
    let mut machine = shapes::machine(word, 0);
    let mut state = machine.processor().clone();
    change(&mut state);
    let mut machine = MipsMachine::at(state.clone(), machine.memory().fork());
    expected(&mut state);
    let after = keccak256(&state.pack(&machine.memory().root()));
    let (step, _) = lockstep.step(&mut machine);
    assert_eq!(step.after, after, "{word:#010x}");
}

fn goes_on(state: &mut State) {
    (state.pc, state.next_pc) = (state.next_pc, state.next_pc + 4);
}

fn faults(state: &mut State, code: u8) {
    (state.exited, state.exit_code) = (true, code);
}

#[test]
fn what_other_machines_got_wrong_is_right_here() {
    let set = |values: &'static [(usize, u32)]| {
        move |state: &mut State| {
            values
                .iter()
                .for_each(|(number, value)| state.registers[*number] = *value)
        }
    };
    let becomes = |number: usize, value: u32| {
        move |state: &mut State| {
            state.registers[number] = value;
            goes_on(state);
        }
    };
    // srav, sllv, srlv r3 by r1 mod 32; sra and srl by 31.
    leads(0x0022_1807, set(&[(1, 36), (2, 0x8000_0010)]), becomes(3, 0xf800_0001));
    leads(
        0x0022_1807,
        set(&[(1, 0xffff_ffe0), (2, 0x8000_0010)]),
        becomes(3, 0x8000_0010),
    );
    leads(0x0022_1804, set(&[(1, 33), (2, 0xc000_0001)]), becomes(3, 0x8000_0002));
    leads(0x0022_1806, set(&[(1, 63), (2, 0x8000_0000)]), becomes(3, 1));
    // bltzal and bgezal exist, and link whether they are taken or not.
    for (word, value, taken) in [
        (0x0430_0004, 0xffff_ffff, true),
        (0x0430_0004, 1, false),
        (0x0431_0004, 0, true),
        (0x0431_0004, 0x8000_0000, false),
    ] {
        let target = if taken { PC + 4 + 16 } else { PC + 8 };
        leads(
            word,
            |state| state.registers[1] = value,
            |state| {
                state.registers[31] = PC + 8;
                (state.pc, state.next_pc) = (PC + 4, target);
            },
        );
    }
    // A system call that is not the exit, mmap and write among them, is a fault; the exit leaves its number.
    for call in [4090, 4004, 4001, 4247, 0] {
        leads(
            0x0000_000c,
            |state| state.registers[2] = call,
            |state| faults(state, 137),
        );
    }
    leads(0x0000_000c, set(&[(2, 4246), (4, 0x1234_5607)]), |state| {
        faults(state, 7)
    });
    // Alignment is never silently made.
    for (word, offset) in [
        (0x8c22_0000, 2),
        (0x8422_0000, 1),
        (0x9422_0000, 3),
        (0xc022_0000, 1),
        (0xac22_0000, 2),
    ] {
        leads(
            word,
            move |state| state.registers[1] = 0x3000_0000 + offset,
            |state| faults(state, 131),
        );
    }
    // j and jal take the upper bits of the delay slot's address, also when that lies in the next slot.
    for (word, link) in [(0x0800_0400, false), (0x0c00_0400, true)] {
        let regions = [
            region(0x0fff_ff80, vec![0; 124]),
            region(0x0fff_fffc, u32::to_le_bytes(word).to_vec()),
        ];
        let mut state = State::entry();
        (state.pc, state.next_pc) = (0x0fff_fffc, 0x1000_0000);
        let mut machine = MipsMachine::at(state.clone(), Memory::new(&regions).expect("regions"));
        let root = machine.memory().root();
        (state.pc, state.next_pc) = (0x1000_0000, 0x1000_1000);
        state.registers[31] = if link { 0x1000_0004 } else { 0 };
        let (step, _) = Lockstep::new("mips", Mips).step(&mut machine);
        assert_eq!(step.after, keccak256(&state.pack(&root)));
    }
    // mthi and mtlo write no register, though bits of the word name one.
    leads(0x0020_1811, set(&[(1, 77)]), |state| {
        state.hi = 77;
        goes_on(state);
    });
    leads(0x0020_1813, set(&[(1, 77)]), |state| {
        state.lo = 77;
        goes_on(state);
    });
    // Division by zero, and of the least number by −1, is a state and no failure of the contract.
    leads(0x0022_001a, set(&[(1, 5), (2, 0)]), |state| faults(state, 134));
    leads(0x0022_001b, set(&[(1, 0), (2, 0)]), |state| faults(state, 134));
    leads(0x0022_001a, set(&[(1, 0x8000_0000), (2, 0xffff_ffff)]), |state| {
        (state.hi, state.lo) = (0, 0x8000_0000);
        goes_on(state);
    });
    // 64-bit results keep their signs.
    leads(0x0022_0018, set(&[(1, 0xffff_ffff), (2, 3)]), |state| {
        (state.hi, state.lo) = (0xffff_ffff, 0xffff_fffd);
        goes_on(state);
    });
    leads(
        0x7022_0004,
        |state| (state.hi, state.lo, state.registers[1], state.registers[2]) = (0, 0, 1, 1),
        |state| {
            (state.hi, state.lo) = (0xffff_ffff, 0xffff_ffff);
            goes_on(state);
        },
    );
    // A write to register 0 is discarded, and a sign-extended immediate compares unsigned.
    leads(0x0022_0021, set(&[(1, 5), (2, 6)]), goes_on);
    leads(0x2c22_ffff, set(&[(1, 0xffff_fffe)]), becomes(2, 1));
    leads(0x2c22_ffff, set(&[(1, 0xffff_ffff)]), becomes(2, 0));
}

#[test]
fn every_slot_is_read_alike_and_two_are_written() {
    let mut lockstep = Lockstep::new("mips", Mips);
    for slot in 0..16u32 {
        let mut load = shapes::machine(0x8c22_0000, slot << 28 | 0x40);
        let (step, _) = lockstep.step(&mut load);
        let word = load.read(slot << 28 | 0x40, 4).try_into().map(u32::from_le_bytes);
        assert_eq!(Ok(load.processor().registers[2]), word, "slot {slot}");
        assert_eq!(load.halted_at(), None);
        assert!(step.witness.len() > data_at(&step.witness));

        let mut store = shapes::machine(0xac22_0000, slot << 28 | 0x40);
        lockstep.step(&mut store);
        let refused = (slot >> 1 != 1).then_some(132);
        assert_eq!(
            store.halted_at().map(|_| store.processor().exit_code),
            refused,
            "slot {slot}"
        );
    }
}
