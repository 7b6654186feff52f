//! Claims, stages, traces and the dispute game (`specs/game.md`).
//!
//! The engine knows roots, claims and proofs. It knows nothing of graphs, tensors or instruction sets: those come in
//! through [`Stage`] (what a party computes), [`StageRules`] (what a contract checks) and [`VmBackend`].

mod claim;
pub mod counter;
mod fault;
mod game;
mod length;
mod move_error;
pub mod moves;
mod position;
mod rehearsal;
mod rules;
mod run;
mod snapshots;
mod stage;
mod store;
mod vm;
mod watch;

pub use claim::Claim;
pub use fault::{Fault, FaultPart};
pub use game::Game;
pub use length::{MachineLength, machine_length, power_steps};
pub use move_error::{MoveError, PipelineError};
pub use moves::{AfterNarrow, Winner, division, first_difference, points};
pub use position::{Phase, Position};
pub use rehearsal::{Choice, Move, Party, Rehearsal, Stuck, rehearse};
pub use rules::{Opened, RuleError, StageRules, Verdict};
pub use run::{Change, Lie, Run};
pub use snapshots::SNAPSHOT_BYTES;
pub use stage::{Narrowed, Opening, Point, Stage, StageError, Trace, evaluate_lie};
pub use store::{MemoryStore, Store};
pub use vm::{Inspection, Machine, Region, VmBackend, VmError, VmRules};
pub use watch::{RunWatch, WATCHED_STEPS};

/// The most steps a machine stage may state.
pub const MAX_STEPS: u64 = 1 << 40;
