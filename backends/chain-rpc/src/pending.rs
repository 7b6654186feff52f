//! Transactions from their signing to their block.

use std::thread::sleep;
use std::time::{Duration, Instant};

use alloy::consensus::TxEip1559;
use alloy::primitives::{Bytes as NodeBytes, TxKind, U64, U128, U256};
use alloy::rpc::types::TransactionReceipt;
use bytes::Bytes;
use opml_contracts::{Outcome, Sent, Transaction, TransportError};
use opml_player::Account;
use serde_json::{Value, json};

use crate::chain::{RpcChain, failed};
use crate::convert::{account, address, attempt, hex, log, quantity};
use crate::fees::Fees;
use crate::journal::{Entry, Version};
use crate::node::NodeError;
use crate::purse::{Purse, intent};

/// The first wait for a block; each further one is twice as long, up to [`RpcChain::look_every`].
const FIRST_LOOK: Duration = Duration::from_millis(4);
/// How long a node may be behind with its receipts.
const RECEIPTS_LATE: Duration = Duration::from_secs(10);
/// Blocks after which an included transaction is forgotten: no re-organisation reaches so far.
const DEEP: u64 = 64;
/// The tip of a node that names none.
const PLAIN_TIP: u128 = 1_000_000_000;

/// A transaction before it is sent.
enum Prepared {
    /// Signed and in the journal.
    Signed(Entry),
    /// A contract would refuse it: nothing was sent and nothing spent.
    Refused(Outcome),
}

impl RpcChain {
    /// Sends a transaction and waits for its block. One that does the same and was left behind unconfirmed is taken up instead.
    pub(crate) fn deliver(&mut self, transaction: &Transaction) -> Result<Sent, TransportError> {
        let from = transaction.from;
        self.restore(&from)?;
        let wanted = intent(transaction).to_string();
        let entry = match self.left_behind(transaction, &wanted)? {
            Some(entry) => entry,
            None => match self.prepare(transaction, wanted)? {
                Prepared::Refused(outcome) => return self.unsent(outcome),
                Prepared::Signed(entry) => {
                    self.broadcast(&from, &entry, true)?;
                    entry
                }
            },
        };
        let nonce = entry.nonce;
        let receipt = self.follow(&from, entry)?;
        let head = self.head()?.id().number;
        self.settle(&from, nonce, receipt.block_number.unwrap_or(head))?;
        let journal = &mut self.purse(&from)?.journal;
        journal.prune(head.saturating_sub(DEEP)).map_err(failed)?;
        self.sent(transaction, &receipt)
    }

    /// What does the same and was left behind, perhaps by a crash. When that is in a block already and could be done again, as a second
    /// withdrawal can, it is another one that is wanted now; a contract is never created twice.
    fn left_behind(&mut self, transaction: &Transaction, intent: &str) -> Result<Option<Entry>, TransportError> {
        let from = transaction.from;
        let Some(entry) = self.purse(&from)?.journal.open_entry(intent).cloned() else {
            return Ok(None);
        };
        let block = self.receipt(&entry)?.and_then(|receipt| receipt.block_number);
        match block {
            Some(block) if transaction.to.is_some() && self.estimate(transaction)?.is_ok() => {
                self.settle(&from, entry.nonce, block)?;
                Ok(None)
            }
            _ => Ok(Some(entry)),
        }
    }

    /// Notes in which block an entry lies, whichever of its versions that is.
    fn settle(&mut self, from: &Account, nonce: u64, block: u64) -> Result<(), TransportError> {
        let journal = &mut self.purse(from)?.journal;
        let Some(mut entry) = journal.entries().iter().find(|entry| entry.nonce == nonce).cloned() else {
            return Ok(());
        };
        entry.settled = Some(block);
        journal.keep(entry).map_err(failed)
    }

