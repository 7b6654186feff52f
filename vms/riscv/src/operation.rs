/// What a decoded instruction does; names as in `specs/riscv.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// No effect but the step itself.
    Nothing,
    /// d ← value.
    Constant,
    // a: rs1, d: rd, value: the immediate or amount
    AddImmediate,
    SetLessImmediate,
    SetLessUnsignedImmediate,
    XorImmediate,
    OrImmediate,
    AndImmediate,
    ShiftLeftImmediate,
    ShiftRightImmediate,
    ShiftRightArithmeticImmediate,
    // a: rs1, b: rs2, d: rd
    Add,
    Subtract,
    SetLess,
    SetLessUnsigned,
    Xor,
    Or,
    And,
    ShiftLeft,
    ShiftRight,
    ShiftRightArithmetic,
    Multiply,
    UpperSigned,
    UpperMixed,
    UpperUnsigned,
    Divide,
    DivideUnsigned,
    Remainder,
    RemainderUnsigned,
    // a: rs1, d: rd, value: the offset
    LoadByte,
    LoadByteUnsigned,
    LoadHalf,
    LoadHalfUnsigned,
    LoadWord,
    // a: rs1, b: rs2, value: the offset
    StoreByte,
    StoreHalf,
    StoreWord,
    /// d: rd, value: the target.
    Jump,
    /// a: rs1, d: rd, value: the offset.
    JumpRegister,
    // a: rs1, b: rs2, value: the target
    BranchEqual,
    BranchNotEqual,
    BranchLess,
    BranchGreaterEqual,
    BranchLessUnsigned,
    BranchGreaterEqualUnsigned,
    /// Ends the program: the definition does it.
    End,
}

impl Operation {
    /// Whether what follows in memory need not follow in time.
    pub(crate) fn ends_block(self) -> bool {
        self as u8 >= Operation::Jump as u8
    }
}
