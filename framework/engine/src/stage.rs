use opml_commit::Root;
use thiserror::Error;

use crate::{Claim, Fault, Opened, Store, Verdict, VmError};

/// Why a party could not do its side of a stage.
#[derive(Debug, Error)]
pub enum StageError {
    /// The store lacks the preimage of a root.
    #[error("the preimage of {what} {root} is not available")]
    Missing {
        /// What the root commits to.
        what: &'static str,
        /// The root.
        root: Root,
    },
    /// The claim's program is not one that this stage runs.
    #[error("{stage}: {reason}")]
    Program {
        /// The stage's kind.
        stage: &'static str,
        /// Why.
        reason: String,
    },
    /// A planted fault names a place that does not exist, or changes nothing.
    #[error("the planted fault {reason}")]
    Fault {
        /// Why.
        reason: String,
    },
    /// An honest party cannot defend an output that it does not compute.
    #[error("{stage}: the claimed output is {claimed}, but {computed} is computed")]
    Output {
        /// The stage's kind.
        stage: &'static str,
        /// The claimed output.
        claimed: Root,
        /// This party's own.
        computed: Root,
    },
    /// The trace was asked for a point or part that it does not have.
    #[error("{stage}: {reason}")]
    Point {
        /// The stage's kind.
        stage: &'static str,
        /// What was asked.
        reason: String,
    },
    /// The machine failed.
    #[error(transparent)]
    Vm(#[from] VmError),
    /// The compute backend failed.
    #[error("computing {what}: {reason}")]
    Compute {
        /// The node or part.
        what: String,
        /// Why.
        reason: String,
    },
    /// The user asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// What is asked of a trace in a `reveal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The tree node `(height, index)` over the parts (vector stages).
    Node {
        /// Height above the parts.
        height: u8,
        /// Index among that height's nodes.
        index: u64,
    },
    /// The state after this many steps (machine stage).
    Step(u64),
}

/// A party's `open`: what it says and the payload that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What the contract will read from the payload.
    pub opened: Opened,
    /// The payload of the move.
    pub payload: Vec<u8>,
}

/// A party's `narrow`: what it leads to and the payload that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The part's claim, or the verdict as this party sees it.
    pub verdict: Verdict,
    /// The payload of the move.
    pub payload: Vec<u8>,
}

/// The output of a lying `evaluate`, refused when the lie is masked: when what follows it gives the true output.
pub fn evaluate_lie(
    stage: &dyn Stage,
    program: &Root,
    inputs: &Root,
    store: &dyn Store,
    fault: &Fault,
) -> Result<Root, StageError> {
    let truth = stage.evaluate(program, inputs, store, None)?;
    let lie = stage.evaluate(program, inputs, store, Some(fault))?;
    match lie == truth {
        false => Ok(lie),
        true => Err(StageError::Fault {
            reason: "is masked: the work after it gives the true output all the same; plant it elsewhere".into(),
        }),
    }
}

/// One stage of a pipeline, as a party computes it.
pub trait Stage: Send + Sync {
    /// The stage's kind, as in specs and reports.
    fn kind(&self) -> &'static str;

    /// Runs `program(inputs)` and puts the output's content in the store. With a fault, what the liar gets.
    fn evaluate(
        &self,
        program: &Root,
        inputs: &Root,
        store: &dyn Store,
        fault: Option<&Fault>,
    ) -> Result<Root, StageError>;

    /// Begins this party's view of the work behind `claim`: its own trace, in which the output need not be the claimed one.
    fn open(&self, claim: &Claim, store: &dyn Store, fault: Option<&Fault>) -> Result<Box<dyn Trace>, StageError>;
}

/// A party's trace of one claim. Content that the next stage needs is put in the store that `open` was given.
pub trait Trace: Send {
    /// The defender's opening move. `arity` is the game's.
    fn opening(&mut self, arity: u64, store: &dyn Store) -> Result<Opening, StageError>;

    /// The roots at `points`, in ascending order.
    fn reveal(&mut self, points: &[Point]) -> Result<Vec<Root>, StageError>;

    /// The claim or verdict of part (or step) `part`, with its payload; puts preimages of the new claim in the store.
    fn narrow(&mut self, part: u64, store: &dyn Store) -> Result<Narrowed, StageError>;
}
