use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// Arithmetic and logic with an immediate: op 0x08 … 0x0f.
pub(crate) fn immediate(state: &mut State, word: Word) -> Outcome {
    let source = state.get(word.rs());
    let value = match word.op() {
        0x08 => match (source as i32).checked_add(word.simm() as i32) {
            Some(sum) => sum as u32,
            None => return Outcome::Fault(Fault::Overflow),
        },
        0x09 => source.wrapping_add(word.simm()),
        0x0a => u32::from((source as i32) < word.simm() as i32),
        0x0b => u32::from(source < word.simm()),
        0x0c => source & word.imm(),
        0x0d => source | word.imm(),
        0x0e => source ^ word.imm(),
        _ => word.imm() << 16,
    };
    state.set(word.rt(), value);
    Outcome::Next
}

/// Arithmetic, logic and conditional moves of registers: op 0, fn 0x0a, 0x0b, 0x20 … 0x2b.
pub(crate) fn register(state: &mut State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs()), state.get(word.rt()));
    let value = match word.function() {
        0x0a if right != 0 => return Outcome::Next,
        0x0b if right == 0 => return Outcome::Next,
        0x0a | 0x0b => left,
        0x20 => match (left as i32).checked_add(right as i32) {
            Some(sum) => sum as u32,
            None => return Outcome::Fault(Fault::Overflow),
        },
        0x21 => left.wrapping_add(right),
        0x22 => match (left as i32).checked_sub(right as i32) {
            Some(difference) => difference as u32,
            None => return Outcome::Fault(Fault::Overflow),
        },
        0x23 => left.wrapping_sub(right),
        0x24 => left & right,
        0x25 => left | right,
        0x26 => left ^ right,
        0x27 => !(left | right),
        0x2a => u32::from((left as i32) < right as i32),
        _ => u32::from(left < right),
    };
    state.set(word.rd(), value);
    Outcome::Next
}
