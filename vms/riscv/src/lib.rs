//! The RISC-V virtual machine (`specs/riscv.md`): RV32IM, unprivileged, little-endian.
//!
//! [`step`] is the definition, one function over an [`Access`] to memory, split by the families of the page. What the
//! machine is besides (live runs, witnesses, forks, lies) is `opml_machine`'s. The interpreter that long runs use is tested
//! equal to `step`, step for step.

mod alu;
mod branch;
mod code;
mod decode;
mod fault;
mod interpreter;
mod memory;
mod multiply;
mod operation;
mod outcome;
mod riscv;
mod shift;
mod state;
mod step;
mod system;
mod word;

pub use code::Code;
pub use fault::Fault;
pub use opml_machine::{Access, Live};
pub use riscv::{RiscV, RiscVMachine};
pub use state::{STATE_BYTES, State};
pub use step::step;
