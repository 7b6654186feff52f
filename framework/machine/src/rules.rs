//! What `opml_engine::VmRules` asks, answered by a processor.

use opml_commit::{Root, keccak256};
use opml_engine::{Inspection, VmError};

use crate::Processor;

/// The root of a `P`'s entry state over a memory.
pub fn entry_root<P: Processor>(memory_root: &Root) -> Root {
    keccak256(&P::entry().pack(memory_root))
}

/// What the packed state of a `P` says of its end.
pub fn inspect<P: Processor>(state: &[u8]) -> Result<Inspection, VmError> {
    let (processor, memory_root) = P::unpack(state)?;
    Ok(Inspection {
        exited: processor.exited(),
        exit_code: processor.exit_code(),
        memory_root,
    })
}
