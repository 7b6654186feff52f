use abi_stable::std_types::{RBox, ROption, RResult, RSlice, RSliceMut, RVec};
use abi_stable::{StableAbi, sabi_trait};

use crate::{Error, Root};

/// Parts of a machine's state that a liar changes.
pub mod fault {
    /// A byte of slot 3; the value is its offset.
    pub const OUTPUT: u32 = 1;
    /// A byte of slot 2; the value is its offset.
    pub const SCRATCH: u32 = 2;
    /// A register; the value is its number.
    pub const REGISTER: u32 = 3;
    /// The next program counter; the value is 0.
    pub const PROGRAM_COUNTER: u32 = 4;
}

/// A part of a machine's state.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, StableAbi)]
pub struct FaultPart {
    /// One of [`fault`].
    pub kind: u32,
    /// Which byte or register.
    pub value: u64,
}

/// A machine at some step of a run.
#[sabi_trait]
pub trait Machine: Send {
    /// Steps done.
    fn step(&self) -> RResult<u64, Error>;

    /// The step at which it was first seen halted.
    fn halted_at(&self) -> RResult<ROption<u64>, Error>;

    /// Runs forward to exactly `step`.
    fn run_to(&mut self, step: u64) -> RResult<(), Error>;

    /// Runs until halted or at `limit` steps, whichever is first.
    fn run_until_halt(&mut self, limit: u64) -> RResult<(), Error>;

    /// The packed state.
    fn state(&mut self) -> RResult<RVec<u8>, Error>;

    /// The state roots at `steps`, ascending, none before the present one; ends at the last.
    fn roots_at(&mut self, steps: RSlice<'_, u64>) -> RResult<RVec<Root>, Error>;

    /// An independent copy at the same step.
    fn fork(&self) -> RResult<Machine_TO<'static, RBox<()>>, Error>;

    /// The witness of the next step; the machine does not move.
    fn prove_step(&mut self) -> RResult<RVec<u8>, Error>;

    /// The siblings of memory-tree node `(height, index)` up to the memory root, bottom-up.
    fn prove_memory(&mut self, height: u8, index: u64) -> RResult<RVec<Root>, Error>;

    /// The root of memory-tree node `(height, index)`.
    fn memory_node(&mut self, height: u8, index: u64) -> RResult<Root, Error>;

    /// Fills `bytes` from memory; absent bytes are zero.
    fn read(&self, address: u32, bytes: RSliceMut<'_, u8>) -> RResult<(), Error>;

    /// Overwrites memory of slots 2 and 3, outside any step.
    fn write(&mut self, address: u32, bytes: RSlice<'_, u8>) -> RResult<(), Error>;

    /// Flips one bit of a part of the state, outside any step: of a byte the highest, of a register the lowest, of the next
    /// program counter the one that is worth an instruction.
    #[sabi(last_prefix_field)]
    fn corrupt(&mut self, part: FaultPart) -> RResult<(), Error>;

    /// Bytes that dropping this machine would free, because no fork shares them; 0 when it cannot tell.
    fn own_bytes(&self) -> RResult<u64, Error> {
        RResult::ROk(0)
    }
}

/// A machine, owned.
pub type MachineObject = Machine_TO<'static, RBox<()>>;
