//! One step of each shape that a witness can have, in a memory as a dispute has it.

use opml_contracts_test::ProvenStep;
use opml_machine::Memory;
use opml_mips::{MipsMachine, State};

use crate::cases::{Random, region};

/// Address of the instruction.
pub(crate) const PC: u32 = 0x9abc;

/// What a witness is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The state alone.
    State,
    /// The state and the code chunk.
    Code,
    /// The state, the code chunk and the data chunk.
    Data,
}

/// `word` at PC, with r1 = `address` and r3 … r31 random, in a 128 KiB image, a stack, an output, inputs and weights.
pub(crate) fn machine(word: u32, address: u32) -> MipsMachine {
    let mut random = Random::new(u64::from(word) << 32 | u64::from(address));
    let mut state = State::entry();
    (state.pc, state.next_pc) = (PC, PC + 4);
    for register in &mut state.registers[1..] {
        *register = random.word();
    }
    state.registers[1] = address;
    let mut image = random.bytes(128 << 10);
    image[PC as usize - 0x1000..][..4].copy_from_slice(&word.to_le_bytes());
    let mut regions = vec![region(0x1000, image), region(0x200f_f000, random.bytes(0x1000))];
    for (slot, length) in [(1, 1024), (3, 5000), (4, 3136), (5, 1 << 20), (6, 512)] {
        regions.push(region(slot << 28, random.bytes(length)));
    }
    MipsMachine::at(state, Memory::new(&regions).expect("regions that fit"))
}

/// Every shape of a witness, by name.
pub(crate) fn shapes() -> Vec<(&'static str, Shape, ProvenStep)> {
    let step = |word, address| ProvenStep::next(&machine(word, address));
    let state = |change: fn(&mut State)| {
        let mut machine = machine(0x0022_1821, 0);
        let mut state = machine.processor().clone();
        change(&mut state);
        ProvenStep::next(&MipsMachine::at(state, machine.memory().fork()))
    };
    vec![
        ("halted", Shape::State, state(|state| state.exited = true)),
        ("misaligned pc", Shape::State, state(|state| state.pc = 0x9abe)),
        (
            "pc outside the image's slot",
            Shape::State,
            state(|state| state.pc = 0x1000_0000),
        ),
        ("addu", Shape::Code, step(0x0022_1821, 0x3000_0100)),
        ("no instruction", Shape::Code, step(0xfc00_0000, 0)),
        ("lw, misaligned", Shape::Code, step(0x8c22_0010, 0x3000_0101)),
        ("sw, forbidden", Shape::Code, step(0xac22_0010, 0x4000_0100)),
        ("sc that fails", Shape::Code, step(0xe022_0010, 0x3000_0100)),
        ("lw, the code chunk", Shape::Code, step(0x8c22_0004, PC - 4)),
        ("lw, the image", Shape::Data, step(0x8c22_0010, 0x1_2340)),
        ("lw, a weight", Shape::Data, step(0x8c22_0010, 0x5008_0100)),
        ("lw, absent bytes", Shape::Data, step(0x8c22_0010, 0xffff_ff00)),
        ("sb, the stack", Shape::Data, step(0xa022_0010, 0x200f_ff81)),
        ("sw, the output", Shape::Data, step(0xac22_0010, 0x3000_0100)),
        ("sw, absent bytes", Shape::Data, step(0xac22_0010, 0x2fff_ff00)),
    ]
}
