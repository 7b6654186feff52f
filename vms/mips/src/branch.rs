use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// `j` and `jal`: op 0x02 and 0x03.
pub(crate) fn jump(state: &mut State, word: Word) -> Outcome {
    if in_delay_slot(state) {
        return Outcome::Fault(Fault::DelaySlot);
    }
    let target = state.next_pc & 0xf000_0000 | word.index_bytes();
    if word.op() == 0x03 {
        state.set(31, link(state));
    }
    taken(state, target)
}

/// `jr` and `jalr`: op 0, fn 0x08 and 0x09.
pub(crate) fn register(state: &mut State, word: Word) -> Outcome {
    if in_delay_slot(state) {
        return Outcome::Fault(Fault::DelaySlot);
    }
    let target = state.get(word.rs());
    if word.function() == 0x09 {
        state.set(word.rd(), link(state));
    }
    taken(state, target)
}

/// Branches by two registers, or one against zero: op 0x04 … 0x07, likely 0x14 … 0x17.
pub(crate) fn compare(state: &mut State, word: Word) -> Outcome {
    if in_delay_slot(state) {
        return Outcome::Fault(Fault::DelaySlot);
    }
    let (left, right) = (state.get(word.rs()), state.get(word.rt()));
    let condition = match word.op() & 3 {
        0 => left == right,
        1 => left != right,
        2 => left as i32 <= 0,
        _ => left as i32 > 0,
    };
    branch(state, word, condition, word.op() & 0x10 != 0)
}

/// Branches by a register's sign: op 0x01, rt 0x00 … 0x03, linking 0x10 … 0x13.
pub(crate) fn zero(state: &mut State, word: Word) -> Outcome {
    if in_delay_slot(state) {
        return Outcome::Fault(Fault::DelaySlot);
    }
    let negative = (state.get(word.rs()) as i32) < 0;
    if word.rt() & 0x10 != 0 {
        state.set(31, link(state));
    }
    branch(state, word, negative == (word.rt() & 1 == 0), word.rt() & 2 != 0)
}

fn branch(state: &mut State, word: Word, condition: bool, likely: bool) -> Outcome {
    if condition {
        let target = state.next_pc.wrapping_add(word.simm() << 2);
        return taken(state, target);
    }
    if likely {
        state.advance();
    }
    state.advance();
    Outcome::Jumped
}

fn taken(state: &mut State, target: u32) -> Outcome {
    state.pc = state.next_pc;
    state.next_pc = target;
    Outcome::Jumped
}

fn in_delay_slot(state: &State) -> bool {
    state.next_pc != state.pc.wrapping_add(4)
}

fn link(state: &State) -> u32 {
    state.next_pc.wrapping_add(4)
}
