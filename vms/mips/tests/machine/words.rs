//! MIPS words by the fields of the two common formats.

/// op, rs, rt, immediate.
pub(crate) const fn i(op: u32, rs: u32, rt: u32, immediate: i32) -> u32 {
    op << 26 | rs << 21 | rt << 16 | immediate as u32 & 0xffff
}

/// rs, rt, rd, sa and function of op 0.
pub(crate) const fn r(rs: u32, rt: u32, rd: u32, sa: u32, function: u32) -> u32 {
    rs << 21 | rt << 16 | rd << 11 | sa << 6 | function
}

/// `j` or `jal` to an address.
pub(crate) const fn jump(op: u32, address: u32) -> u32 {
    op << 26 | address >> 2 & 0x03ff_ffff
}

pub(crate) const NOP: u32 = 0;
pub(crate) const SYSCALL: u32 = 0x0000_000c;
pub(crate) const LUI: u32 = 0x0f;
pub(crate) const ORI: u32 = 0x0d;
pub(crate) const ADDIU: u32 = 0x09;
pub(crate) const BEQ: u32 = 0x04;
pub(crate) const BNE: u32 = 0x05;
pub(crate) const LW: u32 = 0x23;
pub(crate) const SW: u32 = 0x2b;
pub(crate) const LL: u32 = 0x30;
pub(crate) const SC: u32 = 0x38;
