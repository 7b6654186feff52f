use opml_commit::{Root, keccak256};
use opml_engine::{Inspection, Machine, Region, VmBackend, VmError, VmRules};
use opml_machine::{Memory, Processor, replay};

use crate::{MipsMachine, State};

/// The MIPS machine: rules and backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mips;

impl VmRules for Mips {
    fn entry_root(&self, memory_root: &Root) -> Root {
        keccak256(&State::entry().pack(memory_root))
    }

    fn inspect(&self, state: &[u8]) -> Result<Inspection, VmError> {
        let (state, memory_root) = <State as Processor>::unpack(state)?;
        Ok(Inspection {
            exited: state.exited,
            exit_code: state.exit_code,
            memory_root,
        })
    }

    fn replay(&self, witness: &[u8]) -> Result<(Root, Root), VmError> {
        replay::<State>(witness)
    }
}

impl VmBackend for Mips {
    fn name(&self) -> &str {
        "mips"
    }

    fn boot(&self, regions: &[Region]) -> Result<Box<dyn Machine>, VmError> {
        Ok(Box::new(MipsMachine::new(Memory::new(regions)?)))
    }
}
