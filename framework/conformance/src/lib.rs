//! One suite per trait, which every implementation runs from its `tests/`, and the small models that they run on.
//!
//! Suites are functions that panic with what was expected and what came.

mod compute;
mod loops;
mod models;
mod noise;
mod pairings;
mod places;
mod probing;
mod seeds;
mod vm;

pub use compute::compute_suite;
pub use loops::{LoopSample, fed_constants, iterated, nested, one_pass, packable, two_bodies};
pub use models::{Input, ModelBuilder, Sample, layered, one_clamp, several_outputs, shared_inputs};
pub use noise::Noise;
pub use pairings::{Pairing, challenger_lies, defender_lies};
pub use places::{Place, places};
pub use probing::probed;
pub use seeds::each_seed;
pub use vm::vm_suite;
