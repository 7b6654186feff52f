use opml_commit::Root;
use thiserror::Error;

use crate::{Phase, RuleError, Winner};

/// Why a move was refused. A refused move changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoveError {
    /// The game is over.
    #[error("the game is over: the {winner:?} has won")]
    Over {
        /// Who won.
        winner: Winner,
    },
    /// Another move is due.
    #[error("a move of phase {expected:?} is due, this one is of phase {actual:?}")]
    Phase {
        /// The position's phase.
        expected: Phase,
        /// The phase that the move belongs to.
        actual: Phase,
    },
    /// The claim is not the position's.
    #[error("the claim's hash is {actual}, the position's is {expected}")]
    Claim {
        /// The position's claim hash.
        expected: Root,
        /// The given claim's hash.
        actual: Root,
    },
    /// The stage refused the payload.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Too few or too many roots.
    #[error("{expected} roots are due, not {actual}")]
    ChildCount {
        /// Roots that are due.
        expected: u64,
        /// Roots given.
        actual: u64,
    },
    /// The children do not hash to the disputed subtree.
    #[error("the children hash to {actual}, the disputed subtree is {expected}")]
    ChildrenMismatch {
        /// The disputed subtree's root.
        expected: Root,
        /// What the children hash to.
        actual: Root,
    },
    /// A child past the last part is not absent.
    #[error("child {child} lies past the last part; it must be {expected}, not {actual}")]
    AbsentChild {
        /// Its place among the children.
        child: u64,
        /// The root of an absent subtree of its height.
        expected: Root,
        /// The root given.
        actual: Root,
    },
    /// The roots are not those that were revealed.
    #[error("the given roots hash to {actual}, the revealed ones to {expected}")]
    ShownMismatch {
        /// Hash of the revealed roots.
        expected: Root,
        /// Hash of the given roots.
        actual: Root,
    },
    /// There is no such child.
    #[error("child {child} does not exist; there are {count}")]
    ChildOutOfRange {
        /// The child named.
        child: u64,
        /// Children that there are.
        count: u64,
    },
    /// The child lies past the last part, where nothing can be wrong.
    #[error("part {part} does not exist; there are {count}")]
    PartOutOfRange {
        /// The first part of the named child.
        part: u64,
        /// Parts that there are.
        count: u64,
    },
    /// The last stage gave a claim instead of a verdict.
    #[error("the last of {stages} stages gave a claim instead of a verdict")]
    NoFurtherStage {
        /// Stages of the pipeline.
        stages: usize,
    },
}

/// Why stages do not make a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PipelineError {
    /// There is no stage, or more than a position can name.
    #[error("a pipeline has 1 to 256 stages, not {0}")]
    Length(usize),
    /// Only the last stage runs the machine.
    #[error("stage {stage} ({kind}) {reason}")]
    Stage {
        /// Its place.
        stage: usize,
        /// Its kind.
        kind: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The arity is no power of two from 2 to 256.
    #[error("the arity is a power of two from 2 to 256, not {0}")]
    Arity(u64),
}
