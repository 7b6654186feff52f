use crate::State;
use crate::outcome::Outcome;
use crate::word::Word;

/// `auipc` and `lui`: opcode 0x17 and 0x37.
pub(crate) fn upper(state: &mut State, word: Word) -> Outcome {
    let base = if word.opcode() == 0x17 { state.pc } else { 0 };
    state.set(word.rd(), base.wrapping_add(word.uimm()));
    Outcome::Next
}

/// A register and an immediate: opcode 0x13 but for the shifts.
pub(crate) fn immediate(state: &mut State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs1()), word.iimm());
    state.set(word.rd(), compute(word.funct3(), left, right));
    Outcome::Next
}

/// Two registers: opcode 0x33, funct7 0x00 and 0x20 but for the shifts.
pub(crate) fn register(state: &mut State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs1()), state.get(word.rs2()));
    let value = match word.funct7() {
        0x20 => left.wrapping_sub(right),
        _ => compute(word.funct3(), left, right),
    };
    state.set(word.rd(), value);
    Outcome::Next
}

fn compute(funct3: u32, left: u32, right: u32) -> u32 {
    match funct3 {
        0 => left.wrapping_add(right),
        2 => u32::from((left as i32) < right as i32),
        3 => u32::from(left < right),
        4 => left ^ right,
        6 => left | right,
        _ => left & right,
    }
}
