//! The MIPS virtual machine (`specs/mips.md`): MIPS32 release 2, user-mode integers, little-endian.
//!
//! [`step`] is the definition, one function over an [`Access`] to memory: live memory runs it, a recording of what it
//! touches proves it, and a witness replays it, as the contract does. The interpreter and the translated code that long
//! runs use are tested equal to it, wherever a run is cut.

mod alu;
mod bits;
mod branch;
mod code;
mod decode;
mod fault;
mod fusion;
mod interpreter;
mod memory;
mod mips;
mod multiply;
mod operation;
mod outcome;
mod running;
mod shift;
mod state;
mod step;
mod translation;
mod trap;
mod word;

pub use code::Code;
pub use fault::Fault;
pub use mips::{Mips, MipsMachine};
pub use opml_machine::{Access, Live};
pub use state::{STATE_BYTES, State};
pub use step::step;
pub use translation::Translation;
