//! The plugin interface: bytes in, bytes out, numeric error codes.
//!
//! A plugin is a shared library whose root module is a [`Plugin`]: its name, and lists of what it provides: compute
//! backends ([`Compute`]), kinds of machines ([`Vm`]) and converters ([`Converter`]). Everything that crosses the boundary
//! has a layout that is checked when the library is loaded, so host and plugin need not share a compiler or a profile.
//!
//! Rules for those who implement these traits: every body runs inside [`guard`], because a panic that crosses the boundary
//! ends the process, as does one in a destructor; a plugin has its own copy of every static (thread pools, loggers, panic hooks), so it logs through the
//! [`Host`] and takes its thread count from the call; it is never unloaded.
//!
//! The interface grows at the end only: new methods come after the last one of each trait, new fields after the last one of
//! [`Plugin`], with defaults; what exists does not change.

mod buffer;
mod compute;
mod converter;
mod error;
mod guard;
mod host;
mod machine;
mod path;
mod plugin;
mod sink;
mod vm;

pub use abi_stable;
pub use buffer::{Buffer, BufferOwner, BufferOwner_TO};
pub use compute::{Compute, Compute_TO, ComputeObject, GuestImage};
pub use converter::{Converter, Converter_TO, ConverterObject, Values};
pub use error::{Error, code};
pub use guard::guard;
pub use host::{Host, Host_TO, HostRef, level};
pub use machine::{FaultPart, Machine, Machine_TO, MachineObject, fault};
pub use path::{path_from_bytes, path_to_bytes};
pub use plugin::{Plugin, PluginPrefix, PluginRef};
pub use sink::{Sink, Sink_TO, SinkMut};
pub use vm::{Inspection, Region, Replayed, Vm, Vm_TO, VmObject};

/// A Keccak-256 root.
pub type Root = [u8; 32];
