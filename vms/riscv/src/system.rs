use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// The number of the one system call, exit.
const EXIT: u32 = 93;

/// `fence`: opcode 0x0f.
pub(crate) fn fence(word: Word) -> Outcome {
    match word.funct3() {
        0 => Outcome::Next,
        _ => Outcome::Fault(Fault::Reserved),
    }
}

/// `ecall` and `ebreak`: opcode 0x73.
pub(crate) fn system(state: &State, word: Word) -> Outcome {
    match word.0 {
        0x0000_0073 if state.get(17) == EXIT => Outcome::Exit(state.get(10) as u8),
        0x0000_0073 => Outcome::Fault(Fault::Syscall),
        0x0010_0073 => Outcome::Fault(Fault::Break),
        _ => Outcome::Fault(Fault::Reserved),
    }
}
