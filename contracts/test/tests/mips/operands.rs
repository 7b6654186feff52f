//! Every instruction that computes, compares or traps, on every pair of operands where instructions differ.

use opml_contracts_test::Lockstep;
use opml_machine::Memory;
use opml_mips::{Mips, MipsMachine, State};

use crate::cases::region;
use crate::instructions::{Access, Instruction, instructions};

const OPERANDS: [u32; 14] = [
    0,
    1,
    31,
    32,
    0x7fff,
    0x8000,
    0xffff_8000,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xffff_ff80,
    0xffff_fffe,
    0xffff_ffff,
    0x1234_5678,
];
const IMMEDIATES: [u32; 6] = [0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff];

/// The instruction with every immediate, or shift, or bit field, that tells its kinds apart.
fn words(instruction: &Instruction) -> Vec<u32> {
    let word = instruction.word;
    match word >> 26 {
        0x00 if instruction.family == "shift" && word & 4 == 0 => {
            [0, 1, 15, 31].map(|shift| word & !(31 << 6) | shift << 6).to_vec()
        }
        0x00 | 0x1c => vec![word],
        0x1f if word & 0x3f == 0x20 => vec![word],
        0x1f => {
            let fields = [
                (0, 0),
                (0, 31),
                (31, 0),
                (31, 31),
                (5, 9),
                (9, 5),
                (1, 31),
                (31, 1),
                (16, 15),
            ];
            fields
                .map(|(first, last)| word & !0xffc0 | first << 6 | last << 11)
                .to_vec()
        }
        _ => IMMEDIATES.map(|immediate| word & 0xffff_0000 | immediate).to_vec(),
    }
}

#[test]
fn every_instruction_agrees_on_the_edges_of_its_operands() {
    let all = instructions();
    let computing = all.iter().filter(|instruction| instruction.access == Access::None);
    let words: Vec<(&str, u32)> = computing
        .flat_map(|instruction| words(instruction).into_iter().map(|word| (instruction.name, word)))
        .collect();
    let code: Vec<u8> = words.iter().flat_map(|(_, word)| word.to_le_bytes()).collect();
    let memory = Memory::new(&[region(0x1000, code)]).expect("one region");
    let mut lockstep = Lockstep::new("mips", Mips);
    let mut steps = 0;
    for (pc, (name, word)) in (0x1000u32..).step_by(4).zip(&words) {
        for (place, &left) in OPERANDS.iter().enumerate() {
            for &right in &OPERANDS {
                let mut state = State::entry();
                (state.pc, state.next_pc) = (pc, pc + 4);
                (state.registers[1], state.registers[2], state.registers[3]) = (left, right, 0x5555_aaaa);
                (state.hi, state.lo) = (right ^ left.rotate_left(7), OPERANDS[(place + 5) % OPERANDS.len()]);
                println!(
                    "{name} {word:#010x} of {left:#x}, {right:#x}, hi {:#x}, lo {:#x}",
                    state.hi, state.lo
                );
                lockstep.step(&mut MipsMachine::at(state, memory.fork()));
                steps += 1;
            }
        }
    }
    println!("{steps} steps of {} words", words.len());
    assert!(words.len() > 150 && steps == words.len() * OPERANDS.len() * OPERANDS.len());
}
