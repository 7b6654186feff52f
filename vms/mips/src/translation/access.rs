use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I16, I32};
use cranelift_codegen::ir::{InstBuilder, Value};

use super::facts::Facts;
use super::lowering::{Lowering, Resume};
use crate::decode::Instruction;
use crate::operation::Operation;

impl Lowering<'_> {
    /// A load or store. Says whether it is one that translated code does itself.
    pub(super) fn access(&mut self, i: &Instruction, resume: Resume) -> bool {
        match i.operation {
            Operation::LoadByte
            | Operation::LoadByteUnsigned
            | Operation::LoadHalf
            | Operation::LoadHalfUnsigned
            | Operation::LoadWord
            | Operation::LoadLeft
            | Operation::LoadRight => {
                let value = self.loaded(i, resume);
                self.set(i.d, value);
            }
            Operation::StoreByte
            | Operation::StoreHalf
            | Operation::StoreWord
            | Operation::StoreLeft
            | Operation::StoreRight => self.store(i, resume),
            _ => return false,
        }
        true
    }

    fn address(&mut self, i: &Instruction) -> Value {
        let base = self.get(i.a);
        self.builder.ins().iadd_imm_s(base, i64::from(i.value as i32))
    }

    /// The plain step has the case of an address that is misaligned.
    fn check_alignment(&mut self, i: &Instruction, address: Value, resume: Resume) {
        let bytes = i.operation.alignment();
        if !self.facts.is_aligned(i, bytes) {
            let rest = self.builder.ins().band_imm_u(address, i64::from(bytes - 1));
            self.step_aside_if(rest, resume);
        }
    }

    /// The plain step has the case of an address outside slots 2 and 3; and those near their ends, so that this holds for
    /// all accesses through the same register.
    fn check_room(&mut self, i: &Instruction, resume: Resume) {
        if self.facts.is_writable(i) {
            return;
        }
        let base = self.get(i.a);
        let first = 0x2000_0000 + Facts::ROOM;
        let place = self.builder.ins().iadd_imm_s(base, -i64::from(first));
        let places = i64::from(0x2000_0000 - 2 * Facts::ROOM);
        let is_outside = self
            .builder
            .ins()
            .icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, place, places);
        self.step_aside_if(is_outside, resume);
    }

    fn loaded(&mut self, i: &Instruction, resume: Resume) -> Value {
        let address = self.address(i);
        let flags = self.memory_flags();
        match i.operation {
            Operation::LoadByte => {
                let (host, offset) = self.destination(i, address);
                self.builder.ins().sload8(I32, flags, host, offset)
            }
            Operation::LoadByteUnsigned => {
                let (host, offset) = self.destination(i, address);
                self.builder.ins().uload8(I32, flags, host, offset)
            }
            Operation::LoadHalf => {
                self.check_alignment(i, address, resume);
                let (host, offset) = self.destination(i, address);
                self.builder.ins().sload16(I32, flags, host, offset)
            }
            Operation::LoadHalfUnsigned => {
                self.check_alignment(i, address, resume);
                let (host, offset) = self.destination(i, address);
                self.builder.ins().uload16(I32, flags, host, offset)
            }
            Operation::LoadWord => {
                self.check_alignment(i, address, resume);
                let (host, offset) = self.destination(i, address);
                self.builder.ins().load(I32, flags, host, offset)
            }
            _ => self.loaded_part(i, address),
        }
    }

    /// The word that holds `address`, and 8 · (address mod 4).
    fn whole_word(&mut self, address: Value) -> (Value, Value, Value) {
        let flags = self.memory_flags();
        let aligned = self.builder.ins().band_imm_s(address, -4);
        let host = self.host_address(aligned);
        let word = self.builder.ins().load(I32, flags, host, 0);
        let byte = self.builder.ins().band_imm_u(address, 3);
        let shift = self.builder.ins().ishl_imm_u(byte, 3);
        (host, word, shift)
    }

    /// 24 − 8 · (address mod 4).
    fn opposite(&mut self, shift: Value) -> Value {
        self.builder.ins().bxor_imm_u(shift, 24)
    }

    /// `lwl` and `lwr`.
    fn loaded_part(&mut self, i: &Instruction, address: Value) -> Value {
        let old = self.get(i.b);
        let (_, word, shift) = self.whole_word(address);
        let ones = self.builder.ins().iconst(I32, 0xffff_ffff);
        let (value, mask) = match i.operation {
            Operation::LoadLeft => {
                let shift = self.opposite(shift);
                (
                    self.builder.ins().ishl(word, shift),
                    self.builder.ins().ishl(ones, shift),
                )
            }
            _ => (
                self.builder.ins().ushr(word, shift),
                self.builder.ins().ushr(ones, shift),
            ),
        };
        let kept = self.builder.ins().band_not(old, mask);
        self.builder.ins().bor(value, kept)
    }

    fn store(&mut self, i: &Instruction, resume: Resume) {
        let address = self.address(i);
        self.check_alignment(i, address, resume);
        self.check_room(i, resume);
        let value = self.get(i.b);
        let flags = self.memory_flags();
        match i.operation {
            Operation::StoreByte => {
                let (host, offset) = self.destination(i, address);
                self.builder.ins().istore8(flags, value, host, offset);
            }
            Operation::StoreHalf => {
                let (host, offset) = self.destination(i, address);
                let half = self.builder.ins().ireduce(I16, value);
                self.builder.ins().store(flags, half, host, offset);
            }
            Operation::StoreWord => {
                let (host, offset) = self.destination(i, address);
                self.builder.ins().store(flags, value, host, offset);
            }
            _ => self.store_part(i, address, value),
        }
        self.mark_written(address);
    }

    /// `swl` and `swr`.
    fn store_part(&mut self, i: &Instruction, address: Value, value: Value) {
        let flags = self.memory_flags();
        let (host, word, shift) = self.whole_word(address);
        let ones = self.builder.ins().iconst(I32, 0xffff_ffff);
        let (value, mask) = match i.operation {
            Operation::StoreLeft => {
                let shift = self.opposite(shift);
                (
                    self.builder.ins().ushr(value, shift),
                    self.builder.ins().ushr(ones, shift),
                )
            }
            _ => (
                self.builder.ins().ishl(value, shift),
                self.builder.ins().ishl(ones, shift),
            ),
        };
        let kept = self.builder.ins().band_not(word, mask);
        let word = self.builder.ins().bor(kept, value);
        self.builder.ins().store(flags, word, host, 0);
    }
}
