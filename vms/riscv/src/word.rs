/// An instruction word and its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) u32);

impl Word {
    pub(crate) fn opcode(self) -> u32 {
        self.0 & 127
    }

    pub(crate) fn rd(self) -> u32 {
        self.0 >> 7 & 31
    }

    pub(crate) fn funct3(self) -> u32 {
        self.0 >> 12 & 7
    }

    pub(crate) fn rs1(self) -> u32 {
        self.0 >> 15 & 31
    }

    pub(crate) fn rs2(self) -> u32 {
        self.0 >> 20 & 31
    }

    pub(crate) fn funct7(self) -> u32 {
        self.0 >> 25
    }

    /// The immediate of computations, loads and `jalr`.
    pub(crate) fn iimm(self) -> u32 {
        (self.0 as i32 >> 20) as u32
    }

    /// The immediate of stores.
    pub(crate) fn simm(self) -> u32 {
        self.iimm() & !31 | self.rd()
    }

    /// The immediate of branches.
    pub(crate) fn bimm(self) -> u32 {
        self.simm() & !0x801 | (self.simm() & 1) << 11
    }

    /// The immediate of `jal`.
    pub(crate) fn jimm(self) -> u32 {
        self.iimm() & !0xf_f801 | (self.iimm() & 1) << 11 | self.0 & 0xf_f000
    }

    /// The immediate of `lui` and `auipc`.
    pub(crate) fn uimm(self) -> u32 {
        self.0 & !0xfff
    }
}
