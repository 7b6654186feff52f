use crate::State;
use crate::outcome::Outcome;
use crate::word::Word;

/// Products and quotients: opcode 0x33, funct7 0x01.
pub(crate) fn multiply(state: &mut State, word: Word) -> Outcome {
    let (left, right) = (state.get(word.rs1()), state.get(word.rs2()));
    let value = match word.funct3() {
        0 => left.wrapping_mul(right),
        1 => upper_signed(left, right),
        2 => upper_mixed(left, right),
        3 => upper_unsigned(left, right),
        4 => divide(left, right),
        5 => divide_unsigned(left, right),
        6 => remainder(left, right),
        _ => remainder_unsigned(left, right),
    };
    state.set(word.rd(), value);
    Outcome::Next
}

/// The upper half of the product of two signed words.
#[inline]
pub(crate) fn upper_signed(left: u32, right: u32) -> u32 {
    (i64::from(left as i32).wrapping_mul(i64::from(right as i32)) >> 32) as u32
}

/// The upper half of the product of a signed and an unsigned word.
#[inline]
pub(crate) fn upper_mixed(left: u32, right: u32) -> u32 {
    (i64::from(left as i32).wrapping_mul(i64::from(right)) >> 32) as u32
}

/// The upper half of the product of two unsigned words.
#[inline]
pub(crate) fn upper_unsigned(left: u32, right: u32) -> u32 {
    (u64::from(left).wrapping_mul(u64::from(right)) >> 32) as u32
}

/// The signed quotient, toward zero; all ones by zero.
#[inline]
pub(crate) fn divide(left: u32, right: u32) -> u32 {
    match right {
        0 => u32::MAX,
        _ => (left as i32).wrapping_div(right as i32) as u32,
    }
}

/// The unsigned quotient; all ones by zero.
#[inline]
pub(crate) fn divide_unsigned(left: u32, right: u32) -> u32 {
    left.checked_div(right).unwrap_or(u32::MAX)
}

/// The remainder of the signed quotient; the dividend by zero.
#[inline]
pub(crate) fn remainder(left: u32, right: u32) -> u32 {
    match right {
        0 => left,
        _ => (left as i32).wrapping_rem(right as i32) as u32,
    }
}

/// The remainder of the unsigned quotient; the dividend by zero.
#[inline]
pub(crate) fn remainder_unsigned(left: u32, right: u32) -> u32 {
    left.checked_rem(right).unwrap_or(left)
}
