use opml_commit::Root;
use opml_engine::{Inspection, Machine, Region, VmBackend, VmError, VmRules};
use opml_plugin_abi::abi_stable::std_types::{RSlice, RVec};
use opml_plugin_abi::{self as abi, Buffer, VmObject};

use crate::PluginError;
use crate::failure::Caller;
use crate::machine::PluginMachine;

/// A kind of machine in a plugin. Its name is asked once.
pub(crate) struct PluginVm {
    plugin: Caller,
    object: VmObject,
    name: String,
}

impl PluginVm {
    pub(crate) fn new(plugin: &Caller, object: VmObject) -> Result<PluginVm, PluginError> {
        let name = object.name().into_result().map_err(|error| PluginError::Failed {
            plugin: plugin.plugin().into(),
            reason: plugin.reason("name", &error),
        })?;
        Ok(PluginVm {
            plugin: plugin.clone(),
            name: name.into(),
            object,
        })
    }
}

impl VmRules for PluginVm {
    fn entry_root(&self, memory_root: &Root) -> Root {
        let root = self.object.entry_root(&memory_root.0).into_result();
        Root(self.plugin.expect("entry_root", root))
    }

    fn inspect(&self, state: &[u8]) -> Result<Inspection, VmError> {
        let inspection = self.object.inspect(RSlice::from_slice(state)).into_result();
        let inspection = inspection.map_err(|error| self.plugin.vm("inspect", error))?;
        Ok(Inspection {
            exited: inspection.exited,
            exit_code: inspection.exit_code,
            memory_root: Root(inspection.memory_root),
        })
    }

    fn replay(&self, witness: &[u8]) -> Result<(Root, Root), VmError> {
        let replayed = self.object.replay(RSlice::from_slice(witness)).into_result();
        let replayed = replayed.map_err(|error| self.plugin.vm("replay", error))?;
        Ok((Root(replayed.before), Root(replayed.after)))
    }
}

impl VmBackend for PluginVm {
    fn name(&self) -> &str {
        &self.name
    }

    fn boot(&self, regions: &[Region]) -> Result<Box<dyn Machine>, VmError> {
        let regions: RVec<abi::Region> = regions
            .iter()
            .map(|region| abi::Region {
                address: region.address,
                bytes: Buffer::new(region.bytes.clone()),
                slot_root: region.slot_root.map(|root| root.0).into(),
            })
            .collect();
        let object = self.object.boot(regions).into_result();
        let object = object.map_err(|error| self.plugin.vm("boot", error))?;
        Ok(Box::new(PluginMachine::new(&self.plugin, object)))
    }
}
