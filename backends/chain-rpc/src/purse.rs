use opml_commit::{Root, keccak256};
use opml_contracts::Transaction;

use crate::journal::Journal;
use crate::key::Key;

/// An account's key and what it sent.
pub(crate) struct Purse {
    pub(crate) key: Key,
    pub(crate) journal: Journal,
}

/// What a transaction does, whatever its nonce and fees.
pub(crate) fn intent(transaction: &Transaction) -> Root {
    let to = transaction.to.map_or(Vec::new(), |to| to.0.to_vec());
    let parts = [
        &transaction.value.to_be_bytes()[..],
        &[to.len() as u8],
        &to,
        &transaction.data,
    ];
    keccak256(&parts.concat())
}
