//! The embedded chain: an in-process Ethereum.
