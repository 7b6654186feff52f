use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// `jal`: opcode 0x6f.
pub(crate) fn jump(state: &mut State, word: Word) -> Outcome {
    let target = state.pc.wrapping_add(word.jimm());
    linked(state, word, target)
}

/// `jalr`: opcode 0x67.
pub(crate) fn register(state: &mut State, word: Word) -> Outcome {
    if word.funct3() != 0 {
        return Outcome::Fault(Fault::Reserved);
    }
    let target = state.get(word.rs1()).wrapping_add(word.iimm()) & !1;
    linked(state, word, target)
}

/// Branches by two registers: opcode 0x63.
pub(crate) fn compare(state: &State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs1()), state.get(word.rs2()));
    let condition = match word.funct3() {
        0 => left == right,
        1 => left != right,
        4 => (left as i32) < right as i32,
        5 => left as i32 >= right as i32,
        6 => left < right,
        7 => left >= right,
        _ => return Outcome::Fault(Fault::Reserved),
    };
    if condition {
        Outcome::Jump(state.pc.wrapping_add(word.bimm()))
    } else {
        Outcome::Next
    }
}

fn linked(state: &mut State, word: Word, target: u32) -> Outcome {
    state.set(word.rd(), state.pc.wrapping_add(4));
    Outcome::Jump(target)
}
