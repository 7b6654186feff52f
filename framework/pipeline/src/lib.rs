//! The words a user writes: the YAML spec, its units, and the plan that is checked before anything runs.

mod amount;
mod chain;
mod duration;
mod load;
mod loops;
mod parties;
mod plan;
mod schema;
mod spec;

pub use amount::Wei;
pub use chain::{ChainSpec, KeySpec, KeysSpec, NodeSpecification};
pub use duration::Seconds;
pub use load::{SpecError, load_spec, parse_spec};
pub use loops::{CarrySpec, LoopSpec, StartSpec};
pub use parties::{LiePart, LieSpec, PartiesSpec, PartySpec, StagePlace};
pub use plan::{ClockPlan, Plan, PlanError, StageKind, plan};
pub use schema::schema;
pub use spec::{
    ArgMaxSpec, BondsSpec, FormSpec, GameSpec, GenerateSpec, GraphSpec, InputSpec, InstructionSpec, IntegersSpec,
    ModelSpec, NodeSpec, OutputsSpec, PromptSpec, QuantizeSpec, Spec, StageSpec, Threads, ValuesSpec,
};
