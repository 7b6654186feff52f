use bytes::Bytes;
use opml_commit::Root;
use thiserror::Error;

use crate::FaultPart;

/// Why a machine could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VmError {
    /// A region does not fit the memory map.
    #[error("the region at {address:#010x} of {length} bytes does not fit the memory map")]
    Region {
        /// Where it begins.
        address: u32,
        /// Its bytes.
        length: usize,
    },
    /// Machines only run forward.
    #[error("the machine is at step {at} and cannot go back to {asked}")]
    Backward {
        /// Where it is.
        at: u64,
        /// Where it was asked to be.
        asked: u64,
    },
    /// The witness is malformed or proves nothing.
    #[error("the step witness is invalid: {reason}")]
    Witness {
        /// Why.
        reason: String,
    },
    /// The guest ended other than with exit code 0, or not within the limit.
    #[error("the guest {reason}")]
    Guest {
        /// How it ended.
        reason: String,
    },
    /// The machine behind a plugin failed.
    #[error("{reason}")]
    Backend {
        /// Its own words.
        reason: String,
    },
}

/// Bytes to mount in a machine's memory before it starts.
#[derive(Clone, Debug)]
pub struct Region {
    /// The first byte's address.
    pub address: u32,
    /// The bytes; a region does not cross a slot's end.
    pub bytes: Bytes,
    /// The slot's root, when known: the region begins the slot, is alone in it, and need not be hashed.
    pub slot_root: Option<Root>,
}

/// What a packed state says of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Whether the machine has halted.
    pub exited: bool,
    /// Its exit code; 0 is the only accepted one.
    pub exit_code: u8,
    /// The root of its memory.
    pub memory_root: Root,
}

/// A machine as its contract sees it: pure functions of bytes. The twin of `IVm.sol`.
pub trait VmRules: Send + Sync {
    /// The root of the entry state over a memory.
    fn entry_root(&self, memory_root: &Root) -> Root;

    /// Reads a packed state; its root is the Keccak-256 of the bytes.
    fn inspect(&self, state: &[u8]) -> Result<Inspection, VmError>;

    /// Replays one step from its witness: the state roots before and after.
    fn replay(&self, witness: &[u8]) -> Result<(Root, Root), VmError>;
}

/// A kind of machine that can be booted.
pub trait VmBackend: VmRules {
    /// Its name in specs: `"mips"`, …
    fn name(&self) -> &str;

    /// A machine in its entry state over `regions`; everything else in memory is zero.
    fn boot(&self, regions: &[Region]) -> Result<Box<dyn Machine>, VmError>;
}

/// A machine at some step of a run.
pub trait Machine: Send {
    /// Steps done; a halted machine's steps count on.
    fn step(&self) -> u64;

    /// The step at which it was first seen halted: the least s whose state has exited set.
    fn halted_at(&self) -> Option<u64>;

    /// Runs forward to exactly `step`.
    fn run_to(&mut self, step: u64) -> Result<(), VmError>;

    /// Runs until halted or at `limit` steps, whichever is first.
    fn run_until_halt(&mut self, limit: u64) -> Result<(), VmError>;

    /// The packed state.
    fn state(&mut self) -> Vec<u8>;

    /// The state root: Keccak-256 of the packed state.
    fn root(&mut self) -> Root {
        opml_commit::keccak256(&self.state())
    }

    /// The roots at `steps`, ascending, none before the present one; ends at the last.
    fn roots_at(&mut self, steps: &[u64]) -> Result<Vec<Root>, VmError> {
        steps
            .iter()
            .map(|step| self.run_to(*step).map(|()| self.root()))
            .collect()
    }

    /// An independent copy at the same step.
    fn fork(&self) -> Box<dyn Machine>;

    /// Bytes that dropping this machine would free, because no fork shares them; 0 when it cannot tell.
    fn own_bytes(&self) -> u64 {
        0
    }

    /// The witness of the next step; the machine does not move.
    fn prove_step(&mut self) -> Result<Vec<u8>, VmError>;

    /// The siblings of memory-tree node `(height, index)` up to the memory root, bottom-up.
    fn prove_memory(&mut self, height: u8, index: u64) -> Vec<Root>;

    /// The root of memory-tree node `(height, index)`.
    fn memory_node(&mut self, height: u8, index: u64) -> Root;

    /// Memory bytes; absent ones are zero.
    fn read(&self, address: u32, length: usize) -> Vec<u8>;

    /// Overwrites memory of slots 2 and 3, outside any step: only a liar does this.
    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), VmError>;

    /// Flips one bit of a part of the state, outside any step: of a byte the highest, of a register the lowest, of the next
    /// program counter the one that is worth an instruction. Only a liar does this.
    fn corrupt(&mut self, part: &FaultPart) -> Result<(), VmError>;
}
