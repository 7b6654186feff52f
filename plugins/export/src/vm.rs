use bytes::Bytes;
use opml_commit::Root;
use opml_engine::VmBackend;
use opml_plugin_abi::abi_stable::sabi_trait::TD_Opaque;
use opml_plugin_abi::abi_stable::std_types::{RResult, RSlice, RString, RVec};
use opml_plugin_abi::{self as abi, Error, Inspection, MachineObject, Region, Replayed, Vm, Vm_TO, VmObject, guard};

use crate::{errors, machine};

/// A kind of machine for the other side.
pub fn vm(backend: impl VmBackend + 'static) -> VmObject {
    Vm_TO::from_value(Exported(backend), TD_Opaque)
}

struct Exported<T>(T);

impl<T: VmBackend> Vm for Exported<T> {
    fn name(&self) -> RResult<RString, Error> {
        guard(|| Ok(self.0.name().into()))
    }

    fn entry_root(&self, memory_root: &abi::Root) -> RResult<abi::Root, Error> {
        guard(|| Ok(self.0.entry_root(&Root(*memory_root)).0))
    }

    fn inspect(&self, state: RSlice<'_, u8>) -> RResult<Inspection, Error> {
        guard(|| {
            let inspection = self.0.inspect(state.as_slice()).map_err(errors::of_vm)?;
            Ok(Inspection {
                exited: inspection.exited,
                exit_code: inspection.exit_code,
                memory_root: inspection.memory_root.0,
            })
        })
    }

    fn replay(&self, witness: RSlice<'_, u8>) -> RResult<Replayed, Error> {
        guard(|| {
            let (before, after) = self.0.replay(witness.as_slice()).map_err(errors::of_vm)?;
            Ok(Replayed {
                before: before.0,
                after: after.0,
            })
        })
    }

    fn boot(&self, regions: RVec<Region>) -> RResult<MachineObject, Error> {
        guard(|| {
            let regions: Vec<opml_engine::Region> = regions
                .into_iter()
                .map(|region| opml_engine::Region {
                    address: region.address,
                    bytes: Bytes::from_owner(region.bytes),
                    slot_root: region.slot_root.into_option().map(Root),
                })
                .collect();
            self.0.boot(&regions).map(machine::machine).map_err(errors::of_vm)
        })
    }
}
