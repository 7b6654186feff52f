use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{Claim, Position};

use crate::{Account, GameId, Move, Resolution, Role};

/// What a game's driver tells whoever watches: enough for a report, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayerEvent {
    /// The model's id, once it is registered.
    Registered {
        /// The model.
        model: Root,
        /// The calldata that registers it.
        data: Bytes,
    },
    /// The task's name, once it is requested.
    Requested {
        /// The task.
        task: Root,
    },
    /// A transaction was included.
    Sent {
        /// Who sent it.
        by: Role,
        /// Its account.
        account: Account,
        /// What it did.
        action: &'static str,
        /// Gas used.
        gas: u64,
        /// Bytes of calldata.
        calldata_bytes: u64,
        /// The calldata.
        data: Bytes,
        /// Wei that went with it.
        value: u128,
        /// Wei paid for gas.
        gas_cost: u128,
        /// Its block.
        block: u64,
        /// The block's time, in seconds.
        timestamp: u64,
        /// Seconds that its sender took to compute it.
        seconds: f64,
    },
    /// A move was made, in the transaction that was told last. Of several moves in one transaction the first carries its gas, bytes and seconds, the others none.
    Moved {
        /// The game.
        game: GameId,
        /// The stage's kind.
        stage: &'static str,
        /// `open`, `reveal`, `reject`, `narrow` or `timeout`.
        kind: &'static str,
        /// Who made it.
        by: Role,
        /// The position that it answered.
        position: Position,
        /// The move itself.
        made: Box<Move>,
        /// Gas used.
        gas: u64,
        /// Bytes of calldata.
        calldata_bytes: u64,
        /// Seconds that the mover took to compute it.
        seconds: f64,
    },
    /// A party computed the output.
    Evaluated {
        /// Who.
        by: Role,
        /// The output's root.
        output: Root,
        /// Seconds.
        seconds: f64,
    },
    /// The result was challenged.
    Challenged {
        /// The game.
        game: Root,
        /// The disputed claim.
        claim: Claim,
    },
    /// A party has no answer and loses by its clock.
    Stuck {
        /// Who.
        by: Role,
        /// Why.
        reason: String,
    },
    /// A game is over.
    Resolved {
        /// Which.
        game: Root,
        /// How.
        resolution: Resolution,
    },
    /// The result became final.
    Finalised {
        /// The result.
        result: Root,
    },
    /// The requester got the fee back.
    Refunded {
        /// The task.
        task: Root,
    },
    /// A party drew what it was owed.
    Withdrawn {
        /// Who.
        by: Role,
        /// Wei.
        amount: u128,
    },
}

/// Whoever watches a play.
pub trait Observer {
    /// Something happened.
    fn saw(&mut self, event: &PlayerEvent);
}

/// Keeps everything, in order.
impl Observer for Vec<PlayerEvent> {
    fn saw(&mut self, event: &PlayerEvent) {
        self.push(event.clone());
    }
}

/// Watches nothing.
impl Observer for () {
    fn saw(&mut self, _: &PlayerEvent) {}
}
