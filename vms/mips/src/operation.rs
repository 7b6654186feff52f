/// What a decoded instruction does; names as in `specs/mips.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Operation {
    // No effect but the step itself.
    Nothing,
    // a: rs, d: rt, value: the immediate as extended
    AddImmediate,
    AddImmediateUnsigned,
    SetLessImmediate,
    SetLessImmediateUnsigned,
    AndImmediate,
    OrImmediate,
    XorImmediate,
    /// d ← value.
    Constant,
    // a: rs, b: rt, d: rd
    MoveIfZero,
    MoveIfNotZero,
    Add,
    AddUnsigned,
    Subtract,
    SubtractUnsigned,
    And,
    Or,
    Xor,
    Nor,
    SetLess,
    SetLessUnsigned,
    // b: rt, d: rd, value: the amount
    ShiftLeft,
    ShiftRight,
    ShiftRightArithmetic,
    RotateRight,
    // a: rs (the amount), b: rt, d: rd
    ShiftLeftVariable,
    ShiftRightVariable,
    ShiftRightArithmeticVariable,
    RotateRightVariable,
    // a: rs, b: rt, d: rd
    MoveFromHi,
    MoveToHi,
    MoveFromLo,
    MoveToLo,
    Multiply,
    MultiplyUnsigned,
    Divide,
    DivideUnsigned,
    MultiplyAdd,
    MultiplyAddUnsigned,
    MultiplyToRegister,
    MultiplySubtract,
    MultiplySubtractUnsigned,
    CountLeadingZeros,
    CountLeadingOnes,
    /// a: rs, d: rt, b: sa, value: the mask of the field at bit 0.
    Extract,
    /// a: rs, b: rt (read), d: rt (written), value: rd · 2^8 + sa.
    Insert,
    SwapBytesInHalves,
    SignExtendByte,
    SignExtendHalf,
    // a: rs, b: rt (read), d: rt (written), value: the offset
    LoadByte,
    LoadByteUnsigned,
    LoadHalf,
    LoadHalfUnsigned,
    LoadLeft,
    LoadWord,
    LoadRight,
    LoadLinked,
    StoreByte,
    StoreHalf,
    StoreLeft,
    StoreWord,
    StoreRight,
    StoreConditional,
    // a: rs, b: rt
    TrapGreaterEqual,
    TrapGreaterEqualUnsigned,
    TrapLess,
    TrapLessUnsigned,
    TrapEqual,
    TrapNotEqual,
    // a: rs, value: the immediate
    TrapGreaterEqualImmediate,
    TrapGreaterEqualUnsignedImmediate,
    TrapLessImmediate,
    TrapLessUnsignedImmediate,
    TrapEqualImmediate,
    TrapNotEqualImmediate,
    SystemCall,
    Break,
    Reserved,
    /// No instruction: the delay slot is done, go where its branch went, else to `value`.
    EndOfSlot,
    /// No instruction: decoded code does not go on here.
    Leave,
    // Sequences (fusion.rs); the fields are those of the first member.
    FourLoadBytes,
    FourMultiplications,
    FourAdditions,
    LoadByteMultiplyAdd,
    TwoMultiplicationsAdd,
    LoadByteAdd,
    MultiplyThenAdd,
    TwoLoadBytes,
    TwoAdditions,
    // Control transfers. a: rs, b: rt, d: the link register, value: the target (likely forms: `Likely` after the name)
    Jump,
    JumpRegister,
    BranchEqual,
    BranchNotEqual,
    BranchLessEqualZero,
    BranchGreaterZero,
    BranchLessZero,
    BranchGreaterEqualZero,
    BranchEqualLikely,
    BranchNotEqualLikely,
    BranchLessEqualZeroLikely,
    BranchGreaterZeroLikely,
    BranchLessZeroLikely,
    BranchGreaterEqualZeroLikely,
}

impl Operation {
    /// Whether this is a branch or jump: it has a delay slot.
    pub(crate) fn is_transfer(self) -> bool {
        self as u8 >= Operation::Jump as u8
    }

    /// Whether this is a branch.
    pub(crate) fn is_conditional(self) -> bool {
        self as u8 >= Operation::BranchEqual as u8
    }

    /// Whether this is a branch that skips its delay slot when it is not taken.
    pub(crate) fn is_likely(self) -> bool {
        self as u8 >= Operation::BranchEqualLikely as u8
    }

    /// What the address of a load or store must be a multiple of; 1 for others.
    pub(crate) fn alignment(self) -> u32 {
        match self {
            Operation::LoadHalf | Operation::LoadHalfUnsigned | Operation::StoreHalf => 2,
            Operation::LoadWord | Operation::StoreWord => 4,
            _ => 1,
        }
    }

    /// Whether this accesses the bytes at its address and no others of their word.
    pub(crate) fn is_access(self) -> bool {
        matches!(
            self,
            Operation::LoadByte
                | Operation::LoadByteUnsigned
                | Operation::LoadHalf
                | Operation::LoadHalfUnsigned
                | Operation::LoadWord
                | Operation::StoreByte
                | Operation::StoreHalf
                | Operation::StoreWord
        )
    }

    /// Whether this is a store that always stores.
    pub(crate) fn is_store(self) -> bool {
        matches!(
            self,
            Operation::StoreByte
                | Operation::StoreHalf
                | Operation::StoreWord
                | Operation::StoreLeft
                | Operation::StoreRight
        )
    }

    /// Whether this writes hi or lo.
    pub(crate) fn writes_hi_lo(self) -> bool {
        matches!(
            self,
            Operation::Multiply
                | Operation::MultiplyUnsigned
                | Operation::Divide
                | Operation::DivideUnsigned
                | Operation::MultiplyAdd
                | Operation::MultiplyAddUnsigned
                | Operation::MultiplySubtract
                | Operation::MultiplySubtractUnsigned
                | Operation::MoveToHi
                | Operation::MoveToLo
        )
    }

    /// Whether this writes its register d: the link register of a branch or jump, else a result.
    pub(crate) fn writes_register(self) -> bool {
        let is_trap =
            (Operation::TrapGreaterEqual as u8..=Operation::TrapNotEqualImmediate as u8).contains(&(self as u8));
        !(self == Operation::Nothing || is_trap || self.is_store() || self.writes_hi_lo())
    }

    /// Whether translated code leaves this to the plain step in every state.
    pub(crate) fn is_left_to_step(self) -> bool {
        matches!(
            self,
            Operation::SystemCall
                | Operation::Break
                | Operation::Reserved
                | Operation::LoadLinked
                | Operation::StoreConditional
        )
    }
}
