//! Slot memory of the virtual machines (`specs/machine.md`): sixteen slots of 2^28 bytes under one 25-high byte tree.
//!
//! Regions are mounted without copying. Slots 2 and 3 are written in pages that forks share until one of them writes;
//! roots are recomputed only where memory changed, and a mounted slot whose root is known is hashed only when a node
//! inside it is asked for. Every address is legal: absent bytes read as zero.
//!
//! A [`Processor`] steps over an [`Access`] to that memory: live memory runs it, a recording of what a step touches proves
//! it, and a witness replays it, as the contract does. [`SlotMachine`] is the whole machine of a processor that is
//! [`Interpreted`].

mod access;
mod flat;
mod heap;
mod last_image;
mod memory;
mod mounted;
mod mounted_tree;
mod page;
mod processor;
mod recording;
mod replaying;
mod rules;
mod slot_machine;
mod view;
mod words;
mod writable;

pub use access::{Access, Live};
pub use flat::FlatView;
pub use last_image::LastImage;
pub use memory::Memory;
pub use processor::{Interpreted, Processor};
pub use recording::prove_step;
pub use replaying::replay;
pub use rules::{entry_root, inspect};
pub use slot_machine::SlotMachine;
pub use view::MemoryView;
pub use words::Words;

/// Slots in the memory.
pub const SLOTS: usize = 16;

/// Whether a program may write at `address`: in slots 2 and 3.
#[inline]
pub const fn is_writable(address: u32) -> bool {
    matches!(address >> 28, 2 | 3)
}
