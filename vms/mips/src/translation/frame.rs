use crate::State;

/// What translated code works on. Its layout is part of the translation: code is made for these offsets.
///
/// ```text
/// 0    registers, 32 words     128  hi     132  lo     136  pc     140  next_pc
/// 144  steps left              152  base of the flat memory
/// ```
#[repr(C)]
pub(super) struct Frame {
    pub(super) registers: [u32; 32],
    pub(super) hi: u32,
    pub(super) lo: u32,
    pub(super) pc: u32,
    pub(super) next_pc: u32,
    /// Steps that may still be done.
    pub(super) left: i64,
    /// Where address 0 of the machine lies.
    pub(super) base: *mut u8,
}

impl Frame {
    pub(super) const HI: i32 = 128;
    pub(super) const LO: i32 = 132;
    pub(super) const PC: i32 = 136;
    pub(super) const NEXT_PC: i32 = 140;
    pub(super) const LEFT: i32 = 144;
    pub(super) const BASE: i32 = 152;

    /// No steps left, everything of the state zero, and no memory.
    pub(super) fn new() -> Self {
        Frame {
            registers: [0; 32],
            hi: 0,
            lo: 0,
            pc: 0,
            next_pc: 0,
            left: 0,
            base: core::ptr::null_mut(),
        }
    }

    /// Takes over a state.
    pub(super) fn read(&mut self, state: &State) {
        self.registers = state.registers;
        (self.hi, self.lo) = (state.hi, state.lo);
        (self.pc, self.next_pc) = (state.pc, state.next_pc);
    }

    /// Gives the state back.
    pub(super) fn write(&self, state: &mut State) {
        state.registers = self.registers;
        (state.hi, state.lo) = (self.hi, self.lo);
        (state.pc, state.next_pc) = (self.pc, self.next_pc);
    }
}

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Frame, registers) == 0);
    assert!(offset_of!(Frame, hi) == Frame::HI as usize);
    assert!(offset_of!(Frame, lo) == Frame::LO as usize);
    assert!(offset_of!(Frame, pc) == Frame::PC as usize);
    assert!(offset_of!(Frame, next_pc) == Frame::NEXT_PC as usize);
    assert!(offset_of!(Frame, left) == Frame::LEFT as usize);
    assert!(offset_of!(Frame, base) == Frame::BASE as usize);
};
