use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{InstBuilder, Value};

use super::lowering::{Lowering, Resume};
use crate::decode::Instruction;
use crate::operation::Operation;

impl Lowering<'_> {
    /// An instruction that touches neither memory nor the program counter. Says whether it is one.
    pub(super) fn arithmetic(&mut self, i: &Instruction, resume: Resume) -> bool {
        match i.operation {
            Operation::Nothing => {}
            Operation::Multiply
            | Operation::MultiplyUnsigned
            | Operation::MultiplyAdd
            | Operation::MultiplyAddUnsigned
            | Operation::MultiplySubtract
            | Operation::MultiplySubtractUnsigned => self.wide_product(i),
            Operation::Divide | Operation::DivideUnsigned => self.division(i, resume),
            Operation::MoveToHi => {
                let (_, lo) = self.get_hi_lo();
                let hi = self.get(i.a);
                self.set_hi_lo(hi, lo);
            }
            Operation::MoveToLo => {
                let (hi, _) = self.get_hi_lo();
                let lo = self.get(i.a);
                self.set_hi_lo(hi, lo);
            }
            _ => match self.trap_condition(i) {
                Some(condition) => self.step_aside_if(condition, resume),
                None => match self.result(i, resume) {
                    Some(value) => self.set(i.d, value),
                    None => return false,
                },
            },
        }
        true
    }

    /// What is written to `i.d`.
    fn result(&mut self, i: &Instruction, resume: Resume) -> Option<Value> {
        if let Some(value) = self.facts.result_constant(i) {
            return Some(self.constant(value));
        }
        let (left, right) = (self.get(i.a), self.get(i.b & 31));
        let immediate = self.constant(i.value);
        macro_rules! ins {
            ($name:ident, $($argument:expr),+) => {
                self.builder.ins().$name($($argument),+)
            };
        }
        let amount = i64::from(i.value & 31);
        let value = match i.operation {
            Operation::AddImmediate => self.checked(left, immediate, false, resume),
            Operation::Add => self.checked(left, right, false, resume),
            Operation::Subtract => self.checked(left, right, true, resume),
            Operation::AddImmediateUnsigned => ins!(iadd, left, immediate),
            Operation::AddUnsigned | Operation::Or if i.b == 0 => left,
            Operation::AddUnsigned | Operation::Or if i.a == 0 => right,
            Operation::AddUnsigned => ins!(iadd, left, right),
            Operation::SubtractUnsigned => ins!(isub, left, right),
            Operation::SetLessImmediate => self.bit(IntCC::SignedLessThan, left, immediate),
            Operation::SetLessImmediateUnsigned => self.bit(IntCC::UnsignedLessThan, left, immediate),
            Operation::SetLess => self.bit(IntCC::SignedLessThan, left, right),
            Operation::SetLessUnsigned => self.bit(IntCC::UnsignedLessThan, left, right),
            Operation::AndImmediate => ins!(band, left, immediate),
            Operation::OrImmediate => ins!(bor, left, immediate),
            Operation::XorImmediate if i.value == 1 => self.opposite_bit(left),
            Operation::XorImmediate => ins!(bxor, left, immediate),
            Operation::And => ins!(band, left, right),
            Operation::Or => ins!(bor, left, right),
            Operation::Xor => ins!(bxor, left, right),
            Operation::Nor => {
                let or = ins!(bor, left, right);
                ins!(bnot, or)
            }
            Operation::Constant => immediate,
            Operation::MoveIfZero => {
                let old = self.get(i.d & 31);
                let condition = self.is_set(right);
                self.choice(condition, old, left)
            }
            Operation::MoveIfNotZero => {
                let old = self.get(i.d & 31);
                let condition = self.is_set(right);
                self.choice(condition, left, old)
            }
            Operation::ShiftLeft | Operation::ShiftRight | Operation::ShiftRightArithmetic | Operation::RotateRight
                if amount == 0 =>
            {
                right
            }
            Operation::ShiftLeft => ins!(ishl_imm_u, right, amount),
            Operation::ShiftRight => ins!(ushr_imm_u, right, amount),
            Operation::ShiftRightArithmetic => ins!(sshr_imm_u, right, amount),
            Operation::RotateRight => ins!(rotr_imm_u, right, amount),
            Operation::ShiftLeftVariable => ins!(ishl, right, left),
            Operation::ShiftRightVariable => ins!(ushr, right, left),
            Operation::ShiftRightArithmeticVariable => ins!(sshr, right, left),
            Operation::RotateRightVariable => ins!(rotr, right, left),
            Operation::MoveFromHi => self.get_hi_lo().0,
            Operation::MoveFromLo => self.get_hi_lo().1,
            Operation::MultiplyToRegister => ins!(imul, left, right),
            Operation::CountLeadingZeros => ins!(clz, left),
            Operation::CountLeadingOnes => {
                let not = ins!(bnot, left);
                ins!(clz, not)
            }
            Operation::Extract => {
                let shifted = match i.b & 31 {
                    0 => left,
                    lowest => ins!(ushr_imm_u, left, i64::from(lowest)),
                };
                ins!(band, shifted, immediate)
            }
            Operation::Insert => {
                let (lowest, top) = (i.value & 31, i.value >> 8);
                let mask = crate::bits::low_bits(top.wrapping_sub(lowest));
                let field = ins!(band_imm_u, left, i64::from(mask));
                let field = ins!(ishl_imm_u, field, i64::from(lowest));
                let rest = ins!(band_imm_u, right, i64::from(!(mask << lowest)));
                ins!(bor, rest, field)
            }
            Operation::SwapBytesInHalves => {
                let swapped = ins!(bswap, right);
                ins!(rotr_imm_u, swapped, 16)
            }
            Operation::SignExtendByte => {
                let byte = ins!(ireduce, I8, right);
                ins!(sextend, I32, byte)
            }
            Operation::SignExtendHalf => {
                let half = ins!(ireduce, I16, right);
                ins!(sextend, I32, half)
            }
            _ => return None,
        };
        Some(value)
    }

    /// The sum or difference; the plain step has the case of signed overflow.
    fn checked(&mut self, left: Value, right: Value, subtract: bool, resume: Resume) -> Value {
        let [left, right] = [left, right].map(|value| self.builder.ins().sextend(I64, value));
        let exact = match subtract {
            false => self.builder.ins().iadd(left, right),
            true => self.builder.ins().isub(left, right),
        };
        let value = self.builder.ins().ireduce(I32, exact);
        let again = self.builder.ins().sextend(I64, value);
        let overflows = self.builder.ins().icmp(IntCC::NotEqual, exact, again);
        self.step_aside_if(overflows, resume);
        value
    }

    /// `mult`, `madd`, `msub` and their unsigned forms.
    fn wide_product(&mut self, i: &Instruction) {
        let factors = [self.get(i.a), self.get(i.b)];
        let is_signed = matches!(
            i.operation,
            Operation::Multiply | Operation::MultiplyAdd | Operation::MultiplySubtract
        );
        let [left, right] = factors.map(|factor| match is_signed {
            true => self.builder.ins().sextend(I64, factor),
            false => self.builder.ins().uextend(I64, factor),
        });
        let product = self.builder.ins().imul(left, right);
        let result = match i.operation {
            Operation::Multiply | Operation::MultiplyUnsigned => product,
            Operation::MultiplyAdd | Operation::MultiplyAddUnsigned => {
                let sum = self.accumulator();
                self.builder.ins().iadd(sum, product)
            }
            _ => {
                let sum = self.accumulator();
                self.builder.ins().isub(sum, product)
            }
        };
        let lo = self.builder.ins().ireduce(I32, result);
        let hi = self.builder.ins().ushr_imm_u(result, 32);
        let hi = self.builder.ins().ireduce(I32, hi);
        self.set_hi_lo(hi, lo);
    }

    /// hi:lo as one number.
    fn accumulator(&mut self) -> Value {
        let (hi, lo) = self.get_hi_lo();
        let [hi, lo] = [hi, lo].map(|half| self.builder.ins().uextend(I64, half));
        let hi = self.builder.ins().ishl_imm_u(hi, 32);
        self.builder.ins().bor(hi, lo)
    }

    /// `div` and `divu`; in 64 bits, where −2^31 / −1 is a number like others.
    fn division(&mut self, i: &Instruction, resume: Resume) {
        let (left, right) = (self.get(i.a), self.get(i.b));
        let by_zero = self.builder.ins().icmp_imm_s(IntCC::Equal, right, 0);
        self.step_aside_if(by_zero, resume);
        let (hi, lo) = match i.operation {
            Operation::Divide => {
                let [left, right] = [left, right].map(|value| self.builder.ins().sextend(I64, value));
                let quotient = self.builder.ins().sdiv(left, right);
                let remainder = self.builder.ins().srem(left, right);
                let hi = self.builder.ins().ireduce(I32, remainder);
                (hi, self.builder.ins().ireduce(I32, quotient))
            }
            _ => (
                self.builder.ins().urem(left, right),
                self.builder.ins().udiv(left, right),
            ),
        };
        self.set_hi_lo(hi, lo);
    }

    /// The condition of a trap instruction.
    fn trap_condition(&mut self, i: &Instruction) -> Option<Value> {
        let (comparison, immediate) = match i.operation {
            Operation::TrapGreaterEqual => (IntCC::SignedGreaterThanOrEqual, false),
            Operation::TrapGreaterEqualUnsigned => (IntCC::UnsignedGreaterThanOrEqual, false),
            Operation::TrapLess => (IntCC::SignedLessThan, false),
            Operation::TrapLessUnsigned => (IntCC::UnsignedLessThan, false),
            Operation::TrapEqual => (IntCC::Equal, false),
            Operation::TrapNotEqual => (IntCC::NotEqual, false),
            Operation::TrapGreaterEqualImmediate => (IntCC::SignedGreaterThanOrEqual, true),
            Operation::TrapGreaterEqualUnsignedImmediate => (IntCC::UnsignedGreaterThanOrEqual, true),
            Operation::TrapLessImmediate => (IntCC::SignedLessThan, true),
            Operation::TrapLessUnsignedImmediate => (IntCC::UnsignedLessThan, true),
            Operation::TrapEqualImmediate => (IntCC::Equal, true),
            Operation::TrapNotEqualImmediate => (IntCC::NotEqual, true),
            _ => return None,
        };
        let left = self.get(i.a);
        let right = match immediate {
            true => self.constant(i.value),
            false => self.get(i.b),
        };
        Some(self.builder.ins().icmp(comparison, left, right))
    }
}
