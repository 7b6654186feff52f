use opml_commit::Root;
use opml_engine::{MoveError, StageError};
use thiserror::Error;

use crate::{ChainError, Role};

/// Why a task could not be played, or a side of a game not be moved.
#[derive(Debug, Error)]
pub enum PlayerError {
    /// The chain refused, or could not be used.
    #[error("{}: {source}", role.name())]
    Chain {
        /// Who acted.
        role: Role,
        /// What happened.
        source: ChainError,
    },
    /// A party could not compute its side.
    #[error("{}: {source}", role.name())]
    Stage {
        /// Which.
        role: Role,
        /// Why.
        source: StageError,
    },
    /// A party's own next move is not a move.
    #[error("{}: {source}", role.name())]
    Move {
        /// Which.
        role: Role,
        /// Why.
        source: MoveError,
    },
    /// The task on the chain is another than the party's pipeline makes of the same request.
    #[error("the task's {what} is {chain} on the chain and {own} by this program: they are of different models")]
    OtherTask {
        /// Program or inputs.
        what: &'static str,
        /// The chain's.
        chain: Root,
        /// The party's own.
        own: Root,
    },
    /// The output is not in the proposer's store.
    #[error("the output {root} was computed but its bytes are not in the store")]
    OutputMissing {
        /// Its root.
        root: Root,
    },
    /// The challenger's own work gives everything that was revealed.
    #[error("nothing that was revealed differs from the challenger's own work: there is nothing to reject")]
    NothingToReject,
    /// The pipeline's length is not the model's.
    #[error("{} has {given} stages, the model has {needed}", role.name())]
    StageCount {
        /// Whose pipeline.
        role: Role,
        /// Stages of the party.
        given: usize,
        /// Stages of the model.
        needed: usize,
    },
}
