//! Entry and exit of each kind of machine: one file a kind, each with `exit` and an entry symbol `_start`.

#[cfg(target_arch = "mips")]
mod mips;
#[cfg(target_arch = "mips")]
pub(crate) use mips::exit;
