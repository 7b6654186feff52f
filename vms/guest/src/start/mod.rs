//! Entry and exit of each kind of machine: one file a kind, each with `exit` and an entry symbol `_start`.

#[cfg_attr(target_arch = "mips", path = "mips.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod machine;

pub(crate) use machine::exit;
