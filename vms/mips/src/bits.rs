use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// Leading zeros and ones: op 0x1c, fn 0x20 and 0x21.
pub(crate) fn count(state: &mut State, word: Word) -> Outcome {
    let source = state.get(word.rs());
    let bits = if word.function() == 0x20 { source } else { !source };
    state.set(word.rd(), bits.leading_zeros());
    Outcome::Next
}

/// `ext`: op 0x1f, fn 0x00. The field begins at bit sa and has rd + 1 bits.
pub(crate) fn extract(state: &mut State, word: Word) -> Outcome {
    if word.sa() + word.rd() > 31 {
        return Outcome::Fault(Fault::Reserved);
    }
    let value = state.get(word.rs()) >> word.sa() & low_bits(word.rd());
    state.set(word.rt(), value);
    Outcome::Next
}

/// `ins`: op 0x1f, fn 0x04. The field reaches from bit sa to bit rd.
pub(crate) fn insert(state: &mut State, word: Word) -> Outcome {
    if word.rd() < word.sa() {
        return Outcome::Fault(Fault::Reserved);
    }
    let mask = low_bits(word.rd() - word.sa());
    let field = (state.get(word.rs()) & mask) << word.sa();
    let value = state.get(word.rt()) & !(mask << word.sa()) | field;
    state.set(word.rt(), value);
    Outcome::Next
}

/// `wsbh`, `seb`, `seh`: op 0x1f, fn 0x20.
pub(crate) fn shuffle(state: &mut State, word: Word) -> Outcome {
    let source = state.get(word.rt());
    let value = match word.sa() {
        0x02 => swap_bytes_in_halves(source),
        0x10 => source as i8 as u32,
        _ => source as i16 as u32,
    };
    state.set(word.rd(), value);
    Outcome::Next
}

/// The two bytes of each halfword exchanged.
#[inline]
pub(crate) fn swap_bytes_in_halves(value: u32) -> u32 {
    (value & 0x00ff_00ff) << 8 | value >> 8 & 0x00ff_00ff
}

/// The lowest `top` + 1 bits; `top` is at most 31.
#[inline]
pub(crate) fn low_bits(top: u32) -> u32 {
    u32::MAX >> (31 - (top & 31))
}
