//! The embedded chain: an in-process Ethereum.
//!
//! Every transaction is a block of its own. Gas, the size limit of code and the gas limit of a transaction are those of
//! mainnet; time passes only when it is told to.

mod chain;
mod convert;

pub use chain::{Checkpoint, EmbeddedChain, GAS_PRICE, GENESIS_TIME, TRANSACTION_GAS};
