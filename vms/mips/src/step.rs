use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Access, Fault, State, alu, bits, branch, memory, multiply, shift, trap};

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
        Outcome::Jumped => {}
        Outcome::Fault(fault) => state.fault(fault),
        Outcome::Exit(code) => state.exit(code),
    }
    Ok(())
}

fn execute<A: Access>(state: &mut State, word: Word, access: &mut A) -> Result<Outcome, A::Error> {
    let outcome = match word.op() {
        0x00 => special(state, word),
        0x01 => regimm(state, word),
        0x02 | 0x03 => branch::jump(state, word),
        0x04..=0x07 | 0x14..=0x17 => branch::compare(state, word),
        0x08..=0x0f => alu::immediate(state, word),
        0x1c => special2(state, word),
        0x1f => special3(state, word),
        0x20..=0x26 | 0x30 => return memory::load(state, word, access),
        0x28..=0x2b | 0x2e | 0x38 => return memory::store(state, word, access),
        0x33 => Outcome::Next,
        _ => Outcome::Fault(Fault::Reserved),
    };
    Ok(outcome)
}

fn special(state: &mut State, word: Word) -> Outcome {
    match word.function() {
        0x00 | 0x02 | 0x03 | 0x04 | 0x06 | 0x07 => shift::shift(state, word),
        0x08 | 0x09 => branch::register(state, word),
        0x0a | 0x0b | 0x20..=0x27 | 0x2a | 0x2b => alu::register(state, word),
        0x0c => trap::syscall(state),
        0x0d => Outcome::Fault(Fault::Break),
        0x0f => Outcome::Next,
        0x10..=0x13 => multiply::transfer(state, word),
        0x18..=0x1b => multiply::multiply(state, word),
        0x30..=0x34 | 0x36 => trap::register(state, word),
        _ => Outcome::Fault(Fault::Reserved),
    }
}

fn regimm(state: &mut State, word: Word) -> Outcome {
    match word.rt() {
        0x00..=0x03 | 0x10..=0x13 => branch::zero(state, word),
        0x08..=0x0c | 0x0e => trap::immediate(state, word),
        0x1f => Outcome::Next,
        _ => Outcome::Fault(Fault::Reserved),
    }
}

fn special2(state: &mut State, word: Word) -> Outcome {
    match word.function() {
        0x00 | 0x01 | 0x02 | 0x04 | 0x05 => multiply::accumulate(state, word),
        0x20 | 0x21 => bits::count(state, word),
        _ => Outcome::Fault(Fault::Reserved),
    }
}

fn special3(state: &mut State, word: Word) -> Outcome {
    match (word.function(), word.sa()) {
        (0x00, _) => bits::extract(state, word),
        (0x04, _) => bits::insert(state, word),
        (0x20, 0x02 | 0x10 | 0x18) => bits::shuffle(state, word),
        _ => Outcome::Fault(Fault::Reserved),
    }
}
