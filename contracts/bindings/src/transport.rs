use bytes::Bytes;
use opml_commit::Root;
use opml_player::{Account, BlockId};
use thiserror::Error;

/// A transaction to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The sender; the transport holds what signs for it.
    pub from: Account,
    /// The receiver; `None` creates a contract.
    pub to: Option<Account>,
    /// Wei.
    pub value: u128,
    /// Calldata, or creation code.
    pub data: Bytes,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded; what it returned, where the chain keeps it.
    Returned(Bytes),
    /// The contract refused; its reason.
    Reverted(Bytes),
    /// It stopped otherwise: out of gas, …
    Halted(String),
}

/// An event as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The contract.
    pub address: Account,
    /// Topics.
    pub topics: Vec<Root>,
    /// Data.
    pub data: Bytes,
    /// The block that holds it.
    pub block: BlockId,
}

/// An included transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How it ended.
    pub outcome: Outcome,
    /// The contract it created.
    pub created: Option<Account>,
    /// Gas used.
    pub gas: u64,
    /// Wei paid for gas.
    pub gas_cost: u128,
    /// Its block.
    pub block: u64,
    /// The block's time, in seconds.
    pub timestamp: u64,
    /// What it emitted.
    pub logs: Vec<Log>,
}

/// Why a transport did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The sender cannot pay for value and gas.
    #[error("{reason}")]
    Funds {
        /// What is missing.
        reason: String,
    },
    /// Anything else.
    #[error("{reason}")]
    Node {
        /// What happened.
        reason: String,
    },
}

/// A way to an Ethereum chain. Each sent transaction is included before `send` returns.
pub trait Transport {
    /// Executes without a transaction.
    fn call(&mut self, from: &Account, to: &Account, data: Bytes) -> Result<Outcome, TransportError>;

    /// Executes creation code without a transaction; what it returns is the code that would be deployed.
    fn try_create(&mut self, creation_code: Bytes) -> Result<Outcome, TransportError>;

    /// Sends a transaction.
    fn send(&mut self, transaction: &Transaction) -> Result<Sent, TransportError>;

    /// An account's wei.
    fn balance(&mut self, account: &Account) -> Result<u128, TransportError>;

    /// An account's code; none for an account that is no contract.
    fn code(&mut self, account: &Account) -> Result<Bytes, TransportError>;

    /// The chain's id (EIP-155).
    fn chain_id(&mut self) -> Result<u64, TransportError>;

    /// The newest block's number.
    fn blocks(&mut self) -> Result<u64, TransportError>;

    /// The present time, in seconds.
    fn now(&mut self) -> Result<u64, TransportError>;

    /// Lets this many seconds pass.
    fn advance(&mut self, seconds: u64) -> Result<(), TransportError>;

    /// What a contract emitted from block `from` on, in order.
    fn logs(&mut self, from: u64, address: &Account) -> Result<Vec<Log>, TransportError>;

    /// The hash of block `number` on the chain as it stands now; `None` when there is no such block.
    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, TransportError>;

    /// The time of block `number`, in seconds.
    fn block_time(&mut self, number: u64) -> Result<Option<u64>, TransportError>;

    /// Seconds after which to look whether somebody else has acted; `None` on a chain of one's own.
    fn poll_seconds(&self) -> Option<u64> {
        None
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn call(&mut self, from: &Account, to: &Account, data: Bytes) -> Result<Outcome, TransportError> {
        (**self).call(from, to, data)
    }

    fn try_create(&mut self, creation_code: Bytes) -> Result<Outcome, TransportError> {
        (**self).try_create(creation_code)
    }

    fn send(&mut self, transaction: &Transaction) -> Result<Sent, TransportError> {
        (**self).send(transaction)
    }

    fn balance(&mut self, account: &Account) -> Result<u128, TransportError> {
        (**self).balance(account)
    }

    fn code(&mut self, account: &Account) -> Result<Bytes, TransportError> {
        (**self).code(account)
    }

    fn chain_id(&mut self) -> Result<u64, TransportError> {
        (**self).chain_id()
    }

    fn blocks(&mut self) -> Result<u64, TransportError> {
        (**self).blocks()
    }

    fn now(&mut self) -> Result<u64, TransportError> {
        (**self).now()
    }

    fn advance(&mut self, seconds: u64) -> Result<(), TransportError> {
        (**self).advance(seconds)
    }

    fn logs(&mut self, from: u64, address: &Account) -> Result<Vec<Log>, TransportError> {
        (**self).logs(from, address)
    }

    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, TransportError> {
        (**self).block_hash(number)
    }

    fn block_time(&mut self, number: u64) -> Result<Option<u64>, TransportError> {
        (**self).block_time(number)
    }

    fn poll_seconds(&self) -> Option<u64> {
        (**self).poll_seconds()
    }
}
