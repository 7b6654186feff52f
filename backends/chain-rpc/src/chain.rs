use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use alloy::primitives::{Bytes as NodeBytes, U64, U128};
use alloy::rpc::json_rpc::RpcRecv;
use alloy::rpc::types::Log as NodeLog;
use bytes::Bytes;
use opml_commit::Root;
use opml_contracts::{Log, Outcome, Sent, Transaction, Transport, TransportError};
use opml_player::Account;
use serde_json::{Value, json};

use crate::convert::{Block, attempt, log, quantity};
use crate::journal::Journal;
use crate::key::Key;
use crate::node::{Node, NodeError, too_many_logs};
use crate::options::Options;
use crate::pages::Pages;
use crate::pending::refusal;
use crate::purse::Purse;

/// Confirmations on a chain that others write, unless the options say otherwise.
const LIVE_CONFIRMATIONS: u64 = 2;
/// How often a live chain is looked at.
const LIVE_LOOK: Duration = Duration::from_secs(1);
/// How often a development chain is looked at.
const DEVELOPMENT_LOOK: Duration = Duration::from_millis(50);

/// An Ethereum behind a node, and the keys that send on it.
pub struct RpcChain {
    pub(crate) node: Node,
    pub(crate) options: Options,
    pub(crate) chain_id: u64,
    pub(crate) confirmations: u64,
    pub(crate) look_every: Duration,
    genesis: Root,
    development: bool,
    purses: BTreeMap<Account, Purse>,
}

impl RpcChain {
    /// The chain behind the node at `url`.
    pub fn connect(url: &str, options: Options) -> Result<RpcChain, NodeError> {
        let node = Node::new(url, options.patience)?;
        let version: String = node.request("web3_clientVersion", json!([]))?;
        let development = version.to_lowercase().starts_with("anvil");
        let chain_id: U64 = node.request("eth_chainId", json!([]))?;
        let genesis: Option<Block> = node.request("eth_getBlockByNumber", json!([quantity(0), false]))?;
        let genesis = genesis.ok_or_else(|| NodeError::Answer {
            method: "eth_getBlockByNumber",
            reason: "there is no block 0".into(),
        })?;
        let usual = if development { 0 } else { LIVE_CONFIRMATIONS };
        Ok(RpcChain {
            confirmations: options.confirmations.unwrap_or(usual),
            look_every: if development { DEVELOPMENT_LOOK } else { LIVE_LOOK },
            node,
            options,
            chain_id: chain_id.to(),
            genesis: genesis.id().hash,
            development,
            purses: BTreeMap::new(),
        })
    }

    /// Lets a key sign, and brings to its end what it sent in an earlier run.
    pub fn add_key(&mut self, key: Key) -> Result<Account, TransportError> {
        let account = key.account();
        if self.purses.contains_key(&account) {
            return Ok(account);
        }
        let journal = match &self.options.journals {
            Some(folder) => Journal::open(folder, self.chain_id, &self.genesis, &account).map_err(failed)?,
            None => Journal::in_memory(),
        };
        self.purses.insert(account, Purse { key, journal });
        self.restore(&account)?;
        Ok(account)
    }

    /// A new account with this many wei, on a development node.
    pub fn create_account(&mut self, wei: u128) -> Result<Account, TransportError> {
        let key = Key::fresh();
        let account = key.account();
        self.fund(&account, wei)?;
        let journal = Journal::in_memory();
        self.purses.insert(account, Purse { key, journal });
        Ok(account)
    }

    /// Gives an account this many wei, on a development node.
    pub fn fund(&mut self, account: &Account, wei: u128) -> Result<(), TransportError> {
        let wei = format!("{wei:#x}");
        let _: Value = self.ask("anvil_setBalance", json!([account.to_string(), wei]))?;
        Ok(())
    }

    /// Lets every further block of a development node be so many seconds later than the one before it.
    pub fn space_blocks(&mut self, seconds: u64) -> Result<(), TransportError> {
        let _: Value = self.ask("anvil_setBlockTimestampInterval", json!([seconds]))?;
        Ok(())
    }

    /// Whether the node is Anvil, whose clock and balances can be set.
    pub fn is_development(&self) -> bool {
        self.development
    }

    /// Where the node is.
    pub fn url(&self) -> &str {
        self.node.url()
    }

    pub(crate) fn purse(&mut self, account: &Account) -> Result<&mut Purse, TransportError> {
        let purse = self.purses.get_mut(account);
        purse.ok_or_else(|| failed(format!("there is no key for {account}")))
    }

