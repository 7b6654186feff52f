use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{Claim, Position, Winner};

use crate::Account;

/// What the chain says happened. Players know of games only what events tell them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A model was registered.
    Registered {
        /// Its id.
        model: Root,
    },
    /// A task was requested.
    Requested {
        /// The task.
        task: Root,
        /// Its model.
        model: Root,
        /// Who asked.
        requester: Account,
        /// The last second in which results may be posted.
        deadline: u64,
        /// The claim's inputs.
        inputs: Root,
        /// The values, unless they were given by root only.
        values: Vec<Bytes>,
    },
    /// A result was posted.
    Proposed {
        /// The task.
        task: Root,
        /// The result.
        result: Root,
        /// Who posted it.
        proposer: Account,
        /// The output's slot root.
        output: Root,
        /// The output's bytes.
        value: Bytes,
        /// What orders it among the task's results, in seconds.
        ordered_at: u64,
    },
    /// A result was challenged.
    Challenged {
        /// The game.
        game: Root,
        /// The result.
        result: Root,
        /// Who challenges.
        challenger: Account,
        /// Where the game begins.
        position: Position,
        /// The result's claim.
        claim: Claim,
    },
    /// A stage was opened.
    Opened {
        /// The game.
        game: Root,
        /// The position after it.
        position: Position,
    },
    /// Children, or states, were revealed.
    Revealed {
        /// The game.
        game: Root,
        /// What was revealed.
        roots: Vec<Root>,
    },
    /// The first wrong child, or segment, was named.
    Rejected {
        /// The game.
        game: Root,
        /// Which of what was revealed last.
        child: u64,
    },
    /// The dispute moved to the next stage.
    Narrowed {
        /// The game.
        game: Root,
        /// The position after it.
        position: Position,
        /// The next stage's claim.
        claim: Claim,
    },
    /// A game is over.
    Resolved {
        /// The game.
        game: Root,
        /// Who won; nobody when the game was closed.
        winner: Option<Winner>,
        /// Whether a clock decided it.
        by_timeout: bool,
    },
    /// A result lost a game.
    Died {
        /// The result.
        result: Root,
    },
    /// A result became final.
    Finalised {
        /// The task.
        task: Root,
        /// The result.
        result: Root,
    },
    /// The fee went back.
    Refunded {
        /// The task.
        task: Root,
    },
    /// A live result other than the final one was released or slashed.
    Settled {
        /// The task.
        task: Root,
        /// The result.
        result: Root,
        /// Whether it equals the final one.
        released: bool,
    },
    /// The service owes somebody more.
    Credited {
        /// Whom.
        party: Account,
        /// Wei.
        amount: u128,
    },
    /// Somebody drew what the service owed.
    Withdrawn {
        /// Who.
        party: Account,
        /// Wei.
        amount: u128,
    },
    /// Something else of the service's, by its name: commitments, delegates, what is burnt.
    Other {
        /// The event's name.
        name: &'static str,
    },
}
