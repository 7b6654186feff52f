use abi_stable::sabi_trait;
use abi_stable::sabi_types::RMut;
use abi_stable::std_types::{RResult, RSlice};

use crate::Error;

/// Takes bytes in order.
#[sabi_trait]
pub trait Sink {
    /// Takes all of `bytes`, or fails; after a failure nothing more is taken.
    #[sabi(last_prefix_field)]
    fn write(&mut self, bytes: RSlice<'_, u8>) -> RResult<(), Error>;
}

/// A sink, lent for one call.
pub type SinkMut<'a> = Sink_TO<'a, RMut<'a, ()>>;
