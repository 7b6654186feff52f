use opml_commit::Root;
use opml_engine::{Inspection, Machine, Region, VmBackend, VmError, VmRules};
use opml_machine::{Memory, SlotMachine, entry_root, inspect, replay};

use crate::State;

/// A MIPS machine at some step of its run.
pub type MipsMachine = SlotMachine<State>;

/// The MIPS machine: rules and backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mips;

impl VmRules for Mips {
    fn entry_root(&self, memory_root: &Root) -> Root {
        entry_root::<State>(memory_root)
    }

    fn inspect(&self, state: &[u8]) -> Result<Inspection, VmError> {
        inspect::<State>(state)
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
