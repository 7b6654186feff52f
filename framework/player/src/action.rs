use bytes::Bytes;
use opml_commit::{Keccak256, Root};
use opml_engine::{Claim, Position};

use crate::Account;

/// A game's name: one challenger's dispute of one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GameId {
    /// The result.
    pub result: Root,
    /// Who disputes it.
    pub challenger: Account,
}

impl GameId {
    /// The game's hash, as events name it: Keccak-256 of result and challenger, one word each.
    pub fn hash(&self) -> Root {
        let challenger = Keccak256::default().chain(self.result).chain([0; 12]);
        challenger.chain(self.challenger.0).finish()
    }
}

/// What a party may do on the chain (`specs/game.md`, `specs/money.md`). The payment that an action needs goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Request an execution, the values given as bytes.
    Request {
        /// The model.
        model: Root,
        /// Tells equal requests of one requester apart.
        nonce: u64,
        /// The last second in which results may be posted.
        deadline: u64,
        /// What the first stage's `enter` reads.
        header: Bytes,
        /// The request's values.
        values: Vec<Bytes>,
        /// Wei.
        fee: u128,
    },
    /// Record a commitment to a result that is still secret.
    Commit {
        /// Keccak-256 of task, output root, proposer and salt, one word each.
        commitment: Root,
    },
    /// Post a result.
    Propose {
        /// The task.
        task: Root,
        /// The output's bytes.
        value: Bytes,
        /// The commitment's salt; zero if there was none.
        salt: Root,
        /// The live result after which this one stands; zero to stand first.
        earlier: Root,
        /// Wei.
        bond: u128,
    },
    /// Dispute a result.
    Challenge {
        /// The result.
        result: Root,
        /// Wei.
        bond: u128,
    },
    /// Make moves in a game, all in one transaction.
    Play {
        /// The game.
        game: GameId,
        /// The moves, in order.
        moves: Vec<Move>,
    },
    /// Make the earliest live result final.
    Finalise {
        /// The task.
        task: Root,
    },
    /// Release or slash another result of a settled task.
    Settle {
        /// The result.
        result: Root,
    },
    /// Close a game whose result was decided elsewhere.
    Close {
        /// The game.
        game: GameId,
    },
    /// Return the fee of a task that has no result.
    Refund {
        /// The task.
        task: Root,
    },
    /// Hand the final output to the requester's contract.
    Deliver {
        /// The task.
        task: Root,
        /// The output's bytes.
        value: Bytes,
    },
    /// Draw what the service owes the sender.
    Withdraw,
}

impl Action {
    /// The action's name in messages and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Request { .. } => "request",
            Action::Commit { .. } => "commit",
            Action::Propose { .. } => "propose",
            Action::Challenge { .. } => "challenge",
            Action::Play { moves, .. } => match moves.as_slice() {
                [only] => only.name(),
                _ => "multicall",
            },
            Action::Finalise { .. } => "finalise",
            Action::Settle { .. } => "settle",
            Action::Close { .. } => "close",
            Action::Refund { .. } => "refund",
            Action::Deliver { .. } => "deliver",
            Action::Withdraw => "withdraw",
        }
    }
}

/// A move in a game. Each names the position it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// The defender opens the stage.
    Open {
        /// The position it answers.
        position: Position,
        /// The stage's claim.
        claim: Claim,
        /// What proves it.
        payload: Vec<u8>,
    },
    /// The defender reveals.
    Reveal {
        /// The position it answers.
        position: Position,
        /// Children, or states.
        roots: Vec<Root>,
    },
    /// The challenger names the first wrong one.
    Reject {
        /// The position it answers.
        position: Position,
        /// The revealed roots.
        roots: Vec<Root>,
        /// Which of them.
        child: u64,
    },
    /// Anyone narrows to the part.
    Narrow {
        /// The position it answers.
        position: Position,
        /// The stage's claim.
        claim: Claim,
        /// What proves it.
        payload: Vec<u8>,
    },
    /// Anyone ends a game whose mover is late.
    Timeout {
        /// The position that stands.
        position: Position,
    },
}

impl Move {
    /// The move's name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Move::Open { .. } => "open",
            Move::Reveal { .. } => "reveal",
            Move::Reject { .. } => "reject",
            Move::Narrow { .. } => "narrow",
            Move::Timeout { .. } => "timeout",
        }
    }

    /// The position that it answers.
    pub fn position(&self) -> &Position {
        match self {
            Move::Open { position, .. }
            | Move::Reveal { position, .. }
            | Move::Reject { position, .. }
            | Move::Narrow { position, .. }
            | Move::Timeout { position } => position,
        }
    }
}
