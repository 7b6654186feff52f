//! Translation of hot code to the host's instructions, with Cranelift.
//!
//! A [`Region`](region::Region) is what can be reached from a hot address without leaving the image's static control flow: blocks,
//! and calls followed into their callees, so that a loop and the soft-float routines it calls are one function with the
//! machine's registers in the host's. Every block takes its steps off the steps left; where a loop begins, the longest way to where one
//! begins again must be left, else the interpreter does the rest. An instruction that faults, traps, exits or is rare is
//! left to the plain step, in the exact state before it: a run can stop at any step, and [`step`](crate::step()) alone says
//! what faults do.
//!
//! ```text
//! head ── discover ── Region ── Lowering ── compile ── Function     by address, in Translations
//!                                                        │ call
//! State ─────────── Frame ── registers, pc, steps left ──┘── FlatView
//! ```

mod access;
mod arithmetic;
mod compile;
mod condition;
mod control;
mod facts;
mod flow;
mod frame;
mod function;
mod lowering;
mod paths;
mod reach;
mod region;
mod run;
mod translations;
mod when;

pub(crate) use run::run;
pub(crate) use translations::Translations;
pub use when::Translation;
