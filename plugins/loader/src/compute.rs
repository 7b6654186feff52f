use bytes::Bytes;
use opml_commit::Root;
use opml_graph::{ComputeBackend, ComputeError, GuestImage};
use opml_ops::Record;
use opml_plugin_abi::ComputeObject;
use opml_plugin_abi::abi_stable::std_types::{RSlice, RSliceMut};

use crate::PluginError;
use crate::failure::Caller;

/// A compute backend in a plugin. Its name and images are asked once.
pub(crate) struct PluginCompute {
    plugin: Caller,
    object: ComputeObject,
    name: String,
    images: Vec<GuestImage>,
}

impl PluginCompute {
    pub(crate) fn new(plugin: &Caller, object: ComputeObject) -> Result<PluginCompute, PluginError> {
        let failed = |method: &'static str| {
            move |error| PluginError::Failed {
                plugin: plugin.plugin().into(),
                reason: plugin.reason(method, &error),
            }
        };
        let name = object.name().into_result().map_err(failed("name"))?;
        let images = object.guest_images().into_result().map_err(failed("guest_images"))?;
        let images = images.into_iter().map(|image| GuestImage {
            vm: image.vm.into(),
            root: Root(image.root),
            bytes: Bytes::from_owner(image.bytes),
            steps_per_unit: image.steps_per_unit,
        });
        Ok(PluginCompute {
            plugin: plugin.clone(),
            name: name.into(),
            images: images.collect(),
            object,
        })
    }
}

impl ComputeBackend for PluginCompute {
    fn name(&self) -> &str {
        &self.name
    }

    fn run_node(
        &self,
        record: &Record,
        inputs: &[&[u8]],
        output: &mut [u8],
        threads: usize,
    ) -> Result<(), ComputeError> {
        let record = record.to_bytes();
        let inputs: Vec<RSlice<'_, u8>> = inputs.iter().map(|input| RSlice::from_slice(input)).collect();
        let result = self.object.run_node(
            RSlice::from_slice(&record),
            RSlice::from_slice(&inputs),
            RSliceMut::from_mut_slice(output),
            threads,
        );
        result
            .into_result()
            .map_err(|error| self.plugin.compute("run_node", error))
    }

    fn guest_images(&self) -> Vec<GuestImage> {
        self.images.clone()
    }
}
