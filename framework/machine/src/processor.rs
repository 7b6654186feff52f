use opml_commit::Root;
use opml_engine::VmError;

use crate::Access;

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
}
