use crate::bits::low_bits;
use crate::operation::Operation;
use crate::word::Word;

/// The register that takes what is written to register 0.
pub(crate) const DISCARD: u8 = 32;

/// An instruction with its fields at hand; which mean what is said at [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) operation: Operation,
    /// A register to read.
    pub(crate) a: u8,
    /// A register to read.
    pub(crate) b: u8,
    /// The register to write; [`DISCARD`] stands for register 0.
    pub(crate) d: u8,
    pub(crate) value: u32,
}

impl Instruction {
    /// An entry of the decoded code that is no instruction.
    pub(crate) fn marker(operation: Operation, value: u32) -> Self {
        Instruction {
            operation,
            a: 0,
            b: 0,
            d: DISCARD,
            value,
        }
    }
}

fn destination(register: u32) -> u8 {
    if register == 0 { DISCARD } else { register as u8 }
}

/// Decodes the word at `address`.
pub(crate) fn decode(address: u32, word: Word) -> Instruction {
    let simm = word.simm();
    let to_rd = |operation| Instruction {
        operation,
        a: word.rs() as u8,
        b: word.rt() as u8,
        d: destination(word.rd()),
        value: word.sa(),
    };
    let to_rt = |operation, value| Instruction {
        d: destination(word.rt()),
        value,
        ..to_rd(operation)
    };
    let next = address.wrapping_add(4);
    let branch = |operation, link| Instruction {
        d: if link { 31 } else { DISCARD },
        value: next.wrapping_add(simm << 2),
        ..to_rd(operation)
    };
    let jump = |link| Instruction {
        value: next & 0xf000_0000 | word.index_bytes(),
        ..branch(Operation::Jump, link)
    };
    // Branches whose condition always holds are how assemblers write jumps relative to the program counter.
    let always = |link| branch(Operation::Jump, link);
    match word.op() {
        0x00 if word.function() == 0x08 => Instruction {
            d: DISCARD,
            ..to_rd(Operation::JumpRegister)
        },
        0x00 => to_rd(special(word)),
        0x01 if word.rs() == 0 && matches!(word.rt(), 0x01 | 0x11) => always(word.rt() == 0x11),
        0x01 => match word.rt() {
            rt @ (0x00..=0x03 | 0x10..=0x13) => {
                let operation = match rt & 3 {
                    0 => Operation::BranchLessZero,
                    1 => Operation::BranchGreaterEqualZero,
                    2 => Operation::BranchLessZeroLikely,
                    _ => Operation::BranchGreaterEqualZeroLikely,
                };
                branch(operation, rt & 0x10 != 0)
            }
            rt => to_rt(trap_immediate(rt), simm),
        },
        0x02 => jump(false),
        0x03 => jump(true),
        0x04 if word.rs() == word.rt() => always(false),
        0x04 => branch(Operation::BranchEqual, false),
        0x05 => branch(Operation::BranchNotEqual, false),
        0x06 => branch(Operation::BranchLessEqualZero, false),
        0x07 => branch(Operation::BranchGreaterZero, false),
        0x14 => branch(Operation::BranchEqualLikely, false),
        0x15 => branch(Operation::BranchNotEqualLikely, false),
        0x16 => branch(Operation::BranchLessEqualZeroLikely, false),
        0x17 => branch(Operation::BranchGreaterZeroLikely, false),
        0x08 => to_rt(Operation::AddImmediate, simm),
        0x09 => to_rt(Operation::AddImmediateUnsigned, simm),
        0x0a => to_rt(Operation::SetLessImmediate, simm),
        0x0b => to_rt(Operation::SetLessImmediateUnsigned, simm),
        0x0c => to_rt(Operation::AndImmediate, word.imm()),
        0x0d => to_rt(Operation::OrImmediate, word.imm()),
        0x0e => to_rt(Operation::XorImmediate, word.imm()),
        0x0f => to_rt(Operation::Constant, word.imm() << 16),
        0x1c => to_rd(special2(word)),
        0x1f => special3(word, to_rd),
        0x33 => to_rd(Operation::Nothing),
        op => to_rt(memory(op), simm),
    }
}

