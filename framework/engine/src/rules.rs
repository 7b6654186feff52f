use opml_commit::Root;
use thiserror::Error;

use crate::{Claim, Position};

/// What a stage's `open` establishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Trace root, or the entry state's root.
    pub anchor: Root,
    /// Root of the smallest subtree that holds all parts, or the end state's root.
    pub disputed: Root,
    /// Real parts, or steps.
    pub count: u64,
    /// Parts below `disputed`: a power of two; in the machine stage a power of the arity.
    pub width: u64,
    /// The root that stands for an absent part.
    pub absent: Root,
}

/// What a stage's `narrow` decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The part is again a claim, for the next stage.
    Claim(Claim),
    /// The disputed part is right: the defender wins.
    Defender,
    /// The disputed part is wrong: the challenger wins.
    Challenger,
}

/// Why a stage refused a payload. A refused move changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{stage}: {reason}")]
pub struct RuleError {
    /// The stage's kind.
    pub stage: &'static str,
    /// What is wrong with the payload.
    pub reason: String,
}

/// A stage as the contract sees it: stateless checks of payloads. The twin of `IStage.sol`.
pub trait StageRules: Send + Sync {
    /// The stage's kind: `"graph"`, `"node"`, `"instruction"`, …
    fn kind(&self) -> &'static str;

    /// Whether this is the machine stage (states) rather than a vector stage (a tree of parts).
    fn is_machine(&self) -> bool;

    /// Checks an `open` payload against the claim; `arity` is the game's.
    fn open(&self, arity: u64, claim: &Claim, payload: &[u8]) -> Result<Opened, RuleError>;

    /// Checks a `narrow` payload at a position of width 1.
    fn narrow(&self, claim: &Claim, position: &Position, payload: &[u8]) -> Result<Verdict, RuleError>;
}
