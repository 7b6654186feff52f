//! Turns machines, compute backends and converters that implement the framework's traits into a plugin.
//!
//! A plugin is a crate of type `cdylib` that names what it provides:
//!
//! ```text
//! opml_plugin_export::plugin! {
//!     name: "mips",
//!     description: "The MIPS virtual machine",
//!     vms: [opml_mips::Mips],
//! }
//! ```
//!
//! Panics are caught on this side of the boundary and become errors.

mod compute;
mod converter;
mod errors;
mod host;
mod machine;
mod plugin;
mod sink;
mod vm;

pub use compute::compute;
pub use converter::converter;
pub use opml_plugin_abi as abi;
pub use vm::vm;