    /// Brings what the account sent before to its end: what an earlier run or a re-organisation left without a block is sent again.
    pub(crate) fn restore(&mut self, from: &Account) -> Result<(), TransportError> {
        let entries = self.purse(from)?.journal.entries().to_vec();
        if entries.is_empty() {
            return Ok(());
        }
        let count = self.count(from, "latest")?;
        for mut entry in entries {
            if entry.nonce >= count {
                let (nonce, was_settled) = (entry.nonce, entry.settled.take().is_some());
                let receipt = self.follow(from, entry)?;
                // One that nobody has an answer to yet stays open, for who asks for it.
                if was_settled {
                    self.settle(from, nonce, receipt.block_number.unwrap_or_default())?;
                }
            } else if entry.settled.is_none() && self.late_receipt(&entry)?.is_none() {
                self.purse(from)?.journal.forget(entry.nonce).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The number of the account's transactions, as the node counts them.
    fn count(&self, from: &Account, when: &str) -> Result<u64, TransportError> {
        let count: U64 = self.ask("eth_getTransactionCount", json!([from.to_string(), when]))?;
        Ok(count.to())
    }

    fn prepare(&mut self, transaction: &Transaction, intent: String) -> Result<Prepared, TransportError> {
        let from = transaction.from;
        let has = self.wei(&from)?;
        if has < transaction.value {
            return Err(lacking(&from, transaction.value, "to send", has));
        }
        let gas = match self.estimate(transaction)? {
            Ok(gas) => gas,
            Err(refused) => return Ok(Prepared::Refused(refused)),
        };
        let gas_limit = gas.saturating_add(gas / 4).min(self.options.most_gas);
        if gas > gas_limit {
            let reason = format!("it needs {gas} gas, and a transaction is given at most {gas_limit}");
            return Ok(Prepared::Refused(Outcome::Halted(reason)));
        }
        let base = self.base_fee()?;
        let tip = match self.node.request::<U128>("eth_maxPriorityFeePerGas", json!([])) {
            Ok(tip) => tip.to(),
            Err(NodeError::Refused { .. }) => PLAIN_TIP,
            Err(error) => return Err(failed(error)),
        };
        let most = self.options.most_fee;
        let needs = |fees: &Fees| {
            transaction
                .value
                .saturating_add(u128::from(gas_limit).saturating_mul(fees.most))
        };
        let offers = [Fees::patient(base, tip), Fees::thrifty(base, tip)].map(|fees| fees.capped(most));
        let Some(fees) = offers.iter().find(|fees| needs(fees) <= has) else {
            let what = format!(
                "({} of value and {gas_limit} gas at {} each)",
                transaction.value, offers[1].most
            );
            return Err(lacking(&from, needs(&offers[1]), &what, has));
        };
        let pending = self.count(&from, "pending")?;
        let nonce = pending.max(self.purse(&from)?.journal.next_nonce());
        let unsigned = TxEip1559 {
            chain_id: self.chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas: fees.most,
            max_priority_fee_per_gas: fees.tip,
            to: transaction.to.map_or(TxKind::Create, |to| TxKind::Call(address(&to))),
            value: U256::from(transaction.value),
            input: NodeBytes::from(transaction.data.clone()),
            ..TxEip1559::default()
        };
        let Purse { key, journal } = self.purse(&from)?;
        let entry = Entry {
            nonce,
            intent,
            gas_limit,
            versions: vec![version(key.sign(unsigned).map_err(failed)?, *fees)],
            settled: None,
        };
        journal.keep(entry.clone()).map_err(failed)?;
        Ok(Prepared::Signed(entry))
    }

    /// Gas that the transaction takes now, or how a contract refuses it.
    fn estimate(&self, transaction: &Transaction) -> Result<Result<u64, Outcome>, TransportError> {
        match self
            .node
            .request::<U64>("eth_estimateGas", json!([attempt(transaction), "latest"]))
        {
            Ok(gas) => Ok(Ok(gas.to())),
            Err(error) => refusal(error).map(Err),
        }
    }

    /// Gives the newest version to the node. One that it has, or that comes too late, is no error: `follow` sees what became of it.
    fn broadcast(&mut self, from: &Account, entry: &Entry, is_first: bool) -> Result<(), TransportError> {
        let Some(version) = entry.versions.last() else {
            return Ok(());
        };
        let error = match self
            .node
            .request::<Value>("eth_sendRawTransaction", json!([version.raw]))
        {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let NodeError::Refused { message, .. } = &error else {
            return Err(failed(error));
        };
        let message = message.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&["already", "known transaction", "nonce too low", "underpriced"]) {
            return Ok(());
        }
        // One that a node had before may be in another node's pool: it stays in the journal.
        if is_first {
            self.purse(from)?.journal.forget(entry.nonce).map_err(failed)?;
        }
        match says(&["insufficient funds"]) {
            true => Err(TransportError::Funds {
                reason: format!("{from} has {} wei: {message}", self.wei(from)?),
            }),
            false => Err(failed(error)),
        }
    }

    /// Waits until the chain holds one of the entry's versions, with enough blocks on top; sends again what was dropped and
    /// raises the fee of what is stuck.
    fn follow(&mut self, from: &Account, mut entry: Entry) -> Result<TransactionReceipt, TransportError> {
        let (mut since, mut wait) = (Instant::now(), FIRST_LOOK);
        let mut overtaken: Option<Instant> = None;
        loop {
            if let Some(receipt) = self.receipt(&entry)? {
                let block = receipt.block_number.unwrap_or(u64::MAX);
                if self.head()?.id().number >= block.saturating_add(self.confirmations) {
                    return Ok(receipt);
                }
            } else if self.count(from, "latest")? > entry.nonce {
                // A node may count a block's transactions before it has their receipts.
                let first_seen = *overtaken.get_or_insert_with(Instant::now);
                if first_seen.elapsed() >= RECEIPTS_LATE && self.receipt(&entry)?.is_none() {
                    self.purse(from)?.journal.forget(entry.nonce).map_err(failed)?;
                    return Err(failed(format!(
                        "the transaction with nonce {} of {from} was replaced by another one: another program sends with \
                         the same key; this one was not executed, send it again",
                        entry.nonce
                    )));
                }
            } else if since.elapsed() >= self.options.stuck_after {
                entry = self.raise(from, entry)?;
                since = Instant::now();
            } else if !self.knows(&entry)? {
                self.broadcast(from, &entry, false)?;
            }
            sleep(wait);
            wait = (2 * wait).min(self.look_every);
        }
    }

    /// The receipt of an entry whose nonce is counted; a node that is behind with its receipts is waited for.
    fn late_receipt(&self, entry: &Entry) -> Result<Option<TransactionReceipt>, TransportError> {
        let started = Instant::now();
        loop {
            let receipt = self.receipt(entry)?;
            if receipt.is_some() || started.elapsed() >= RECEIPTS_LATE {
                return Ok(receipt);
            }
            sleep(self.look_every);
        }
    }

    /// The receipt of whichever version the chain holds.
    fn receipt(&self, entry: &Entry) -> Result<Option<TransactionReceipt>, TransportError> {
        for version in entry.versions.iter().rev() {
            let receipt: Option<TransactionReceipt> = self.ask("eth_getTransactionReceipt", json!([version.hash]))?;
            if receipt.as_ref().is_some_and(|receipt| receipt.block_number.is_some()) {
                return Ok(receipt);
            }
        }
        Ok(None)
    }

    /// Whether the node has the newest version, in a block or waiting for one.
    fn knows(&self, entry: &Entry) -> Result<bool, TransportError> {
        let hash = entry.versions.last().map(|version| &version.hash);
        Ok(!self.ask::<Value>("eth_getTransactionByHash", json!([hash]))?.is_null())
    }

    /// Replaces what is stuck: the same nonce, a higher fee.
    fn raise(&mut self, from: &Account, entry: Entry) -> Result<Entry, TransportError> {
        let Some(last) = entry.versions.last() else {
            return Ok(entry);
        };
        let offered = Fees {
            most: last.most_fee,
            tip: last.tip,
        };
        let raised = offered.bumped(self.base_fee()?);
        if raised.most > self.options.most_fee {
            return Err(failed(format!(
                "the transaction with nonce {} of {from} waits for a block at {} wei a unit of gas, and at most {} may be \
                 paid; it is kept, run it again when gas is cheaper",
                entry.nonce, offered.most, self.options.most_fee
            )));
        }
        let unsigned = TxEip1559 {
            max_fee_per_gas: raised.most,
            max_priority_fee_per_gas: raised.tip,
            ..unsigned(last)?
        };
        let Purse { key, journal } = self.purse(from)?;
        let mut replaced = entry.clone();
        replaced
            .versions
            .push(version(key.sign(unsigned).map_err(failed)?, raised));
        journal.keep(replaced.clone()).map_err(failed)?;
        match self.broadcast(from, &replaced, false) {
            // The older version is still on its way.
            Err(TransportError::Funds { .. }) => {
                self.purse(from)?.journal.keep(entry.clone()).map_err(failed)?;
                Ok(entry)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(replaced),
        }
    }

    fn base_fee(&self) -> Result<u128, TransportError> {
        let base = self.head()?.base_fee();
        base.ok_or_else(|| failed(format!("{}: the chain has no base fee (EIP-1559)", self.node.url())))
    }

    /// What the block tells of the transaction.
    fn sent(&self, transaction: &Transaction, receipt: &TransactionReceipt) -> Result<Sent, TransportError> {
        let (number, hash) = (
            receipt.block_number.unwrap_or_default(),
            receipt.block_hash.unwrap_or_default(),
        );
        let outcome = match receipt.status() {
            true => Outcome::Returned(Bytes::new()),
            false => self.why(transaction, number)?,
        };
        let block = self.block_by("eth_getBlockByHash", json!(hash.to_string()))?;
        let block = block.ok_or_else(|| failed(format!("block {number} is gone: the chain was re-organised")))?;
        Ok(Sent {
            outcome,
            created: receipt.contract_address.as_ref().map(account),
            gas: receipt.gas_used,
            gas_cost: receipt.effective_gas_price.saturating_mul(u128::from(receipt.gas_used)),
            block: number,
            timestamp: block.time(),
            logs: receipt.inner.logs().iter().filter_map(log).collect(),
        })
    }

    /// Why a transaction failed in this block: it is tried again on the state before.
    fn why(&self, transaction: &Transaction, block: u64) -> Result<Outcome, TransportError> {
        let before = quantity(block.saturating_sub(1));
        match self
            .node
            .request::<Value>("eth_call", json!([attempt(transaction), before]))
        {
            Ok(_) => Ok(Outcome::Halted(
                "it failed in its block, out of gas or on what went before it there".into(),
            )),
            Err(error) => refusal(error),
        }
    }

    /// What became of a transaction that was not sent.
    fn unsent(&self, outcome: Outcome) -> Result<Sent, TransportError> {
        let head = self.head()?;
        Ok(Sent {
            outcome,
            created: None,
            gas: 0,
            gas_cost: 0,
            block: head.id().number,
            timestamp: head.time(),
            logs: Vec::new(),
        })
    }
}

fn version((hash, raw): (opml_commit::Root, Vec<u8>), fees: Fees) -> Version {
    Version {
        hash: hash.to_string(),
        raw: hex(&raw),
        most_fee: fees.most,
        tip: fees.tip,
    }
}

/// The transaction that a version signed.
fn unsigned(version: &Version) -> Result<TxEip1559, TransportError> {
    use alloy::consensus::TxEnvelope;
    use alloy::eips::eip2718::Decodable2718;
    let raw = alloy::hex::decode(&version.raw).map_err(failed)?;
    match TxEnvelope::decode_2718(&mut &raw[..]).map_err(failed)? {
        TxEnvelope::Eip1559(signed) => Ok(signed.strip_signature()),
        _ => Err(failed("the journal holds a transaction of another kind")),
    }
}

/// A node's refusal as a contract's, where it is one.
pub(crate) fn refusal(error: NodeError) -> Result<Outcome, TransportError> {
    let NodeError::Refused { message, data, .. } = &error else {
        return Err(failed(error));
    };
    let words = message.to_lowercase();
    match data {
        Some(data) => Ok(Outcome::Reverted(data.clone())),
        None if words.contains("insufficient funds") => Err(TransportError::Funds {
            reason: message.clone(),
        }),
        None if words.contains("revert") => Ok(Outcome::Reverted(Bytes::new())),
        None if words.contains("gas") || words.contains("opcode") => Ok(Outcome::Halted(message.clone())),
        None => Err(failed(error)),
    }
}

fn lacking(account: &Account, needs: u128, what: &str, has: u128) -> TransportError {
    TransportError::Funds {
        reason: format!("{account} needs {needs} wei {what} and has {has}"),
    }
}
