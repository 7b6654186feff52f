use std::sync::Arc;

use opml_commit::Root;
use opml_engine::VmError;

use crate::{Access, Memory};

/// A machine but for its memory: what its packed state holds beside the memory root, and what one step does.
pub trait Processor: Clone + Send + 'static {
    /// Bytes of a packed state.
    const STATE_BYTES: usize;

    /// The entry state.
    fn entry() -> Self;

    /// Packs the state over a memory with this root, [`Processor::STATE_BYTES`] bytes; their Keccak-256 is the state root.
    fn pack(&self, memory_root: &Root) -> Vec<u8>;

    /// Reads a packed state and its memory root. Refused with [`VmError::Witness`]: another length, and bytes that no
    /// state packs to.
    fn unpack(packed: &[u8]) -> Result<(Self, Root), VmError>;

    /// One step: the only definition of what the machine does. Total: every state and memory has one result. It fetches at
    /// most once and first, and what it loads and stores lies in one chunk.
    fn step<A: Access>(&mut self, memory: &mut A) -> Result<(), A::Error>;

    /// Whether the machine has halted.
    fn exited(&self) -> bool;

    /// The program's exit code, or the number of its fault.
    fn exit_code(&self) -> u8;
}

/// A processor that can be run long: by something faster than its step, and equal to it.
pub trait Interpreted: Processor {
    /// What is made of an image once, before the first step.
    type Code: Send + Sync;

    /// Makes it of the bytes that begin slot 0, which no program can write.
    fn code(image: &[u8]) -> Arc<Self::Code>;

    /// Does `steps` steps, fewer only when the machine halts; gives the number done. Equal to as many calls of
    /// [`Processor::step`]: a halted machine does none.
    fn run(&mut self, memory: &mut Memory, code: &Self::Code, steps: u64) -> u64;

    /// The register `number`, 1 to 31; `None` for others. Only a liar writes it outside a step.
    fn register(&mut self, number: u8) -> Option<&mut u32>;

    /// The field that holds where the program goes next. Only a liar writes it outside a step.
    fn next_pc(&mut self) -> &mut u32;
}
