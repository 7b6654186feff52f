use opml_machine::{Words, is_writable};

use crate::bits::{low_bits, swap_bytes_in_halves};
use crate::code::Code;
use crate::decode::DISCARD;
use crate::memory::{load_left, load_right, store_left, store_right};
use crate::multiply::{join, signed_division, signed_product, split, unsigned_division, unsigned_product};
use crate::operation::Operation;
use crate::translation::Translations;
use crate::trap::EXIT;
use crate::{Fault, State};

/// The registers while decoded code runs. Register 32 takes what is written to register 0; there are as many as a byte
/// has values, so that no index needs a check.
struct Registers {
    r: [u32; 256],
    hi: u32,
    lo: u32,
    ll: u32,
}

impl Registers {
    fn of(state: &State) -> Self {
        let mut r = [0; 256];
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
}

/// What ended the program.
enum Stop {
    Fault(Fault),
    Exit(u8),
}

/// Runs whole blocks of decoded code until fewer than the next block's steps are left, the program ends, it goes where
/// decoded code does not reach, or, with `translations`, it comes to a hot address. Gives the steps that are left. May do
/// nothing: at once in a delay slot. Equal to as many calls of [`step`](crate::step()).
pub(crate) fn run_decoded<W: Words>(
    state: &mut State,
    memory: &mut W,
    code: &Code,
    mut left: u64,
    translations: Option<&Translations>,
) -> u64 {
    if state.next_pc != state.pc.wrapping_add(4) {
        return left;
    }
    let mut registers = Registers::of(state);
    let instructions = code.instructions.as_slice();
    // Where the program goes on after the block, when not to the instruction behind it.
    let mut goal: Option<u32> = None;
    let mut pc = state.pc;
    'blocks: while let Some(mut place) = code.place(pc) {
        let cost = code.costs.get(place).map_or(0, |cost| u64::from(*cost));
        if left < cost || cost == 0 || translations.is_some_and(|own| own.warm(pc)) {
            break;
        }
        left -= cost;
        let stop = 'block: loop {
            let Some(i) = instructions.get(place) else {
                break 'blocks;
            };
            place += 1;
            macro_rules! left {
                () => {
                    registers.r[usize::from(i.a)]
                };
            }
            macro_rules! right {
                () => {
                    registers.r[usize::from(i.b)]
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
            macro_rules! write {
                ($value:expr) => {
                    registers.r[usize::from(i.d)] = $value
                };
            }
            macro_rules! stop {
                ($stop:expr) => {
                    break 'block $stop
                };
            }
            macro_rules! fault_if {
                ($condition:expr, $fault:ident) => {
                    if $condition {
                        stop!(Stop::Fault(Fault::$fault))
                    }
                };
            }
            macro_rules! aligned {
                ($bytes:literal) => {
                    fault_if!(address!() & ($bytes - 1) != 0, Misaligned)
                };
            }
            macro_rules! store {
                ($value:expr, $mask:expr) => {{
                    fault_if!(!is_writable(address!()), Forbidden);
                    memory.store(address!(), $value, $mask)
                }};
            }
            macro_rules! branch {
                ($condition:expr) => {{
                    goal = if $condition { Some(i.value) } else { None };
                    link!()
                }};
            }
            macro_rules! likely {
                ($condition:expr) => {{
                    let taken = $condition;
                    link!();
                    if !taken {
                        pc = code.addresses[place + 1];
                        left += 1;
                        continue 'blocks;
                    }
                    goal = Some(i.value)
                }};
            }
            macro_rules! member {
                (LoadByte $i:expr) => {{
                    let address = registers.r[usize::from($i.a)].wrapping_add($i.value);
                    registers.r[usize::from($i.d)] = (memory.load(address) >> (8 * (address & 3))) as i8 as u32;
                }};
                (Multiply $i:expr) => {
                    registers.r[usize::from($i.d)] =
                        registers.r[usize::from($i.a)].wrapping_mul(registers.r[usize::from($i.b)])
                };
                (Add $i:expr) => {
                    registers.r[usize::from($i.d)] =
                        registers.r[usize::from($i.a)].wrapping_add(registers.r[usize::from($i.b)])
                };
            }
            macro_rules! sequence {
                ($first:ident, $($member:ident $name:ident),+; $more:literal) => {{
                    let Some([$($name),+]) = instructions.get(place..).and_then(|rest| rest.first_chunk()) else {
                        break 'blocks;
                    };
                    member!($first i);
                    $(member!($member $name);)+
                    place += $more;
                }};
            }
            macro_rules! link {
                () => {
                    if i.d != DISCARD {
                        write!(code.addresses[place + 1])
                    }
                };
            }
            match i.operation {
                Operation::Nothing => {}
                Operation::AddImmediate => match (left!() as i32).checked_add(i.value as i32) {
                    Some(sum) => write!(sum as u32),
                    None => stop!(Stop::Fault(Fault::Overflow)),
                },
                Operation::AddImmediateUnsigned => write!(address!()),
                Operation::SetLessImmediate => write!(u32::from((left!() as i32) < i.value as i32)),
                Operation::SetLessImmediateUnsigned => write!(u32::from(left!() < i.value)),
                Operation::AndImmediate => write!(left!() & i.value),
                Operation::OrImmediate => write!(left!() | i.value),
                Operation::XorImmediate => write!(left!() ^ i.value),
                Operation::Constant => write!(i.value),
                Operation::MoveIfZero => {
                    if right!() == 0 {
                        write!(left!())
                    }
                }
                Operation::MoveIfNotZero => {
                    if right!() != 0 {
                        write!(left!())
                    }
                }
                Operation::Add => match (left!() as i32).checked_add(right!() as i32) {
                    Some(sum) => write!(sum as u32),
                    None => stop!(Stop::Fault(Fault::Overflow)),
                },
                Operation::AddUnsigned => write!(left!().wrapping_add(right!())),
                Operation::Subtract => match (left!() as i32).checked_sub(right!() as i32) {
                    Some(difference) => write!(difference as u32),
                    None => stop!(Stop::Fault(Fault::Overflow)),
                },
                Operation::SubtractUnsigned => write!(left!().wrapping_sub(right!())),
                Operation::And => write!(left!() & right!()),
                Operation::Or => write!(left!() | right!()),
                Operation::Xor => write!(left!() ^ right!()),
                Operation::Nor => write!(!(left!() | right!())),
                Operation::SetLess => write!(u32::from((left!() as i32) < right!() as i32)),
                Operation::SetLessUnsigned => write!(u32::from(left!() < right!())),
                Operation::ShiftLeft => write!(right!() << (i.value & 31)),
                Operation::ShiftRight => write!(right!() >> (i.value & 31)),
                Operation::ShiftRightArithmetic => write!((right!() as i32 >> (i.value & 31)) as u32),
                Operation::RotateRight => write!(right!().rotate_right(i.value & 31)),
                Operation::ShiftLeftVariable => write!(right!() << (left!() & 31)),
                Operation::ShiftRightVariable => write!(right!() >> (left!() & 31)),
                Operation::ShiftRightArithmeticVariable => write!((right!() as i32 >> (left!() & 31)) as u32),
                Operation::RotateRightVariable => write!(right!().rotate_right(left!() & 31)),
                Operation::MoveFromHi => write!(registers.hi),
                Operation::MoveToHi => registers.hi = left!(),
                Operation::MoveFromLo => write!(registers.lo),
                Operation::MoveToLo => registers.lo = left!(),
                Operation::Multiply => (registers.hi, registers.lo) = split(signed_product(left!(), right!())),
                Operation::MultiplyUnsigned => {
                    (registers.hi, registers.lo) = split(unsigned_product(left!(), right!()))
                }
                Operation::Divide => match signed_division(left!(), right!()) {
                    Some(halves) => (registers.hi, registers.lo) = halves,
                    None => stop!(Stop::Fault(Fault::Division)),
                },
                Operation::DivideUnsigned => match unsigned_division(left!(), right!()) {
                    Some(halves) => (registers.hi, registers.lo) = halves,
                    None => stop!(Stop::Fault(Fault::Division)),
                },
                Operation::MultiplyAdd => {
                    let sum = join(registers.hi, registers.lo).wrapping_add(signed_product(left!(), right!()));
                    (registers.hi, registers.lo) = split(sum);
                }
                Operation::MultiplyAddUnsigned => {
                    let sum = join(registers.hi, registers.lo).wrapping_add(unsigned_product(left!(), right!()));
                    (registers.hi, registers.lo) = split(sum);
                }
                Operation::MultiplyToRegister => write!(left!().wrapping_mul(right!())),
                Operation::MultiplySubtract => {
                    let sum = join(registers.hi, registers.lo).wrapping_sub(signed_product(left!(), right!()));
                    (registers.hi, registers.lo) = split(sum);
                }
                Operation::MultiplySubtractUnsigned => {
                    let sum = join(registers.hi, registers.lo).wrapping_sub(unsigned_product(left!(), right!()));
                    (registers.hi, registers.lo) = split(sum);
                }
                Operation::CountLeadingZeros => write!(left!().leading_zeros()),
                Operation::CountLeadingOnes => write!(left!().leading_ones()),
                Operation::Extract => write!(left!() >> (i.b & 31) & i.value),
                Operation::Insert => {
                    let (lowest, top) = (i.value & 31, i.value >> 8);
                    let mask = low_bits(top.wrapping_sub(lowest));
                    write!(right!() & !(mask << lowest) | (left!() & mask) << lowest)
                }
                Operation::SwapBytesInHalves => write!(swap_bytes_in_halves(right!())),
                Operation::SignExtendByte => write!(right!() as i8 as u32),
                Operation::SignExtendHalf => write!(right!() as i16 as u32),
                Operation::LoadByte => write!((memory.load(address!()) >> shift!()) as i8 as u32),
                Operation::LoadByteUnsigned => write!(memory.load(address!()) >> shift!() & 0xff),
                Operation::LoadHalf => {
                    aligned!(2);
                    write!((memory.load(address!()) >> shift!()) as i16 as u32)
                }
                Operation::LoadHalfUnsigned => {
                    aligned!(2);
                    write!(memory.load(address!()) >> shift!() & 0xffff)
                }
                Operation::LoadLeft => write!(load_left(memory.load(address!()), address!(), right!())),
                Operation::LoadWord => {
                    aligned!(4);
                    write!(memory.load(address!()))
                }
                Operation::LoadRight => write!(load_right(memory.load(address!()), address!(), right!())),
                Operation::LoadLinked => {
                    aligned!(4);
                    registers.ll = address!() | 1;
                    write!(memory.load(address!()))
                }
                Operation::StoreByte => store!(right!() << shift!(), 0xff << shift!()),
                Operation::StoreHalf => {
                    aligned!(2);
                    store!(right!() << shift!(), 0xffff << shift!())
                }
                Operation::StoreLeft => {
                    let (value, mask) = store_left(address!(), right!());
                    store!(value, mask)
                }
                Operation::StoreWord => {
                    aligned!(4);
                    store!(right!(), u32::MAX)
                }
                Operation::StoreRight => {
                    let (value, mask) = store_right(address!(), right!());
                    store!(value, mask)
                }
                Operation::StoreConditional => {
                    aligned!(4);
                    let linked = registers.ll == address!() | 1;
                    store!(right!(), if linked { u32::MAX } else { 0 });
                    write!(u32::from(linked));
                    registers.ll = 0;
                }
                Operation::TrapGreaterEqual => fault_if!(left!() as i32 >= right!() as i32, Trap),
                Operation::TrapGreaterEqualUnsigned => fault_if!(left!() >= right!(), Trap),
                Operation::TrapLess => fault_if!((left!() as i32) < right!() as i32, Trap),
                Operation::TrapLessUnsigned => fault_if!(left!() < right!(), Trap),
                Operation::TrapEqual => fault_if!(left!() == right!(), Trap),
                Operation::TrapNotEqual => fault_if!(left!() != right!(), Trap),
                Operation::TrapGreaterEqualImmediate => fault_if!(left!() as i32 >= i.value as i32, Trap),
                Operation::TrapGreaterEqualUnsignedImmediate => fault_if!(left!() >= i.value, Trap),
                Operation::TrapLessImmediate => fault_if!((left!() as i32) < i.value as i32, Trap),
                Operation::TrapLessUnsignedImmediate => fault_if!(left!() < i.value, Trap),
                Operation::TrapEqualImmediate => fault_if!(left!() == i.value, Trap),
                Operation::TrapNotEqualImmediate => fault_if!(left!() != i.value, Trap),
                Operation::SystemCall => stop!(match registers.r[2] {
                    EXIT => Stop::Exit(registers.r[4] as u8),
                    _ => Stop::Fault(Fault::Syscall),
                }),
                Operation::Break => stop!(Stop::Fault(Fault::Break)),
                Operation::Reserved => stop!(Stop::Fault(Fault::Reserved)),
                Operation::EndOfSlot => {
                    pc = goal.take().unwrap_or(i.value);
                    continue 'blocks;
                }
                Operation::Leave => {
                    pc = code.addresses.get(place - 1).copied().unwrap_or(pc);
                    break 'blocks;
                }
                Operation::FourLoadBytes => sequence!(LoadByte, LoadByte j, LoadByte k, LoadByte l; 3),
                Operation::FourMultiplications => sequence!(Multiply, Multiply j, Multiply k, Multiply l; 3),
                Operation::FourAdditions => sequence!(Add, Add j, Add k, Add l; 3),
                Operation::LoadByteMultiplyAdd => sequence!(LoadByte, Multiply j, Add k; 2),
                Operation::TwoMultiplicationsAdd => sequence!(Multiply, Multiply j, Add k; 2),
                Operation::LoadByteAdd => sequence!(LoadByte, Add j; 1),
                Operation::MultiplyThenAdd => sequence!(Multiply, Add j; 1),
                Operation::TwoLoadBytes => sequence!(LoadByte, LoadByte j; 1),
                Operation::TwoAdditions => sequence!(Add, Add j; 1),
                Operation::Jump => branch!(true),
                Operation::JumpRegister => {
                    goal = Some(left!());
                    link!()
                }
                Operation::BranchEqual => branch!(left!() == right!()),
                Operation::BranchNotEqual => branch!(left!() != right!()),
                Operation::BranchLessEqualZero => branch!(left!() as i32 <= 0),
                Operation::BranchGreaterZero => branch!(left!() as i32 > 0),
                Operation::BranchLessZero => branch!((left!() as i32) < 0),
                Operation::BranchGreaterEqualZero => branch!(left!() as i32 >= 0),
                Operation::BranchEqualLikely => likely!(left!() == right!()),
                Operation::BranchNotEqualLikely => likely!(left!() != right!()),
                Operation::BranchLessEqualZeroLikely => likely!(left!() as i32 <= 0),
                Operation::BranchGreaterZeroLikely => likely!(left!() as i32 > 0),
                Operation::BranchLessZeroLikely => likely!((left!() as i32) < 0),
                Operation::BranchGreaterEqualZeroLikely => likely!(left!() as i32 >= 0),
            }
        };
        // The instruction before `place` ended the program; the block's steps after it were not done.
        let place = place - 1;
        let next = code.instructions.get(place + 1).map(|next| next.operation);
        state.pc = code.addresses[place];
        state.next_pc = match (next, goal) {
            (Some(Operation::EndOfSlot), Some(goal)) => goal,
            _ => state.pc.wrapping_add(4),
        };
        registers.write_to(state);
        match stop {
            Stop::Fault(fault) => state.fault(fault),
            Stop::Exit(code) => state.exit(code),
        }
        return left + u64::from(code.costs[place]) - 1;
    }
    registers.write_to(state);
    state.pc = pc;
    state.next_pc = pc.wrapping_add(4);
    left
}
