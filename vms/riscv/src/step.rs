use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Access, Fault, State, alu, branch, memory, multiply, shift, system};

/// One step: the only definition of what the machine does. Total: every state and word has one result.
pub fn step<A: Access>(state: &mut State, access: &mut A) -> Result<(), A::Error> {
    if state.exited {
        return Ok(());
    }
    if state.pc & 3 != 0 || state.pc >> 28 != 0 {
        state.fault(Fault::Fetch);
        return Ok(());
    }
    let word = Word(access.fetch(state.pc)?);
    match execute(state, word, access)? {
        Outcome::Next => state.advance(),
        Outcome::Jump(target) => state.pc = target,
        Outcome::Fault(fault) => state.fault(fault),
        Outcome::Exit(code) => state.exit(code),
    }
    Ok(())
}

fn execute<A: Access>(state: &mut State, word: Word, access: &mut A) -> Result<Outcome, A::Error> {
    let outcome = match word.opcode() {
        0x03 => return memory::load(state, word, access),
        0x0f => system::fence(word),
        0x13 => immediate(state, word),
        0x17 | 0x37 => alu::upper(state, word),
        0x23 => return memory::store(state, word, access),
        0x33 => register(state, word),
        0x63 => branch::compare(state, word),
        0x67 => branch::register(state, word),
        0x6f => branch::jump(state, word),
        0x73 => system::system(state, word),
        _ => Outcome::Fault(Fault::Reserved),
    };
    Ok(outcome)
}

fn immediate(state: &mut State, word: Word) -> Outcome {
    match (word.funct3(), word.funct7()) {
        (1, 0x00) | (5, 0x00 | 0x20) => shift::immediate(state, word),
        (1 | 5, _) => Outcome::Fault(Fault::Reserved),
        _ => alu::immediate(state, word),
    }
}

fn register(state: &mut State, word: Word) -> Outcome {
    match (word.funct3(), word.funct7()) {
        (1, 0x00) | (5, 0x00 | 0x20) => shift::register(state, word),
        (_, 0x00) | (0, 0x20) => alu::register(state, word),
        (_, 0x01) => multiply::multiply(state, word),
        _ => Outcome::Fault(Fault::Reserved),
    }
}
