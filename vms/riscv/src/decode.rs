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

/// Decodes the word at `address`.
pub(crate) fn decode(address: u32, word: Word) -> Instruction {
    let (operation, value) = operation(address, word);
    Instruction {
        operation,
        a: word.rs1() as u8,
        b: word.rs2() as u8,
        d: if word.rd() == 0 { DISCARD } else { word.rd() as u8 },
        value,
    }
}

fn operation(address: u32, word: Word) -> (Operation, u32) {
    let iimm = word.iimm();
    match (word.opcode(), word.funct3(), word.funct7()) {
        (0x03, funct3, _) => (load(funct3), iimm),
        (0x0f, 0, _) => (Operation::Nothing, 0),
        (0x13, 0, _) => (Operation::AddImmediate, iimm),
        (0x13, 1, 0x00) => (Operation::ShiftLeftImmediate, word.rs2()),
        (0x13, 2, _) => (Operation::SetLessImmediate, iimm),
        (0x13, 3, _) => (Operation::SetLessUnsignedImmediate, iimm),
        (0x13, 4, _) => (Operation::XorImmediate, iimm),
        (0x13, 5, 0x00) => (Operation::ShiftRightImmediate, word.rs2()),
        (0x13, 5, 0x20) => (Operation::ShiftRightArithmeticImmediate, word.rs2()),
        (0x13, 6, _) => (Operation::OrImmediate, iimm),
        (0x13, 7, _) => (Operation::AndImmediate, iimm),
        (0x17, ..) => (Operation::Constant, address.wrapping_add(word.uimm())),
        (0x23, funct3, _) => (store(funct3), word.simm()),
        (0x33, funct3, funct7) => (register(funct3, funct7), 0),
        (0x37, ..) => (Operation::Constant, word.uimm()),
        (0x63, funct3, _) => (branch(funct3), address.wrapping_add(word.bimm())),
        (0x67, 0, _) => (Operation::JumpRegister, iimm),
        (0x6f, ..) => (Operation::Jump, address.wrapping_add(word.jimm())),
        _ => (Operation::End, 0),
    }
}

fn load(funct3: u32) -> Operation {
    match funct3 {
        0 => Operation::LoadByte,
        1 => Operation::LoadHalf,
        2 => Operation::LoadWord,
        4 => Operation::LoadByteUnsigned,
        5 => Operation::LoadHalfUnsigned,
        _ => Operation::End,
    }
}

fn store(funct3: u32) -> Operation {
    match funct3 {
        0 => Operation::StoreByte,
        1 => Operation::StoreHalf,
        2 => Operation::StoreWord,
        _ => Operation::End,
    }
}

fn branch(funct3: u32) -> Operation {
    match funct3 {
        0 => Operation::BranchEqual,
        1 => Operation::BranchNotEqual,
        4 => Operation::BranchLess,
        5 => Operation::BranchGreaterEqual,
        6 => Operation::BranchLessUnsigned,
        7 => Operation::BranchGreaterEqualUnsigned,
        _ => Operation::End,
    }
}

fn register(funct3: u32, funct7: u32) -> Operation {
    match (funct3, funct7) {
        (0, 0x00) => Operation::Add,
        (0, 0x20) => Operation::Subtract,
        (1, 0x00) => Operation::ShiftLeft,
        (2, 0x00) => Operation::SetLess,
        (3, 0x00) => Operation::SetLessUnsigned,
        (4, 0x00) => Operation::Xor,
        (5, 0x00) => Operation::ShiftRight,
        (5, 0x20) => Operation::ShiftRightArithmetic,
        (6, 0x00) => Operation::Or,
        (7, 0x00) => Operation::And,
        (0, 0x01) => Operation::Multiply,
        (1, 0x01) => Operation::UpperSigned,
        (2, 0x01) => Operation::UpperMixed,
        (3, 0x01) => Operation::UpperUnsigned,
        (4, 0x01) => Operation::Divide,
        (5, 0x01) => Operation::DivideUnsigned,
        (6, 0x01) => Operation::Remainder,
        (7, 0x01) => Operation::RemainderUnsigned,
        _ => Operation::End,
    }
}
