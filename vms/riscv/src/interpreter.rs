use std::sync::Arc;

use opml_machine::{Interpreted, LastImage, Live, Memory, MemoryView, is_writable};

use crate::code::Code;
use crate::multiply::{
    divide, divide_unsigned, remainder, remainder_unsigned, upper_mixed, upper_signed, upper_unsigned,
};
use crate::operation::Operation;
use crate::{State, step};

static LAST: LastImage<Code> = LastImage::new();

impl Interpreted for State {
    type Code = Code;

    fn code(image: &[u8]) -> Arc<Code> {
        LAST.code(image, Code::decode)
    }

    fn run(&mut self, memory: &mut Memory, code: &Code, steps: u64) -> u64 {
        let memory = &mut memory.view();
        let mut left = steps;
        while left > 0 && !self.exited {
            left = run_blocks(self, memory, code, left);
            if left > 0 && !self.exited {
                let Ok(()) = step(self, &mut Live(memory));
                left -= 1;
            }
        }
        steps - left
    }

    fn register(&mut self, number: u8) -> Option<&mut u32> {
        match number {
            0 => None,
            _ => self.registers.get_mut(usize::from(number)),
        }
    }

    fn next_pc(&mut self) -> &mut u32 {
        &mut self.pc
    }
}

/// Runs whole blocks of decoded code until the next block has more steps than are left, or an instruction is next that
/// ends the program or is not decoded. Gives the steps that are left. May do nothing.
fn run_blocks(state: &mut State, memory: &mut MemoryView<'_>, code: &Code, mut left: u64) -> u64 {
    // Register 32 takes what is written to register 0; there are twice as many so that a mask does for an index check.
    let mut registers = [0u32; 64];
    registers[..32].copy_from_slice(&state.registers);
    let instructions = code.instructions.as_slice();
    let mut pc = state.pc;
    'blocks: loop {
        // A misaligned pc has a place that no image reaches.
        let first = pc.rotate_right(2) as usize;
        let cost = code.costs.get(first).map_or(0, |cost| u64::from(*cost));
        if cost == 0 || left < cost {
            break;
        }
        left -= cost;
        let mut place = first;
        while let Some(i) = instructions.get(place) {
            macro_rules! left {
                () => {
                    registers[usize::from(i.a & 63)]
                };
            }
            macro_rules! right {
                () => {
                    registers[usize::from(i.b & 63)]
                };
            }
            macro_rules! write {
                ($value:expr) => {
                    registers[usize::from(i.d & 63)] = $value
                };
            }
            macro_rules! address {
                () => {
                    left!().wrapping_add(i.value)
                };
            }
            macro_rules! shift {
                () => {
                    (8 * (address!() & 3))
                };
            }
            macro_rules! unless {
                ($fault:expr) => {
                    if $fault {
                        pc = 4 * place as u32;
                        left += u64::from(code.costs[place]);
                        break 'blocks;
                    }
                };
            }
            macro_rules! load {
                ($bytes:literal) => {{
                    unless!(!address!().is_multiple_of($bytes));
                    memory.load(address!()) >> shift!()
                }};
            }
            macro_rules! store {
                ($bytes:literal, $ones:expr) => {{
                    unless!(!address!().is_multiple_of($bytes) || !is_writable(address!()));
                    memory.store(address!(), right!() << shift!(), $ones << shift!())
                }};
            }
            macro_rules! jump {
                ($target:expr) => {{
                    pc = $target;
                    continue 'blocks;
                }};
            }
            macro_rules! branch {
                ($condition:expr) => {
                    jump!(if $condition {
                        i.value
                    } else {
                        4 * place as u32 + 4
                    })
                };
            }
            match i.operation {
                Operation::Nothing => {}
                Operation::Constant => write!(i.value),
                Operation::AddImmediate => write!(left!().wrapping_add(i.value)),
                Operation::SetLessImmediate => write!(u32::from((left!() as i32) < i.value as i32)),
                Operation::SetLessUnsignedImmediate => write!(u32::from(left!() < i.value)),
                Operation::XorImmediate => write!(left!() ^ i.value),
                Operation::OrImmediate => write!(left!() | i.value),
                Operation::AndImmediate => write!(left!() & i.value),
                Operation::ShiftLeftImmediate => write!(left!() << (i.value & 31)),
                Operation::ShiftRightImmediate => write!(left!() >> (i.value & 31)),
                Operation::ShiftRightArithmeticImmediate => write!((left!() as i32 >> (i.value & 31)) as u32),
                Operation::Add => write!(left!().wrapping_add(right!())),
                Operation::Subtract => write!(left!().wrapping_sub(right!())),
                Operation::SetLess => write!(u32::from((left!() as i32) < right!() as i32)),
                Operation::SetLessUnsigned => write!(u32::from(left!() < right!())),
                Operation::Xor => write!(left!() ^ right!()),
                Operation::Or => write!(left!() | right!()),
                Operation::And => write!(left!() & right!()),
                Operation::ShiftLeft => write!(left!() << (right!() & 31)),
                Operation::ShiftRight => write!(left!() >> (right!() & 31)),
                Operation::ShiftRightArithmetic => write!((left!() as i32 >> (right!() & 31)) as u32),
                Operation::Multiply => write!(left!().wrapping_mul(right!())),
                Operation::UpperSigned => write!(upper_signed(left!(), right!())),
                Operation::UpperMixed => write!(upper_mixed(left!(), right!())),
                Operation::UpperUnsigned => write!(upper_unsigned(left!(), right!())),
                Operation::Divide => write!(divide(left!(), right!())),
                Operation::DivideUnsigned => write!(divide_unsigned(left!(), right!())),
                Operation::Remainder => write!(remainder(left!(), right!())),
                Operation::RemainderUnsigned => write!(remainder_unsigned(left!(), right!())),
                Operation::LoadByte => write!(load!(1) as i8 as u32),
                Operation::LoadByteUnsigned => write!(load!(1) & 0xff),
                Operation::LoadHalf => write!(load!(2) as i16 as u32),
                Operation::LoadHalfUnsigned => write!(load!(2) & 0xffff),
                Operation::LoadWord => write!(load!(4)),
                Operation::StoreByte => store!(1, 0xff),
                Operation::StoreHalf => store!(2, 0xffff),
                Operation::StoreWord => store!(4, u32::MAX),
                Operation::Jump => {
                    write!(4 * place as u32 + 4);
                    jump!(i.value)
                }
                Operation::JumpRegister => {
                    let target = address!() & !1;
                    write!(4 * place as u32 + 4);
                    jump!(target)
                }
                Operation::BranchEqual => branch!(left!() == right!()),
                Operation::BranchNotEqual => branch!(left!() != right!()),
                Operation::BranchLess => branch!((left!() as i32) < right!() as i32),
                Operation::BranchGreaterEqual => branch!(left!() as i32 >= right!() as i32),
                Operation::BranchLessUnsigned => branch!(left!() < right!()),
                Operation::BranchGreaterEqualUnsigned => branch!(left!() >= right!()),
                Operation::End => jump!(4 * place as u32),
            }
            place += 1;
        }
        pc = 4 * place as u32;
    }
    state.registers.copy_from_slice(&registers[..32]);
    state.pc = pc;
    left
}
