//! Claims, stages, traces and the dispute game (`specs/game.md`).
//!
//! The engine knows roots, claims and proofs. It knows nothing of graphs, tensors or instruction sets: those come in
//! through [`Stage`] (what a party computes), [`StageRules`] (what a contract checks) and [`VmBackend`].

mod claim;
mod fault;
mod position;
mod rules;
mod stage;
mod store;
mod vm;

pub use claim::Claim;
pub use fault::{Fault, FaultPart};
pub use position::{Phase, Position};
pub use rules::{Opened, RuleError, StageRules, Verdict};
pub use stage::{Narrowed, Opening, Point, Stage, StageError, Trace};
pub use store::{MemoryStore, Store};
pub use vm::{Inspection, Machine, Region, VmBackend, VmError, VmRules};

/// The most steps a machine stage may state.
pub const MAX_STEPS: u64 = 1 << 40;
