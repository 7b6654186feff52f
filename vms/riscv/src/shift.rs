use crate::State;
use crate::outcome::Outcome;
use crate::word::Word;

/// By a fixed amount: opcode 0x13, funct3 1 and 5.
pub(crate) fn immediate(state: &mut State, word: Word) -> Outcome {
    shift(state, word, word.rs2())
}

/// By a register: opcode 0x33, funct3 1 and 5.
pub(crate) fn register(state: &mut State, word: Word) -> Outcome {
    let amount = state.get(word.rs2()) & 31;
    shift(state, word, amount)
}

fn shift(state: &mut State, word: Word, amount: u32) -> Outcome {
    let value = state.get(word.rs1());
    let shifted = match (word.funct3(), word.funct7()) {
        (1, _) => value << amount,
        (_, 0x00) => value >> amount,
        _ => (value as i32 >> amount) as u32,
    };
    state.set(word.rd(), shifted);
    Outcome::Next
}
