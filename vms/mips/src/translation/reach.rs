use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value};

use super::lowering::{Lowering, Resume};
use crate::decode::Instruction;

/// Accesses through one register that make it worth finding the host's address of what it points to.
const WORTH: usize = 4;

impl Lowering<'_> {
    /// When the first of `instructions` is one of many accesses through a register: finds the host's address of what that
    /// points to, once for all of them. The plain step has the case where one of their offsets passes address 0.
    pub(super) fn reach(&mut self, instructions: &[Instruction], resume: Resume) {
        let Some(base) = instructions.first().filter(|i| i.operation.is_access()).map(|i| i.a) else {
            return;
        };
        if self.hosts[usize::from(base)].is_some() || self.facts.constant(base).is_some() {
            return;
        }
        let end = instructions
            .iter()
            .position(|i| i.operation.writes_register() && i.d == base)
            .map_or(instructions.len(), |last| last + 1);
        let through = instructions[..end]
            .iter()
            .filter(|i| i.operation.is_access() && i.a == base);
        let offsets: Vec<i64> = through.map(|i| i64::from(i.value as i32)).collect();
        if offsets.len() < WORTH {
            return;
        }
        let before = offsets.iter().fold(0, |most, offset| most.max(-offset));
        let behind = offsets.iter().fold(0, |most, offset| most.max(*offset));
        let register = self.get(base);
        let place = self.builder.ins().iadd_imm_s(register, -before);
        let places = (1 << 32) - before - behind;
        let passes = self
            .builder
            .ins()
            .icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, place, places);
        self.step_aside_if(passes, resume);
        let host = self.host_address(register);
        self.hosts[usize::from(base)] = Some(host);
    }

    /// Where an access goes: an address of the host, and an offset from it.
    pub(super) fn destination(&mut self, i: &Instruction, address: Value) -> (Value, i32) {
        match self.hosts[usize::from(i.a & 31)] {
            Some(host) => (host, i.value as i32),
            None => (self.host_address(address), 0),
        }
    }
}
