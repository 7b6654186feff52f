//! Random strategies against the real contracts: who gains and who loses (`specs/economics.md`).
//!
//! Every task has a cast of owners, each with one [`Strategy`] and the accounts that it takes; they play it to its end on a chain of
//! one's own, and what each owner then has more or less is entered in a [`Ledger`]. The same seed gives the same figures.

mod cast;
mod freeloader;
mod ledger;
mod random;
mod simulate;
mod strategy;
mod workshop;

pub use freeloader::Freeloader;
pub use ledger::{Entry, Ledger};
pub use random::Random;
pub use simulate::{Plan, SimulationError, simulate};
pub use strategy::Strategy;
pub use workshop::{Bank, Workshop};