fn special(word: Word) -> Operation {
    match word.function() {
        0x00 => Operation::ShiftLeft,
        0x02 if word.rs() & 1 == 1 => Operation::RotateRight,
        0x02 => Operation::ShiftRight,
        0x03 => Operation::ShiftRightArithmetic,
        0x04 => Operation::ShiftLeftVariable,
        0x06 if word.sa() & 1 == 1 => Operation::RotateRightVariable,
        0x06 => Operation::ShiftRightVariable,
        0x07 => Operation::ShiftRightArithmeticVariable,
        0x09 => Operation::JumpRegister,
        0x0a => Operation::MoveIfZero,
        0x0b => Operation::MoveIfNotZero,
        0x0c => Operation::SystemCall,
        0x0d => Operation::Break,
        0x0f => Operation::Nothing,
        0x10 => Operation::MoveFromHi,
        0x11 => Operation::MoveToHi,
        0x12 => Operation::MoveFromLo,
        0x13 => Operation::MoveToLo,
        0x18 => Operation::Multiply,
        0x19 => Operation::MultiplyUnsigned,
        0x1a => Operation::Divide,
        0x1b => Operation::DivideUnsigned,
        0x20 => Operation::Add,
        0x21 => Operation::AddUnsigned,
        0x22 => Operation::Subtract,
        0x23 => Operation::SubtractUnsigned,
        0x24 => Operation::And,
        0x25 => Operation::Or,
        0x26 => Operation::Xor,
        0x27 => Operation::Nor,
        0x2a => Operation::SetLess,
        0x2b => Operation::SetLessUnsigned,
        0x30 => Operation::TrapGreaterEqual,
        0x31 => Operation::TrapGreaterEqualUnsigned,
        0x32 => Operation::TrapLess,
        0x33 => Operation::TrapLessUnsigned,
        0x34 => Operation::TrapEqual,
        0x36 => Operation::TrapNotEqual,
        _ => Operation::Reserved,
    }
}

fn trap_immediate(rt: u32) -> Operation {
    match rt {
        0x08 => Operation::TrapGreaterEqualImmediate,
        0x09 => Operation::TrapGreaterEqualUnsignedImmediate,
        0x0a => Operation::TrapLessImmediate,
        0x0b => Operation::TrapLessUnsignedImmediate,
        0x0c => Operation::TrapEqualImmediate,
        0x0e => Operation::TrapNotEqualImmediate,
        0x1f => Operation::Nothing,
        _ => Operation::Reserved,
    }
}

fn special2(word: Word) -> Operation {
    match word.function() {
        0x00 => Operation::MultiplyAdd,
        0x01 => Operation::MultiplyAddUnsigned,
        0x02 => Operation::MultiplyToRegister,
        0x04 => Operation::MultiplySubtract,
        0x05 => Operation::MultiplySubtractUnsigned,
        0x20 => Operation::CountLeadingZeros,
        0x21 => Operation::CountLeadingOnes,
        _ => Operation::Reserved,
    }
}

fn special3(word: Word, to_rd: impl Fn(Operation) -> Instruction) -> Instruction {
    match (word.function(), word.sa()) {
        (0x00, sa) if sa + word.rd() <= 31 => Instruction {
            b: sa as u8,
            d: destination(word.rt()),
            value: low_bits(word.rd()),
            ..to_rd(Operation::Extract)
        },
        (0x04, sa) if sa <= word.rd() => Instruction {
            d: destination(word.rt()),
            value: word.rd() << 8 | sa,
            ..to_rd(Operation::Insert)
        },
        (0x20, 0x02) => to_rd(Operation::SwapBytesInHalves),
        (0x20, 0x10) => to_rd(Operation::SignExtendByte),
        (0x20, 0x18) => to_rd(Operation::SignExtendHalf),
        _ => to_rd(Operation::Reserved),
    }
}

fn memory(op: u32) -> Operation {
    match op {
        0x20 => Operation::LoadByte,
        0x21 => Operation::LoadHalf,
        0x22 => Operation::LoadLeft,
        0x23 => Operation::LoadWord,
        0x24 => Operation::LoadByteUnsigned,
        0x25 => Operation::LoadHalfUnsigned,
        0x26 => Operation::LoadRight,
        0x28 => Operation::StoreByte,
        0x29 => Operation::StoreHalf,
        0x2a => Operation::StoreLeft,
        0x2b => Operation::StoreWord,
        0x2e => Operation::StoreRight,
        0x30 => Operation::LoadLinked,
        0x38 => Operation::StoreConditional,
        _ => Operation::Reserved,
    }
}
