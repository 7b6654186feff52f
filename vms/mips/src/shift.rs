use crate::State;
use crate::outcome::Outcome;
use crate::word::Word;

/// Shifts and rotations: op 0, fn 0x00 … 0x07.
pub(crate) fn shift(state: &mut State, word: Word) -> Outcome {
    let value = state.get(word.rt());
    let by_register = word.function() & 4 != 0;
    let amount = if by_register {
        state.get(word.rs()) & 31
    } else {
        word.sa()
    };
    let rotate = if by_register {
        word.sa() & 1 == 1
    } else {
        word.rs() & 1 == 1
    };
    let shifted = match word.function() & 3 {
        0 => value << amount,
        2 if rotate => value.rotate_right(amount),
        2 => value >> amount,
        _ => (value as i32 >> amount) as u32,
    };
    state.set(word.rd(), shifted);
    Outcome::Next
}
