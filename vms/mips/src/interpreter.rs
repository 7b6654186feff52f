use opml_machine::{MemoryView, is_writable};

use crate::bits::swap_bytes_in_halves;
use crate::decode::{Code, Instruction};
use crate::memory::{load_left, load_right, store_left, store_right};
use crate::multiply::{join, signed_division, signed_product, split, unsigned_division, unsigned_product};
use crate::operation::Operation;
use crate::trap::EXIT;
use crate::{Fault, Live, State, step};

/// Does up to `steps` steps, fewer when the machine halts; gives the number done. Equal to as many calls of [`step`].
pub(crate) fn run(state: &mut State, memory: &mut MemoryView<'_>, code: &Code, steps: u64) -> u64 {
    let mut left = steps;
    while left > 0 && !state.exited {
        left = run_decoded(state, memory, code, left);
        if left > 0 && !state.exited {
            let Ok(()) = step(state, &mut Live(memory));
            left -= 1;
        }
    }
    steps - left
}

/// The registers while decoded code runs. Register 32 takes what is written to register 0; the count of 64 lets an
/// index be masked instead of checked.
struct Registers {
    r: [u32; 64],
    hi: u32,
    lo: u32,
    ll: u32,
}

impl Registers {
    fn of(state: &State) -> Self {
        let mut r = [0; 64];
        r[..32].copy_from_slice(&state.registers);
        Registers {
            r,
            hi: state.hi,
            lo: state.lo,
            ll: state.ll,
        }
    }

    fn write_to(&self, state: &mut State) {
        state.registers.copy_from_slice(&self.r[..32]);
        (state.hi, state.lo, state.ll) = (self.hi, self.lo, self.ll);
    }

    #[inline(always)]
    fn get(&self, register: u8) -> u32 {
        self.r[usize::from(register & 63)]
    }

    #[inline(always)]
    fn set(&mut self, register: u8, value: u32) {
        self.r[usize::from(register & 63)] = value;
    }
}

/// What ended a run of instructions before its last.
enum Stop {
    Fault(Fault),
    Exit(u8),
}

/// Runs decoded code from a state outside delay slots until `left` steps are done, the program ends, or something comes
/// up that decoded code does not cover: a pc outside it, a branch as the last step, a transfer in a delay slot. Gives the
/// steps that are left. May do nothing.
fn run_decoded(state: &mut State, memory: &mut MemoryView<'_>, code: &Code, mut left: u64) -> u64 {
    if state.next_pc != state.pc.wrapping_add(4) || state.pc & 3 != 0 {
        return left;
    }
    let mut registers = Registers::of(state);
    let mut pc = state.pc;
    loop {
        let at = pc.rotate_right(2) as usize;
        let Some(&run) = code.runs.get(at) else { break };
        if run > 0 {
            let done = u64::from(run).min(left);
            let block = &code.instructions[at..at + done as usize];
            if let Err((place, stop)) = run_block(&mut registers, memory, block) {
                let pc = pc.wrapping_add(4 * place as u32);
                return end(state, &registers, pc, pc.wrapping_add(4), stop, left - place as u64 - 1);
            }
            left -= done;
            pc = pc.wrapping_add(4 * done as u32);
            if left == 0 {
                break;
            }
            continue;
        }
        let slot_is_plain = code.runs.get(at + 1).is_some_and(|run| *run > 0);
        if left < 2 || !slot_is_plain {
            break;
        }
        let slot = pc.wrapping_add(4);
        left -= 1;
        match transfer(&mut registers, &code.instructions[at], pc) {
            Transfer::NotTaken => pc = slot,
            Transfer::Nullified => pc = slot.wrapping_add(4),
            Transfer::Taken(target) => {
                left -= 1;
                if let Err((_, stop)) = run_block(&mut registers, memory, &code.instructions[at + 1..at + 2]) {
                    return end(state, &registers, slot, target, stop, left);
                }
                pc = target;
                if left == 0 {
                    break;
                }
            }
        }
    }
    registers.write_to(state);
    state.pc = pc;
    state.next_pc = pc.wrapping_add(4);
    left
}

#[cold]
fn end(state: &mut State, registers: &Registers, pc: u32, next_pc: u32, stop: Stop, left: u64) -> u64 {
    registers.write_to(state);
    (state.pc, state.next_pc) = (pc, next_pc);
    match stop {
        Stop::Fault(fault) => state.fault(fault),
        Stop::Exit(code) => state.exit(code),
    }
    left
}

enum Transfer {
    Taken(u32),
    NotTaken,
    Nullified,
}

