use abi_stable::std_types::{RBox, RResult, RSlice, RSliceMut, RString, RVec};
use abi_stable::{StableAbi, sabi_trait};

use crate::{Buffer, Error, Root};

/// The guest program of a backend's operators for one kind of machine.
#[repr(C)]
#[derive(Debug, StableAbi)]
pub struct GuestImage {
    /// The machine's name: `"mips"`, …
    pub vm: RString,
    /// The root of the slot that begins with the image.
    pub root: Root,
    /// Slot 0 from address 0.
    pub bytes: Buffer,
    /// The most steps that it takes for one of a node's work units.
    pub steps_per_unit: u64,
}

/// Runs operators natively.
#[sabi_trait]
pub trait Compute: Send + Sync {
    /// Its name in specs.
    fn name(&self) -> RResult<RString, Error>;

    /// Computes a node. `record` is the node record of 1,024 bytes; `inputs` are in slot order, constants included; `output`
    /// has exactly the record's bytes and begins as the input that `output_initial` names, if any, else zero. At most
    /// `threads` threads are used.
    fn run_node(
        &self,
        record: RSlice<'_, u8>,
        inputs: RSlice<'_, RSlice<'_, u8>>,
        output: RSliceMut<'_, u8>,
        threads: usize,
    ) -> RResult<(), Error>;

    /// The guest images with the same operators.
    #[sabi(last_prefix_field)]
    fn guest_images(&self) -> RResult<RVec<GuestImage>, Error>;
}

/// A compute backend, owned.
pub type ComputeObject = Compute_TO<'static, RBox<()>>;
