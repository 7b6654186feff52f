use abi_stable::std_types::{RBox, ROption, RResult, RSlice, RString, RVec};
use abi_stable::{StableAbi, sabi_trait};

use crate::{Buffer, Error, MachineObject, Root};

/// Bytes to mount in a machine's memory before it starts; nothing is copied.
#[repr(C)]
#[derive(Debug, StableAbi)]
pub struct Region {
    /// The first byte's address.
    pub address: u32,
    /// The bytes; a region does not cross a slot's end.
    pub bytes: Buffer,
    /// The slot's root, when known: the region begins the slot, is alone in it, and need not be hashed.
    pub slot_root: ROption<Root>,
}

/// What a packed state says of its end.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, StableAbi)]
pub struct Inspection {
    /// Whether the machine has halted.
    pub exited: bool,
    /// Its exit code.
    pub exit_code: u8,
    /// The root of its memory.
    pub memory_root: Root,
}

/// The state roots around a step.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, StableAbi)]
pub struct Replayed {
    /// Before it.
    pub before: Root,
    /// After it.
    pub after: Root,
}

/// A kind of machine.
#[sabi_trait]
pub trait Vm: Send + Sync {
    /// Its name in specs: `"mips"`, …
    fn name(&self) -> RResult<RString, Error>;

    /// The root of the entry state over a memory.
    fn entry_root(&self, memory_root: &Root) -> RResult<Root, Error>;

    /// Reads a packed state.
    fn inspect(&self, state: RSlice<'_, u8>) -> RResult<Inspection, Error>;

    /// Replays one step from its witness.
    fn replay(&self, witness: RSlice<'_, u8>) -> RResult<Replayed, Error>;

    /// A machine in its entry state over `regions`; everything else in memory is zero.
    #[sabi(last_prefix_field)]
    fn boot(&self, regions: RVec<Region>) -> RResult<MachineObject, Error>;
}

/// A kind of machine, owned.
pub type VmObject = Vm_TO<'static, RBox<()>>;
