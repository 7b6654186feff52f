use std::fmt;

use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::std_types::{RBox, RSlice};
use abi_stable::{StableAbi, sabi_trait};

/// Whoever keeps bytes alive; dropping it may free them.
#[sabi_trait]
pub trait BufferOwner: Send + Sync {
    /// The bytes; the same ones at every call, and they never change.
    #[sabi(last_prefix_field)]
    fn bytes(&self) -> RSlice<'_, u8>;
}

/// Bytes that are handed over without being copied, with whatever keeps them alive: a vector, a memory map, a count of
/// references on either side.
#[repr(transparent)]
#[derive(StableAbi)]
pub struct Buffer(BufferOwner_TO<'static, RBox<()>>);

impl Buffer {
    /// Hands over `owner`; its bytes must stay where they are while it lives, also when it is moved.
    pub fn new(owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Buffer {
        // The second box keeps even bytes that lie inside the owner in place.
        Buffer(BufferOwner_TO::from_value(Owner(Box::new(owner)), TD_Opaque))
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes().as_slice()
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Buffer({} bytes)", self.as_ref().len())
    }
}

struct Owner<T>(Box<T>);

impl<T: AsRef<[u8]> + Send + Sync> BufferOwner for Owner<T> {
    fn bytes(&self) -> RSlice<'_, u8> {
        RSlice::from_slice((*self.0).as_ref())
    }
}