    pub(crate) fn ask<T: RpcRecv>(&self, method: &'static str, parameters: Value) -> Result<T, TransportError> {
        self.node.request(method, parameters).map_err(failed)
    }

    pub(crate) fn head(&self) -> Result<Block, TransportError> {
        let head = self.block_by("eth_getBlockByNumber", json!("latest"))?;
        head.ok_or_else(|| failed(format!("{}: the node has no block yet", self.node.url())))
    }

    pub(crate) fn block_by(&self, method: &'static str, which: Value) -> Result<Option<Block>, TransportError> {
        self.ask(method, json!([which, false]))
    }

    pub(crate) fn wei(&self, account: &Account) -> Result<u128, TransportError> {
        let wei: U128 = self.ask("eth_getBalance", json!([account.to_string(), "latest"]))?;
        Ok(wei.to())
    }

    fn block(&self, number: u64) -> Result<Option<Block>, TransportError> {
        self.block_by("eth_getBlockByNumber", json!(quantity(number)))
    }

    fn try_call(&self, call: Value) -> Result<Outcome, TransportError> {
        match self.node.request::<NodeBytes>("eth_call", json!([call, "latest"])) {
            Ok(returned) => Ok(Outcome::Returned(returned.0)),
            Err(error) => refusal(error),
        }
    }
}

impl Transport for RpcChain {
    fn call(&mut self, from: &Account, to: &Account, data: Bytes) -> Result<Outcome, TransportError> {
        self.try_call(attempt(&Transaction {
            from: *from,
            to: Some(*to),
            value: 0,
            data,
        }))
    }

    fn try_create(&mut self, creation_code: Bytes) -> Result<Outcome, TransportError> {
        self.try_call(attempt(&Transaction {
            from: Account::default(),
            to: None,
            value: 0,
            data: creation_code,
        }))
    }

    /// The chain does not keep what a transaction returned: an included one that succeeded returns nothing.
    fn send(&mut self, transaction: &Transaction) -> Result<Sent, TransportError> {
        self.deliver(transaction)
    }

    fn balance(&mut self, account: &Account) -> Result<u128, TransportError> {
        self.wei(account)
    }

    fn code(&mut self, account: &Account) -> Result<Bytes, TransportError> {
        let code: NodeBytes = self.ask("eth_getCode", json!([account.to_string(), "latest"]))?;
        Ok(code.0)
    }

    fn chain_id(&mut self) -> Result<u64, TransportError> {
        Ok(self.chain_id)
    }

    fn blocks(&mut self) -> Result<u64, TransportError> {
        Ok(self.head()?.id().number)
    }

    fn now(&mut self) -> Result<u64, TransportError> {
        Ok(self.head()?.time())
    }

    /// A development node's clock is set; on another this waits.
    fn advance(&mut self, seconds: u64) -> Result<(), TransportError> {
        if !self.development {
            sleep(Duration::from_secs(seconds));
            return Ok(());
        }
        let then = self.head()?.time().saturating_add(seconds);
        let _: Value = self.ask("evm_setNextBlockTimestamp", json!([then]))?;
        let _: Value = self.ask("evm_mine", json!([]))?;
        Ok(())
    }

    /// What a re-organisation took out of the chain is sent again before it is looked at.
    fn logs(&mut self, from: u64, address: &Account) -> Result<Vec<Log>, TransportError> {
        for account in self.purses.keys().copied().collect::<Vec<_>>() {
            self.restore(&account)?;
        }
        let mut pages = Pages::new(from, self.head()?.id().number);
        let mut logs = Vec::new();
        while let Some(page) = pages.page() {
            let filter = json!([{
                "fromBlock": quantity(*page.start()),
                "toBlock": quantity(*page.end()),
                "address": address.to_string(),
            }]);
            match self.node.request::<Vec<NodeLog>>("eth_getLogs", filter) {
                Ok(found) => {
                    logs.extend(found.iter().filter_map(log));
                    pages.answered();
                }
                Err(NodeError::Refused { message, .. }) if too_many_logs(&message) && pages.refused() => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(logs)
    }

    fn block_hash(&mut self, number: u64) -> Result<Option<Root>, TransportError> {
        Ok(self.block(number)?.map(|block| block.id().hash))
    }

    fn block_time(&mut self, number: u64) -> Result<Option<u64>, TransportError> {
        Ok(self.block(number)?.map(|block| block.time()))
    }

    fn poll_seconds(&self) -> Option<u64> {
        (!self.development).then_some(LIVE_LOOK.as_secs())
    }
}

pub(crate) fn failed(error: impl ToString) -> TransportError {
    TransportError::Node {
        reason: error.to_string(),
    }
}
