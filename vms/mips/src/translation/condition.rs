use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, Value};

use super::lowering::Lowering;
use crate::decode::Instruction;
use crate::operation::Operation;

/// A condition: that a value is not zero, or, negated, that it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) value: Value,
    pub(super) negated: bool,
}

impl Lowering<'_> {
    /// 1 when the comparison holds, else 0; branches on it will use the comparison itself.
    pub(super) fn bit(&mut self, comparison: IntCC, left: Value, right: Value) -> Value {
        let value = self.builder.ins().icmp(comparison, left, right);
        self.bit_of(Condition { value, negated: false })
    }

    /// The opposite of `bit`, 0 or 1, as 1 or 0.
    pub(super) fn opposite_bit(&mut self, bit: Value) -> Value {
        let opposite = self.builder.ins().bxor_imm_u(bit, 1);
        if let Some(Condition { value, negated }) = self.bits.get(&bit).copied() {
            let negated = !negated;
            self.bits.insert(opposite, Condition { value, negated });
        }
        opposite
    }

    fn bit_of(&mut self, condition: Condition) -> Value {
        let bit = self.builder.ins().uextend(ir::types::I32, condition.value);
        self.bits.insert(bit, condition);
        bit
    }

    /// That `value` is not zero.
    pub(super) fn is_set(&self, value: Value) -> Condition {
        let plain = Condition { value, negated: false };
        self.bits.get(&value).copied().unwrap_or(plain)
    }

    /// The condition of a branch; `None` for a jump.
    pub(super) fn condition(&mut self, i: &Instruction) -> Option<Condition> {
        let (comparison, with_zero) = match i.operation {
            Operation::BranchEqual | Operation::BranchEqualLikely => (IntCC::Equal, false),
            Operation::BranchNotEqual | Operation::BranchNotEqualLikely => (IntCC::NotEqual, false),
            Operation::BranchLessEqualZero | Operation::BranchLessEqualZeroLikely => {
                (IntCC::SignedLessThanOrEqual, true)
            }
            Operation::BranchGreaterZero | Operation::BranchGreaterZeroLikely => (IntCC::SignedGreaterThan, true),
            Operation::BranchLessZero | Operation::BranchLessZeroLikely => (IntCC::SignedLessThan, true),
            Operation::BranchGreaterEqualZero | Operation::BranchGreaterEqualZeroLikely => {
                (IntCC::SignedGreaterThanOrEqual, true)
            }
            _ => return None,
        };
        let left = self.get(i.a);
        let is_with_zero = with_zero || self.facts.constant(i.b) == Some(0);
        if is_with_zero && matches!(comparison, IntCC::Equal | IntCC::NotEqual) {
            let Condition { value, negated } = self.is_set(left);
            let negated = negated != (comparison == IntCC::Equal);
            return Some(Condition { value, negated });
        }
        let right = match is_with_zero {
            true => self.constant(0),
            false => self.get(i.b),
        };
        let value = self.builder.ins().icmp(comparison, left, right);
        Some(Condition { value, negated: false })
    }

    /// Ends the block: on to `taken` when the condition holds, else to `not_taken`.
    pub(super) fn branch(&mut self, condition: Condition, taken: ir::Block, not_taken: ir::Block) {
        let (when_set, else_) = match condition.negated {
            false => (taken, not_taken),
            true => (not_taken, taken),
        };
        self.builder.ins().brif(condition.value, when_set, &[], else_, &[]);
    }

    /// `holds` when the condition holds, else `fails`.
    pub(super) fn choice(&mut self, condition: Condition, holds: Value, fails: Value) -> Value {
        let (when_set, else_) = match condition.negated {
            false => (holds, fails),
            true => (fails, holds),
        };
        self.builder.ins().select(condition.value, when_set, else_)
    }
}