/// Decides a branch or jump and writes its link.
#[inline(always)]
fn transfer(registers: &mut Registers, instruction: &Instruction, pc: u32) -> Transfer {
    let (left, right) = (registers.get(instruction.a), registers.get(instruction.b));
    registers.set(instruction.d, pc.wrapping_add(8));
    let (condition, likely) = match instruction.operation {
        Operation::Jump => (true, false),
        Operation::JumpRegister => return Transfer::Taken(left),
        Operation::BranchEqual => (left == right, false),
        Operation::BranchNotEqual => (left != right, false),
        Operation::BranchLessEqualZero => (left as i32 <= 0, false),
        Operation::BranchGreaterZero => (left as i32 > 0, false),
        Operation::BranchLessZero => ((left as i32) < 0, false),
        Operation::BranchGreaterEqualZero => (left as i32 >= 0, false),
        Operation::BranchEqualLikely => (left == right, true),
        Operation::BranchNotEqualLikely => (left != right, true),
        Operation::BranchLessEqualZeroLikely => (left as i32 <= 0, true),
        Operation::BranchGreaterZeroLikely => (left as i32 > 0, true),
        Operation::BranchLessZeroLikely => ((left as i32) < 0, true),
        _ => (left as i32 >= 0, true),
    };
    match (condition, likely) {
        (true, _) => Transfer::Taken(instruction.value),
        (false, false) => Transfer::NotTaken,
        (false, true) => Transfer::Nullified,
    }
}

