use std::collections::{HashMap, HashSet, VecDeque};

use super::paths::Paths;

use crate::decode::{DISCARD, Instruction, decode};
use crate::operation::Operation;
use crate::word::Word;

/// Calls that a region follows into the callee, one inside the other.
const MOST_CALLS: usize = 3;
/// The most instructions of a block.
const LONGEST_BLOCK: usize = 128;
/// Instructions after which a region takes no more blocks, delay slots included.
const ENOUGH_INSTRUCTIONS: usize = 8000;
/// The most instructions of a region.
pub(super) const MOST_INSTRUCTIONS: usize = ENOUGH_INSTRUCTIONS + LONGEST_BLOCK + 2;

/// Where the calls that a region has followed return to, the innermost last.
///
/// It only says which block comes after a return when the return address is the expected one, which the code checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Returns {
    addresses: [u32; MOST_CALLS],
    depth: u8,
}

impl Returns {
    /// After a call that returns to `address`; `None` when the region follows no more calls.
    fn push(mut self, address: u32) -> Option<Self> {
        *self.addresses.get_mut(usize::from(self.depth))? = address;
        self.depth += 1;
        Some(self)
    }

    /// The address that the innermost call returns to, and what is left after it.
    fn pop(mut self) -> Option<(u32, Self)> {
        self.depth = self.depth.checked_sub(1)?;
        let address = core::mem::take(&mut self.addresses[usize::from(self.depth)]);
        Some((address, self))
    }
}

/// A place in a region: an address, reached through these calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) pc: u32,
    pub(super) returns: Returns,
}

/// How a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It goes on at the next address.
    Fall,
    /// The instruction at the next address is left to the plain step.
    Leave,
    /// A branch or jump, and the instruction in its delay slot.
    Transfer(Instruction, Instruction),
}

/// Instructions that follow one another.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) place: Place,
    pub(super) instructions: Vec<Instruction>,
    pub(super) end: End,
}

impl Block {
    /// The address behind the last of `instructions`.
    pub(super) fn end_pc(&self) -> u32 {
        self.place.pc.wrapping_add(4 * self.instructions.len() as u32)
    }

    /// Steps from the block's beginning to its end, a likely branch counted as taken.
    pub(super) fn cost(&self) -> i64 {
        let transfer = if matches!(self.end, End::Transfer(..)) { 2 } else { 0 };
        self.instructions.len() as i64 + transfer
    }

    /// The place that follows a taken transfer, when the region knows it.
    pub(super) fn taken(&self) -> Option<Place> {
        let End::Transfer(transfer, _) = self.end else {
            return None;
        };
        let returns = self.place.returns;
        match transfer.operation {
            Operation::Jump if transfer.d == 31 => Some(Place {
                pc: transfer.value,
                returns: returns.push(self.end_pc().wrapping_add(8))?,
            }),
            Operation::JumpRegister if (transfer.a, transfer.d) == (31, DISCARD) => {
                let (pc, returns) = returns.pop()?;
                Some(Place { pc, returns })
            }
            Operation::JumpRegister => None,
            _ => Some(Place {
                pc: transfer.value,
                returns,
            }),
        }
    }

    /// The place that follows when nothing is taken, when there is one.
    pub(super) fn not_taken(&self) -> Option<Place> {
        let pc = match self.end {
            End::Fall => self.end_pc(),
            End::Transfer(transfer, _) if transfer.operation.is_conditional() => self.end_pc().wrapping_add(8),
            _ => return None,
        };
        Some(Place { pc, ..self.place })
    }
}

/// The blocks that can be reached from one address by branches, jumps and calls whose targets the image states, nearest first.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) blocks: Vec<Block>,
    /// By block: whether loops begin there, and the steps until one does.
    pub(super) paths: Paths,
}

impl Region {
    /// The region of `image` from `head` on; `None` when the instruction there is one for the plain step.
    pub(super) fn discover(image: &[u8], head: u32) -> Option<Region> {
        let first = Place {
            pc: head,
            returns: Returns::default(),
        };
        let mut seen = HashSet::from([first]);
        let mut waiting = VecDeque::from([first]);
        let mut blocks: Vec<Block> = Vec::new();
        let mut instructions = 0;
        while let Some(place) = waiting.pop_front() {
            if instructions >= ENOUGH_INSTRUCTIONS {
                break;
            }
            let block = block(image, place);
            if block.cost() == 0 {
                continue;
            }
            instructions += block.cost() as usize;
            for next in [block.not_taken(), block.taken()].into_iter().flatten() {
                if seen.insert(next) {
                    waiting.push_back(next);
                }
            }
            blocks.push(block);
        }
        cut(&mut blocks);
        let paths = Paths::of(&blocks);
        (!blocks.is_empty()).then_some(Region { blocks, paths })
    }

    /// Instructions in all blocks: no run through the region does more steps without passing the beginning of a loop.
    pub(super) fn instructions(&self) -> usize {
        self.blocks.iter().map(|block| block.cost() as usize).sum()
    }
    /// Bit n: a block writes register n; 32: one writes hi or lo.
    pub(super) fn written(&self) -> u64 {
        let own = |instruction: &Instruction| match instruction.operation {
            operation if operation.writes_hi_lo() => 1 << 32,
            operation if operation.writes_register() && instruction.d != DISCARD => 1 << instruction.d,
            _ => 0,
        };
        self.blocks.iter().fold(0, |written, block| {
            let end = match &block.end {
                End::Transfer(transfer, slot) => own(transfer) | own(slot),
                _ => 0,
            };
            block
                .instructions
                .iter()
                .map(own)
                .fold(written | end, |all, one| all | one)
        })
    }
}

/// Ends every block where another one begins.
fn cut(blocks: &mut [Block]) {
    let mut beginnings: HashMap<Returns, Vec<u32>> = HashMap::new();
    for block in blocks.iter() {
        beginnings.entry(block.place.returns).or_default().push(block.place.pc);
    }
    beginnings.values_mut().for_each(|own| own.sort_unstable());
    for block in blocks {
        let own = &beginnings[&block.place.returns];
        let next = own.partition_point(|pc| *pc <= block.place.pc);
        match own.get(next) {
            Some(pc) if *pc < block.end_pc() => {
                block.instructions.truncate((pc - block.place.pc) as usize / 4);
                block.end = End::Fall;
            }
            Some(pc) if *pc == block.end_pc() && block.end != End::Leave => {
                block.end = End::Fall;
            }
            _ => {}
        }
    }
}

/// The instruction at `pc`, when all of it lies in the image.
fn instruction(image: &[u8], pc: u32) -> Option<Instruction> {
    let bytes = image.get(pc as usize..)?.first_chunk::<4>()?;
    Some(decode(pc, Word(u32::from_le_bytes(*bytes))))
}

/// The block that begins at `place`.
fn block(image: &[u8], place: Place) -> Block {
    let mut block = Block {
        place,
        instructions: Vec::new(),
        end: End::Leave,
    };
    if place.pc & 3 != 0 {
        return block;
    }
    while block.instructions.len() < LONGEST_BLOCK {
        let pc = block.end_pc();
        let Some(next) = instruction(image, pc) else {
            return block;
        };
        if next.operation.is_left_to_step() {
            return block;
        }
        if next.operation.is_transfer() {
            match pc.checked_add(4).and_then(|pc| instruction(image, pc)) {
                Some(slot) if !slot.operation.is_transfer() => block.end = End::Transfer(next, slot),
                _ => {}
            }
            return block;
        }
        block.instructions.push(next);
    }
    block.end = End::Fall;
    block
}
