use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// The number of the one system call, exit.
pub(crate) const EXIT: u32 = 4246;

/// `syscall`: op 0, fn 0x0c.
pub(crate) fn syscall(state: &State) -> Outcome {
    if state.get(2) == EXIT {
        Outcome::Exit(state.get(4) as u8)
    } else {
        Outcome::Fault(Fault::Syscall)
    }
}

/// Traps by two registers: op 0, fn 0x30 … 0x36.
pub(crate) fn register(state: &State, word: Word) -> Outcome {
    trap(word.function(), state.get(word.rs()), state.get(word.rt()))
}

/// Traps by a register and an immediate: op 1, rt 0x08 … 0x0e.
pub(crate) fn immediate(state: &State, word: Word) -> Outcome {
    trap(word.rt(), state.get(word.rs()), word.simm())
}

fn trap(condition: u32, left: u32, right: u32) -> Outcome {
    let holds = match condition & 7 {
        0 => left as i32 >= right as i32,
        1 => left >= right,
        2 => (left as i32) < right as i32,
        3 => left < right,
        4 => left == right,
        _ => left != right,
    };
    Outcome::fault_if(holds, Fault::Trap)
}
