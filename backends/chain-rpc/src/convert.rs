use alloy::primitives::{Address, B256, U64, U256};
use alloy::rpc::types::Log as NodeLog;
use bytes::Bytes;
use opml_commit::Root;
use opml_contracts::{Log, Transaction};
use opml_player::{Account, BlockId};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is read of a block.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Block {
    number: U64,
    hash: B256,
    timestamp: U64,
    base_fee_per_gas: Option<U256>,
}

impl Block {
    pub(crate) fn id(&self) -> BlockId {
        BlockId {
            number: self.number.to(),
            hash: Root(self.hash.0),
        }
    }

    pub(crate) fn time(&self) -> u64 {
        self.timestamp.to()
    }

    /// Wei that a unit of gas costs at least; `None` on a chain that has no such price.
    pub(crate) fn base_fee(&self) -> Option<u128> {
        self.base_fee_per_gas.map(|fee| fee.saturating_to())
    }
}

pub(crate) fn address(account: &Account) -> Address {
    Address::from(account.0)
}

pub(crate) fn account(address: &Address) -> Account {
    Account(address.into_array())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    alloy::hex::encode_prefixed(bytes)
}

pub(crate) fn quantity(number: u64) -> String {
    format!("{number:#x}")
}

/// A transaction as nodes are asked to try it.
pub(crate) fn attempt(transaction: &Transaction) -> Value {
    let mut attempt = json!({
        "from": transaction.from.to_string(),
        "value": format!("{:#x}", transaction.value),
        "data": hex(&transaction.data),
    });
    if let Some(to) = &transaction.to {
        attempt["to"] = json!(to.to_string());
    }
    attempt
}

/// A log of an included block; `None` for one of a block that is not.
pub(crate) fn log(log: &NodeLog) -> Option<Log> {
    Some(Log {
        address: account(&log.address()),
        topics: log.topics().iter().map(|topic| Root(topic.0)).collect(),
        data: Bytes::copy_from_slice(&log.data().data),
        block: BlockId {
            number: log.block_number?,
            hash: Root(log.block_hash?.0),
        },
    })
}
