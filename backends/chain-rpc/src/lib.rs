//! A chain behind an Ethereum node's JSON-RPC.
//!
//! Every transaction is signed here, kept in a journal before it is sent, and followed until it is included: one that is
//! dropped or re-organised away is sent again, one that is stuck is replaced with a higher fee, and one that an earlier run
//! left behind is taken up instead of being paid for twice.

mod chain;
mod convert;
mod fees;
mod journal;
mod key;
mod node;
mod options;
mod pages;
mod pending;
mod purse;

pub use chain::RpcChain;
pub use journal::JournalError;
pub use key::{Key, KeyError};
pub use node::NodeError;
pub use options::Options;
