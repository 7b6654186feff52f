use opml_graph::ComputeBackend;
use opml_ops::Record;
use opml_plugin_abi::abi_stable::sabi_trait::TD_Opaque;
use opml_plugin_abi::abi_stable::std_types::{RResult, RSlice, RSliceMut, RString, RVec};
use opml_plugin_abi::{Buffer, Compute, Compute_TO, ComputeObject, Error, GuestImage, code, guard};

use crate::errors;

/// A compute backend for the other side.
pub fn compute(backend: impl ComputeBackend + 'static) -> ComputeObject {
    Compute_TO::from_value(Exported(backend), TD_Opaque)
}

struct Exported<T>(T);

impl<T: ComputeBackend> Compute for Exported<T> {
    fn name(&self) -> RResult<RString, Error> {
        guard(|| Ok(self.0.name().into()))
    }

    fn run_node(
        &self,
        record: RSlice<'_, u8>,
        inputs: RSlice<'_, RSlice<'_, u8>>,
        mut output: RSliceMut<'_, u8>,
        threads: usize,
    ) -> RResult<(), Error> {
        guard(|| {
            let record = Record::from_bytes(record.as_slice())
                .map_err(|error| Error::new(code::MALFORMED, format!("the node record: {error}")))?;
            let inputs: Vec<&[u8]> = inputs.iter().map(|input| input.as_slice()).collect();
            self.0
                .run_node(&record, &inputs, output.as_mut_slice(), threads)
                .map_err(errors::of_compute)
        })
    }

    fn guest_images(&self) -> RResult<RVec<GuestImage>, Error> {
        guard(|| {
            let images = self.0.guest_images().into_iter().map(|image| GuestImage {
                vm: image.vm.into(),
                root: image.root.0,
                bytes: Buffer::new(image.bytes),
                steps_per_unit: image.steps_per_unit,
            });
            Ok(images.collect())
        })
    }
}
