use std::path::{Path, PathBuf};

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use opml_commit::Root;
use opml_player::Account;
use thiserror::Error;

/// Why a key cannot be used. No message tells anything of the key itself.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The text is no key.
    #[error("it is not a private key: 64 hexadecimal digits are needed")]
    Text,
    /// The keystore is not there.
    #[error("cannot read the keystore {}: {reason}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The keystore does not open.
    #[error("the keystore {} does not open: {reason}", path.display())]
    Locked {
        /// Which file.
        path: PathBuf,
        /// Why: a wrong password, another format.
        reason: String,
    },
    /// Signing failed.
    #[error("signing failed: {0}")]
    Signing(String),
}

/// What signs for an account.
#[derive(Clone)]
pub struct Key(PrivateKeySigner);

impl Key {
    /// A key that nobody has had before.
    pub fn fresh() -> Key {
        Key(PrivateKeySigner::random())
    }

    /// A key from its hexadecimal digits.
    pub fn parse(text: &str) -> Result<Key, KeyError> {
        text.trim().parse().map(Key).map_err(|_| KeyError::Text)
    }

    /// A key from an encrypted keystore (Web3 secret storage).
    pub fn open(path: &Path, password: &str) -> Result<Key, KeyError> {
        std::fs::File::open(path).map_err(|error| KeyError::Read {
            path: path.into(),
            reason: error.to_string(),
        })?;
        let opened = PrivateKeySigner::decrypt_keystore(path, password);
        opened.map(Key).map_err(|error| KeyError::Locked {
            path: path.into(),
            reason: error.to_string(),
        })
    }

    /// The account that it signs for.
    pub fn account(&self) -> Account {
        Account(self.0.address().into_array())
    }

    /// The signed transaction's hash and bytes.
    pub(crate) fn sign(&self, transaction: TxEip1559) -> Result<(Root, Vec<u8>), KeyError> {
        let signature = self.0.sign_hash_sync(&transaction.signature_hash());
        let signature = signature.map_err(|error| KeyError::Signing(error.to_string()))?;
        let signed = TxEnvelope::from(transaction.into_signed(signature));
        Ok((Root(signed.tx_hash().0), signed.encoded_2718()))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Key({})", self.account())
    }
}