/// Executes instructions none of which is a branch or jump. An error names the place of the one that ended the program.
#[inline(never)]
fn run_block(
    registers: &mut Registers,
    memory: &mut MemoryView<'_>,
    block: &[Instruction],
) -> Result<(), (usize, Stop)> {
    for (place, i) in block.iter().enumerate() {
        let fault = |fault| Err((place, Stop::Fault(fault)));
        macro_rules! write {
            ($value:expr) => {{
                let value = $value;
                registers.set(i.d, value)
            }};
        }
        macro_rules! fault_if {
            ($condition:expr, $fault:ident) => {
                if $condition {
                    return fault(Fault::$fault);
                }
            };
        }
        let left = registers.get(i.a);
        let right = registers.get(i.b);
        let address = left.wrapping_add(i.value);
        macro_rules! aligned {
            ($bytes:literal) => {
                fault_if!(address & ($bytes - 1) != 0, Misaligned)
            };
        }
        macro_rules! store {
            ($value:expr, $mask:expr) => {{
                fault_if!(!is_writable(address), Forbidden);
                memory.store(address, $value, $mask);
            }};
        }
        let shift = 8 * (address & 3);
        match i.operation {
            Operation::Nothing => {}
            Operation::AddImmediate => match (left as i32).checked_add(i.value as i32) {
                Some(sum) => write!(sum as u32),
                None => return fault(Fault::Overflow),
            },
            Operation::AddImmediateUnsigned => write!(address),
            Operation::SetLessImmediate => write!(u32::from((left as i32) < i.value as i32)),
            Operation::SetLessImmediateUnsigned => write!(u32::from(left < i.value)),
            Operation::AndImmediate => write!(left & i.value),
            Operation::OrImmediate => write!(left | i.value),
            Operation::XorImmediate => write!(left ^ i.value),
            Operation::Constant => write!(i.value),
            Operation::MoveIfZero => {
                if right == 0 {
                    write!(left)
                }
            }
            Operation::MoveIfNotZero => {
                if right != 0 {
                    write!(left)
                }
            }
            Operation::Add => match (left as i32).checked_add(right as i32) {
                Some(sum) => write!(sum as u32),
                None => return fault(Fault::Overflow),
            },
            Operation::AddUnsigned => write!(left.wrapping_add(right)),
            Operation::Subtract => match (left as i32).checked_sub(right as i32) {
                Some(difference) => write!(difference as u32),
                None => return fault(Fault::Overflow),
            },
            Operation::SubtractUnsigned => write!(left.wrapping_sub(right)),
            Operation::And => write!(left & right),
            Operation::Or => write!(left | right),
            Operation::Xor => write!(left ^ right),
            Operation::Nor => write!(!(left | right)),
            Operation::SetLess => write!(u32::from((left as i32) < right as i32)),
            Operation::SetLessUnsigned => write!(u32::from(left < right)),
            Operation::ShiftLeft => write!(right << (i.value & 31)),
            Operation::ShiftRight => write!(right >> (i.value & 31)),
            Operation::ShiftRightArithmetic => write!((right as i32 >> (i.value & 31)) as u32),
            Operation::RotateRight => write!(right.rotate_right(i.value & 31)),
            Operation::ShiftLeftVariable => write!(right << (left & 31)),
            Operation::ShiftRightVariable => write!(right >> (left & 31)),
            Operation::ShiftRightArithmeticVariable => write!((right as i32 >> (left & 31)) as u32),
            Operation::RotateRightVariable => write!(right.rotate_right(left & 31)),
            Operation::MoveFromHi => write!(registers.hi),
            Operation::MoveToHi => registers.hi = left,
            Operation::MoveFromLo => write!(registers.lo),
            Operation::MoveToLo => registers.lo = left,
            Operation::Multiply => (registers.hi, registers.lo) = split(signed_product(left, right)),
            Operation::MultiplyUnsigned => (registers.hi, registers.lo) = split(unsigned_product(left, right)),
            Operation::Divide => match signed_division(left, right) {
                Some(halves) => (registers.hi, registers.lo) = halves,
                None => return fault(Fault::Division),
            },
            Operation::DivideUnsigned => match unsigned_division(left, right) {
                Some(halves) => (registers.hi, registers.lo) = halves,
                None => return fault(Fault::Division),
            },
            Operation::MultiplyAdd => {
                let sum = join(registers.hi, registers.lo).wrapping_add(signed_product(left, right));
                (registers.hi, registers.lo) = split(sum);
            }
            Operation::MultiplyAddUnsigned => {
                let sum = join(registers.hi, registers.lo).wrapping_add(unsigned_product(left, right));
                (registers.hi, registers.lo) = split(sum);
            }
            Operation::MultiplyToRegister => write!(left.wrapping_mul(right)),
            Operation::MultiplySubtract => {
                let sum = join(registers.hi, registers.lo).wrapping_sub(signed_product(left, right));
                (registers.hi, registers.lo) = split(sum);
            }
            Operation::MultiplySubtractUnsigned => {
                let sum = join(registers.hi, registers.lo).wrapping_sub(unsigned_product(left, right));
                (registers.hi, registers.lo) = split(sum);
            }
            Operation::CountLeadingZeros => write!(left.leading_zeros()),
            Operation::CountLeadingOnes => write!(left.leading_ones()),
            Operation::Extract => write!(left >> (i.b & 31) & i.value),
            Operation::Insert => {
                let (lowest, top) = (i.value & 31, i.value >> 8);
                let mask = crate::bits::low_bits(top.wrapping_sub(lowest));
                write!(right & !(mask << lowest) | (left & mask) << lowest)
            }
            Operation::SwapBytesInHalves => write!(swap_bytes_in_halves(right)),
            Operation::SignExtendByte => write!(right as i8 as u32),
            Operation::SignExtendHalf => write!(right as i16 as u32),
            Operation::LoadByte => write!((memory.load(address) >> shift) as i8 as u32),
            Operation::LoadByteUnsigned => write!(memory.load(address) >> shift & 0xff),
            Operation::LoadHalf => {
                aligned!(2);
                write!((memory.load(address) >> shift) as i16 as u32)
            }
            Operation::LoadHalfUnsigned => {
                aligned!(2);
                write!(memory.load(address) >> shift & 0xffff)
            }
            Operation::LoadLeft => write!(load_left(memory.load(address), address, right)),
            Operation::LoadWord => {
                aligned!(4);
                write!(memory.load(address))
            }
            Operation::LoadRight => write!(load_right(memory.load(address), address, right)),
            Operation::LoadLinked => {
                aligned!(4);
                write!(memory.load(address));
                registers.ll = address | 1;
            }
            Operation::StoreByte => store!(right << shift, 0xff << shift),
            Operation::StoreHalf => {
                aligned!(2);
                store!(right << shift, 0xffff << shift)
            }
            Operation::StoreLeft => {
                let (value, mask) = store_left(address, right);
                store!(value, mask)
            }
            Operation::StoreWord => {
                aligned!(4);
                store!(right, u32::MAX)
            }
            Operation::StoreRight => {
                let (value, mask) = store_right(address, right);
                store!(value, mask)
            }
            Operation::StoreConditional => {
                aligned!(4);
                let linked = registers.ll == address | 1;
                store!(right, if linked { u32::MAX } else { 0 });
                write!(u32::from(linked));
                registers.ll = 0;
            }
            Operation::TrapGreaterEqual => fault_if!(left as i32 >= right as i32, Trap),
            Operation::TrapGreaterEqualUnsigned => fault_if!(left >= right, Trap),
            Operation::TrapLess => fault_if!((left as i32) < right as i32, Trap),
            Operation::TrapLessUnsigned => fault_if!(left < right, Trap),
            Operation::TrapEqual => fault_if!(left == right, Trap),
            Operation::TrapNotEqual => fault_if!(left != right, Trap),
            Operation::TrapGreaterEqualImmediate => fault_if!(left as i32 >= i.value as i32, Trap),
            Operation::TrapGreaterEqualUnsignedImmediate => fault_if!(left >= i.value, Trap),
            Operation::TrapLessImmediate => fault_if!((left as i32) < i.value as i32, Trap),
            Operation::TrapLessUnsignedImmediate => fault_if!(left < i.value, Trap),
            Operation::TrapEqualImmediate => fault_if!(left == i.value, Trap),
            Operation::TrapNotEqualImmediate => fault_if!(left != i.value, Trap),
            Operation::SystemCall => {
                let stop = match registers.get(2) {
                    EXIT => Stop::Exit(registers.get(4) as u8),
                    _ => Stop::Fault(Fault::Syscall),
                };
                return Err((place, stop));
            }
            Operation::Break => return fault(Fault::Break),
            // The block holds no transfers; what is left over is the reserved words.
            _ => return fault(Fault::Reserved),
        }
    }
    Ok(())
}
