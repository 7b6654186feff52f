use bytes::Bytes;
use opml_commit::Root;
use thiserror::Error;

use crate::{Account, Action, Event, Terms};

/// Why the chain did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// A contract refused, with a named error and its evidence.
    #[error("the chain refused `{action}`: {reason}")]
    Refused {
        /// What was asked.
        action: &'static str,
        /// The error and its evidence, as in `ClockRunOut(used = 3700, allowance = 3600)`.
        reason: String,
    },
    /// The execution stopped otherwise: out of gas, …
    #[error("`{action}` stopped: {reason}")]
    Halted {
        /// What was asked.
        action: &'static str,
        /// Why.
        reason: String,
    },
    /// The account cannot pay.
    #[error("{account} cannot pay for `{action}`: {reason}")]
    Funds {
        /// The account.
        account: Account,
        /// What was asked.
        action: &'static str,
        /// What is missing.
        reason: String,
    },
    /// No contract of this kind is deployed on the chain.
    #[error("no {what} named `{name}` is deployed; there are: {known}")]
    Unknown {
        /// Stage or machine.
        what: &'static str,
        /// The name asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The node gave something that does not decode, or nothing.
    #[error("the node's answer to {what} cannot be used: {reason}")]
    Node {
        /// What was asked.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// A transaction succeeded without the event that it must emit.
    #[error("`{action}` succeeded without its event {event}")]
    NoEvent {
        /// What was asked.
        action: &'static str,
        /// The event that is missing.
        event: &'static str,
    },
}

/// A transaction that was included and succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its block.
    pub block: u64,
    /// The block's time, in seconds.
    pub timestamp: u64,
    /// Gas used.
    pub gas: u64,
    /// Wei that went with it.
    pub value: u128,
    /// Its calldata.
    pub data: Bytes,
    /// Wei paid for gas.
    pub gas_cost: u128,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// A block of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockId {
    /// Its number.
    pub number: u64,
    /// Its hash, which tells it from a block that a re-organisation put in its place.
    pub hash: Root,
}

/// An event and the block that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The block.
    pub block: BlockId,
    /// What happened.
    pub event: Event,
}

/// A model on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The model's id.
    pub model: Root,
    /// The calldata that registers it.
    pub data: Bytes,
    /// The transaction that registered it; `None` when it was registered before.
    pub receipt: Option<Receipt>,
}

/// The service's side of the world, as players use it.
pub trait Chain {
    /// The present time, in seconds.
    fn now(&mut self) -> Result<u64, ChainError>;

    /// Lets this many seconds pass: a test chain advances its clock, a live one waits.
    fn advance(&mut self, seconds: u64) -> Result<(), ChainError>;

    /// An account's wei.
    fn balance(&mut self, account: &Account) -> Result<u128, ChainError>;

    /// Wei that the service owes an account.
    fn credit(&mut self, account: &Account) -> Result<u128, ChainError>;

    /// Registers the model unless it is registered.
    fn register(&mut self, by: &Account, terms: &Terms) -> Result<Registration, ChainError>;

    /// Sends an action and waits until it is included. An action that fails changes nothing but the sender's gas.
    fn act(&mut self, by: &Account, action: &Action) -> Result<Receipt, ChainError>;

    /// The service's events from block `from` on, in order.
    fn events(&mut self, from: u64) -> Result<Vec<Observed>, ChainError>;

    /// The hash of block `number` on the chain as it stands now; `None` when there is no such block. A block that was seen with
    /// another hash was re-organised away, and its events with it.
    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, ChainError>;

    /// The time of block `number`, in seconds.
    fn block_time(&mut self, number: u64) -> Result<Option<u64>, ChainError>;

    /// Seconds after which to look whether somebody else has acted; `None` on a chain of one's own.
    fn poll_seconds(&self) -> Option<u64> {
        None
    }
}
