use bytes::Bytes;
use opml_engine::Fault;
use opml_player::{Account, Chain, ChainError, Party, Request};

use crate::Random;

/// What the simulated tasks compute.
pub trait Workshop {
    /// A task of a requester; no two of the same nonce.
    fn request(&self, requester: Account, nonce: u64) -> Request;

    /// What the first stage's `enter` reads.
    fn header(&self) -> Bytes;

    /// A party's means, with a store of its own.
    fn party(&self, account: Account, fault: Option<Fault>) -> Party;

    /// A lie that shows in the output, somewhere.
    fn lie(&self, random: &mut Random) -> Fault;

    /// The true output.
    fn truth(&self) -> Bytes;
}

/// A chain of one's own, on which accounts and wei can be made.
pub trait Bank: Chain {
    /// A new account with this many wei.
    fn open_account(&mut self, wei: u128) -> Result<Account, ChainError>;

    /// Wei that the service holds, and wei that it has burnt.
    fn held_and_burnt(&mut self) -> Result<(u128, u128), ChainError>;
}
