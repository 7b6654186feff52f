//! The contracts in revm, for tests that hold them against the Rust definitions and for what they cost.

mod chain;
mod court;
mod damage;
mod full_slots;
mod guest;
mod lockstep;
mod machine;
mod profile;

pub use chain::{CallError, Sent, Spent, TRANSACTION_GAS, TestChain};
pub use court::{Court, Judged};
pub use damage::survives_damage;
pub use full_slots::full_slots;
pub use guest::Guest;
pub use lockstep::{Lockstep, ProvenStep};
pub use machine::MachineContract;
pub use profile::{Part, Profile};
