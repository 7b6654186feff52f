use std::path::PathBuf;
use std::time::Duration;

/// How a node is used.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a node may be away, or busy, before it is given up.
    pub patience: Duration,
    /// Blocks that must follow a transaction's own; by default none on a development node and two on another.
    pub confirmations: Option<u64>,
    /// How long a transaction waits for its block before it is replaced with a higher fee.
    pub stuck_after: Duration,
    /// The most gas that a transaction is given.
    pub most_gas: u64,
    /// The most wei that a unit of gas may cost, tip included.
    pub most_fee: u128,
    /// The folder of the journals; `None` keeps them in memory, for keys that do not outlive the process.
    pub journals: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            patience: Duration::from_secs(120),
            confirmations: None,
            stuck_after: Duration::from_secs(45),
            most_gas: 1 << 24,
            most_fee: 1_000_000_000_000,
            journals: None,
        }
    }
}
