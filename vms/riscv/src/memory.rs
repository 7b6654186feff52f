use opml_machine::is_writable;

use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Access, Fault, State};

/// Loads: opcode 0x03.
pub(crate) fn load<A: Access>(state: &mut State, word: Word, access: &mut A) -> Result<Outcome, A::Error> {
    if !matches!(word.funct3(), 0 | 1 | 2 | 4 | 5) {
        return Ok(Outcome::Fault(Fault::Reserved));
    }
    let address = state.get(word.rs1()).wrapping_add(word.iimm());
    if is_misaligned(word, address) {
        return Ok(Outcome::Fault(Fault::Misaligned));
    }
    let shifted = access.load(address & !3)? >> (8 * (address & 3));
    let value = match word.funct3() {
        0 => shifted as i8 as u32,
        1 => shifted as i16 as u32,
        4 => shifted & 0xff,
        5 => shifted & 0xffff,
        _ => shifted,
    };
    state.set(word.rd(), value);
    Ok(Outcome::Next)
}

/// Stores: opcode 0x23.
pub(crate) fn store<A: Access>(state: &State, word: Word, access: &mut A) -> Result<Outcome, A::Error> {
    let ones: u32 = match word.funct3() {
        0 => 0xff,
        1 => 0xffff,
        2 => u32::MAX,
        _ => return Ok(Outcome::Fault(Fault::Reserved)),
    };
    let address = state.get(word.rs1()).wrapping_add(word.simm());
    if is_misaligned(word, address) {
        return Ok(Outcome::Fault(Fault::Misaligned));
    }
    if !is_writable(address) {
        return Ok(Outcome::Fault(Fault::Forbidden));
    }
    let shift = 8 * (address & 3);
    let (value, mask) = (state.get(word.rs2()) << shift, ones << shift);
    let own = access.load(address & !3)?;
    access.store(address & !3, own & !mask | value & mask)?;
    Ok(Outcome::Next)
}

/// Whether the access crosses a boundary of its size, which is 2 to the power of funct3's two lowest bits.
fn is_misaligned(word: Word, address: u32) -> bool {
    address & ((1 << (word.funct3() & 3)) - 1) != 0
}
