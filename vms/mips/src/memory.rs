use opml_machine::is_writable;

use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Access, Fault, State};

/// Loads: op 0x20 … 0x26 and 0x30.
pub(crate) fn load<A: Access>(state: &mut State, word: Word, access: &mut A) -> Result<Outcome, A::Error> {
    let address = state.get(word.rs()).wrapping_add(word.simm());
    if is_misaligned(word.op(), address) {
        return Ok(Outcome::Fault(Fault::Misaligned));
    }
    let own = access.load(address & !3)?;
    let shifted = own >> (8 * (address & 3));
    let value = match word.op() {
        0x20 => shifted as i8 as u32,
        0x21 => shifted as i16 as u32,
        0x22 => load_left(own, address, state.get(word.rt())),
        0x24 => shifted & 0xff,
        0x25 => shifted & 0xffff,
        0x26 => load_right(own, address, state.get(word.rt())),
        _ => own,
    };
    if word.op() == 0x30 {
        state.ll = address | 1;
    }
    state.set(word.rt(), value);
    Ok(Outcome::Next)
}

/// Stores: op 0x28 … 0x2b, 0x2e and 0x38.
pub(crate) fn store<A: Access>(state: &mut State, word: Word, access: &mut A) -> Result<Outcome, A::Error> {
    let address = state.get(word.rs()).wrapping_add(word.simm());
    if is_misaligned(word.op(), address) {
        return Ok(Outcome::Fault(Fault::Misaligned));
    }
    if !is_writable(address) {
        return Ok(Outcome::Fault(Fault::Forbidden));
    }
    if word.op() == 0x38 {
        return store_conditional(state, word, address, access);
    }
    let value = state.get(word.rt());
    let shift = 8 * (address & 3);
    let (value, mask) = match word.op() {
        0x28 => (value << shift, 0xff << shift),
        0x29 => (value << shift, 0xffff << shift),
        0x2a => store_left(address, value),
        0x2e => store_right(address, value),
        _ => (value, u32::MAX),
    };
    let own = access.load(address & !3)?;
    access.store(address & !3, own & !mask | value & mask)?;
    Ok(Outcome::Next)
}

fn store_conditional<A: Access>(
    state: &mut State,
    word: Word,
    address: u32,
    access: &mut A,
) -> Result<Outcome, A::Error> {
    let linked = state.ll == address | 1;
    if linked {
        access.store(address, state.get(word.rt()))?;
    }
    state.set(word.rt(), u32::from(linked));
    state.ll = 0;
    Ok(Outcome::Next)
}

fn is_misaligned(op: u32, address: u32) -> bool {
    match op {
        0x21 | 0x25 | 0x29 => address & 1 != 0,
        0x23 | 0x2b | 0x30 | 0x38 => address & 3 != 0,
        _ => false,
    }
}

/// `lwl`: what the register becomes, from the word that holds `address` and the register's old value.
#[inline]
pub(crate) fn load_left(own: u32, address: u32, old: u32) -> u32 {
    let shift = 24 - 8 * (address & 3);
    own << shift | old & !(u32::MAX << shift)
}

/// `lwr`: what the register becomes, from the word that holds `address` and the register's old value.
#[inline]
pub(crate) fn load_right(own: u32, address: u32, old: u32) -> u32 {
    let shift = 8 * (address & 3);
    own >> shift | old & !(u32::MAX >> shift)
}

/// `swl`: the bits that are written to the word that holds `address`, and which they are.
#[inline]
pub(crate) fn store_left(address: u32, value: u32) -> (u32, u32) {
    let shift = 24 - 8 * (address & 3);
    (value >> shift, u32::MAX >> shift)
}

/// `swr`: the bits that are written to the word that holds `address`, and which they are.
#[inline]
pub(crate) fn store_right(address: u32, value: u32) -> (u32, u32) {
    let shift = 8 * (address & 3);
    (value << shift, u32::MAX << shift)
}
