/// An instruction word and its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) u32);

impl Word {
    pub(crate) fn op(self) -> u32 {
        self.0 >> 26
    }

    pub(crate) fn rs(self) -> u32 {
        self.0 >> 21 & 31
    }

    pub(crate) fn rt(self) -> u32 {
        self.0 >> 16 & 31
    }

    pub(crate) fn rd(self) -> u32 {
        self.0 >> 11 & 31
    }

    pub(crate) fn sa(self) -> u32 {
        self.0 >> 6 & 31
    }

    /// The field `fn`.
    pub(crate) fn function(self) -> u32 {
        self.0 & 63
    }

    /// The immediate, zero-extended.
    pub(crate) fn imm(self) -> u32 {
        self.0 & 0xffff
    }

    /// The immediate, sign-extended.
    pub(crate) fn simm(self) -> u32 {
        self.0 as u16 as i16 as u32
    }

    /// The jump index, times 4.
    pub(crate) fn index_bytes(self) -> u32 {
        (self.0 & 0x03ff_ffff) << 2
    }
}
