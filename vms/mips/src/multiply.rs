use crate::outcome::Outcome;
use crate::word::Word;
use crate::{Fault, State};

/// The 64-bit product of two signed words.
#[inline]
pub(crate) fn signed_product(left: u32, right: u32) -> u64 {
    i64::from(left as i32).wrapping_mul(i64::from(right as i32)) as u64
}

/// The 64-bit product of two unsigned words.
#[inline]
pub(crate) fn unsigned_product(left: u32, right: u32) -> u64 {
    u64::from(left).wrapping_mul(u64::from(right))
}

/// `(hi, lo)` of a signed division, `None` by zero.
#[inline]
pub(crate) fn signed_division(left: u32, right: u32) -> Option<(u32, u32)> {
    let (left, right) = (left as i32, right as i32);
    (right != 0).then(|| (left.wrapping_rem(right) as u32, left.wrapping_div(right) as u32))
}

/// `(hi, lo)` of an unsigned division, `None` by zero.
#[inline]
pub(crate) fn unsigned_division(left: u32, right: u32) -> Option<(u32, u32)> {
    Some((left.checked_rem(right)?, left.checked_div(right)?))
}

/// Moves to and from hi and lo: op 0, fn 0x10 … 0x13.
pub(crate) fn transfer(state: &mut State, word: Word) -> Outcome {
    match word.function() {
        0x10 => state.set(word.rd(), state.hi),
        0x11 => state.hi = state.get(word.rs()),
        0x12 => state.set(word.rd(), state.lo),
        _ => state.lo = state.get(word.rs()),
    }
    Outcome::Next
}

/// Products and quotients in hi and lo: op 0, fn 0x18 … 0x1b.
pub(crate) fn multiply(state: &mut State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs()), state.get(word.rt()));
    let halves = match word.function() {
        0x18 => Some(split(signed_product(left, right))),
        0x19 => Some(split(unsigned_product(left, right))),
        0x1a => signed_division(left, right),
        _ => unsigned_division(left, right),
    };
    match halves {
        Some((hi, lo)) => {
            (state.hi, state.lo) = (hi, lo);
            Outcome::Next
        }
        None => Outcome::Fault(Fault::Division),
    }
}

/// Products into a register or onto hi and lo: op 0x1c, fn 0x00 … 0x05.
pub(crate) fn accumulate(state: &mut State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs()), state.get(word.rt()));
    let sum = join(state.hi, state.lo);
    let sum = match word.function() {
        0x00 => sum.wrapping_add(signed_product(left, right)),
        0x01 => sum.wrapping_add(unsigned_product(left, right)),
        0x02 => {
            state.set(word.rd(), left.wrapping_mul(right));
            return Outcome::Next;
        }
        0x04 => sum.wrapping_sub(signed_product(left, right)),
        _ => sum.wrapping_sub(unsigned_product(left, right)),
    };
    (state.hi, state.lo) = split(sum);
    Outcome::Next
}

/// `(hi, lo)` of a 64-bit number.
#[inline]
pub(crate) fn split(value: u64) -> (u32, u32) {
    ((value >> 32) as u32, value as u32)
}

/// The 64-bit number hi · 2^32 + lo.
#[inline]
pub(crate) fn join(hi: u32, lo: u32) -> u64 {
    u64::from(hi) << 32 | u64::from(lo)
}
